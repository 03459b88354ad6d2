"""From ballots to posteriors and to what they say of the volunteers, task by task."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.settings.volunteers import Method
from zoo_dag.volunteers.calibration import Calibration, calibrate
from zoo_dag.volunteers.methods import METHODS, Weighed, weigh
from zoo_dag.volunteers.skill import SKILL, skills
from zoo_dag.volunteers.votes import UNKNOWN, Floats, Votes

# Volunteers who were not logged in are one voter: each of them is known by few votes.
ANONYMOUS = "anonymous"
_UNIT = ["subject_ids", "option"]
POSTERIOR = {
    "option": pl.String(),
    "label": pl.String(),
    "posterior": pl.Float64(),
    "posterior_calibrated": pl.Float64(),
    "is_gold": pl.Boolean(),
    "method": pl.String(),
    "reason": pl.String(),
}


class Weighing(NamedTuple):
    """Posteriors, skills, and a record for each task of how they were computed.

    `posteriors` have the columns of the task, `subject_ids` and POSTERIOR: a row for each label that somebody
    voted for. `skills` have the columns of the task, `user_key` and SKILL.
    """

    posteriors: pl.DataFrame
    skills: pl.DataFrame
    records: Sequence[dict[str, Any]]


def weigh_ballots(
    ballots: pl.LazyFrame, task: Sequence[str], methods: Callable[[Mapping[str, Any]], Method]
) -> Weighing:
    """Weigh the ballots of several tasks, each by its method.

    `task` are the columns that identify a task, and `methods` says the method of one.
    """
    posteriors, people, records = [], [], []
    narrow = ballots.select(
        *task, *_UNIT, "label", "user_key", "created_at", "classification_id", "gold"
    ).collect()
    for key, rows in sorted(narrow.partition_by(*task, as_dict=True).items(), key=str):
        of_task = dict(zip(task, key, strict=True))
        weighed = _weigh_task(rows, methods(of_task))
        constants = [pl.lit(value, narrow.schema[name]).alias(name) for name, value in of_task.items()]
        posteriors.append(weighed.posteriors.select(*constants, "subject_ids", *POSTERIOR))
        people.append(weighed.skills.select(*constants, "user_key", *SKILL))
        records.append({**of_task, **weighed.records[0]})
    keys = {name: narrow.schema[name] for name in task}
    empty = pl.DataFrame(schema={**keys, "subject_ids": pl.String(), **POSTERIOR})
    nobody = pl.DataFrame(schema={**keys, "user_key": pl.String(), **SKILL})
    return Weighing(pl.concat([empty, *posteriors]), pl.concat([nobody, *people]), records)


class _Coded(NamedTuple):
    """The ballots of a task as votes, and what their numbers stand for."""

    votes: Votes
    units: pl.DataFrame
    people: pl.Series
    labels: pl.Series


def _weigh_task(rows: pl.DataFrame, method: Method) -> Weighing:
    coded = _code(rows)
    votes = coded.votes
    weighed = weigh(votes, method)
    posterior = weighed.fit.posterior
    calibration = calibrate(votes, lambda part: METHODS[weighed.method](part).posterior)
    calibrated = None if calibration is None else votes.clamped(calibration.apply(posterior))
    return Weighing(
        _rows(coded, weighed, calibrated),
        skills(votes, posterior, coded.people, coded.labels, is_known=weighed.reason is None),
        [_record(votes, weighed, calibration)],
    )


def _code(rows: pl.DataFrame) -> _Coded:
    """Numbers for units, volunteers and labels, in the order of their texts; votes in the order of time."""
    voter = pl.when(is_anonymous()).then(pl.lit(ANONYMOUS)).otherwise("user_key").alias("user_key")
    units = rows.select(_UNIT).unique().sort(_UNIT).with_row_index("unit")
    in_order = rows.sort("created_at", "classification_id", *_UNIT, "label").join(
        units, on=_UNIT, nulls_equal=True, maintain_order="left"
    )
    cast = in_order.filter(~pl.col("gold")).with_columns(voter)
    people, labels = cast["user_key"].unique().sort(), in_order["label"].unique().sort()
    options = units["option"].unique().sort()
    return _Coded(
        Votes(
            unit=_numbers(cast["unit"]),
            volunteer=_numbers(_places(people, cast["user_key"])),
            label=_numbers(_places(labels, cast["label"])),
            n_units=units.height,
            n_volunteers=len(people),
            n_labels=len(labels),
            group=_numbers(_places(options, units["option"])),
            gold=_gold(in_order.filter("gold"), units.height, labels),
        ),
        units,
        people,
        labels,
    )


def _places(known: pl.Series, values: pl.Series) -> pl.Series:
    """The place of each value among the known ones, which are sorted; 0 for null."""
    return known.drop_nulls().search_sorted(values).fill_null(0)


def _numbers(values: pl.Series) -> np.ndarray[Any, np.dtype[np.int32]]:
    return values.cast(pl.Int32).to_numpy()


def _gold(rows: pl.DataFrame, n_units: int, labels: pl.Series) -> np.ndarray[Any, np.dtype[np.int32]]:
    """The right label of each unit; UNKNOWN where no expert said one, or several different ones."""
    gold = np.full(n_units, UNKNOWN, np.int32)
    agreed = rows.group_by("unit").agg(pl.col("label").unique()).filter(pl.col("label").list.len() == 1)
    gold[_numbers(agreed["unit"])] = _numbers(_places(labels, agreed["label"].list.first()))
    return gold


def _rows(coded: _Coded, weighed: Weighed, calibrated: Floats | None) -> pl.DataFrame:
    """A row for each label of a unit that somebody voted for, or that is right."""
    votes, posterior = coded.votes, weighed.fit.posterior
    unit, label = np.nonzero((votes.counts > 0) | (posterior == 1))
    of_units, none = coded.units[unit].select(_UNIT), pl.lit(None, pl.Float64)
    return of_units.with_columns(
        label=coded.labels.gather(label),
        posterior=pl.Series(posterior[unit, label]),
        posterior_calibrated=none if calibrated is None else pl.Series(calibrated[unit, label]),
        is_gold=pl.Series(votes.is_gold[unit]),
        method=pl.lit(weighed.method),
        reason=pl.lit(weighed.reason, pl.String),
    )


def _record(votes: Votes, weighed: Weighed, calibration: Calibration | None) -> dict[str, Any]:
    """How a task was weighed, for the metadata of its tables."""
    fit = weighed.fit
    record: dict[str, Any] = {
        "method": weighed.method,
        "reason": weighed.reason,
        "votes": len(votes.unit),
        "volunteers": votes.n_volunteers,
        "iterations": fit.iterations,
        "converged": fit.converged,
        "gold": int(votes.is_gold.sum()),
    }
    if calibration is None:
        return {**record, "calibration": "none: too little gold"}
    return {
        **record,
        "temperature": round(calibration.temperature, 6),
        "calibration error": [round(calibration.error_before, 6), round(calibration.error_after, 6)],
        "log loss": [round(calibration.log_loss_before, 6), round(calibration.log_loss_after, 6)],
    }
