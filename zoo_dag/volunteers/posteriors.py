"""From ballots to posteriors and to what they say of the volunteers, task by task."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.settings.volunteers import Method
from zoo_dag.volunteers.ballots import MACHINE, VOTER, plain, with_categories
from zoo_dag.volunteers.calibration import Calibration, calibrate
from zoo_dag.volunteers.methods import METHODS, Weighed, weigh
from zoo_dag.volunteers.numbering import numbered
from zoo_dag.volunteers.skill import SKILL, skills
from zoo_dag.volunteers.votes import UNKNOWN, Floats, Integers, Votes

# Volunteers who were not logged in are one voter: each of them is known by few votes.
ANONYMOUS = "anonymous"
_UNIT = ["subject_ids", "option"]
# Rows of a file that are read together.
_ROWS_AT_ONCE = 50_000
POSTERIOR = {
    "option": pl.String(),
    "label": pl.String(),
    "posterior": pl.Float64(),
    "posterior_calibrated": pl.Float64(),
    "is_gold": pl.Boolean(),
    "method": pl.String(),
    "reason": pl.String(),
}


# A vote: `label` as people read it, and `gold`, the right one of its unit, where that is known.
CAST = {
    "subject_ids": pl.Categorical(),
    "option": pl.Categorical(),
    "user_key": pl.Categorical(),
    "created_at": pl.Datetime("us", "UTC"),
    "classification_id": pl.Int64(),
    "workflow_version": pl.Categorical(),
    "label": pl.Categorical(),
    "gold": pl.Categorical(),
}


class Weighing(NamedTuple):
    """Posteriors, skills, and a record for each task of how they were computed.

    `posteriors` have the columns of the task, `subject_ids` and POSTERIOR: a row for each label that somebody
    voted for, and for the likeliest one. `skills` have the columns of the task, `user_key` and SKILL. `votes` are
    those of each task, in the order of the records and of time, with the columns CAST, whose texts are categories;
    machines have none.
    """

    posteriors: pl.DataFrame
    skills: pl.DataFrame
    records: Sequence[dict[str, Any]]
    votes: Sequence[pl.LazyFrame] = ()


def weigh_ballots(
    parts: Iterable[pl.LazyFrame],
    task: Sequence[str],
    methods: Callable[[Mapping[str, Any]], Method],
    staging: Path | None = None,
) -> Weighing:
    """Weigh the ballots of several tasks, each by its method.

    Takes the ballots in one part or several, each with all ballots on its units. `task` are the columns that
    identify a task, and `methods` says the method of one. With a folder `staging`, which is made, the ballots of
    one part, and then those of one task, are in memory at a time, and `votes` are read from the folder.
    """
    if staging:
        staging.mkdir()
    by_task, keys = _by_task(parts, task, staging)
    posteriors, people = [], []
    cast: list[pl.LazyFrame] = []
    records: list[dict[str, Any]] = []
    for key, of_parts in sorted(by_task.items(), key=lambda each: str(each[0])):
        of_task = dict(zip(task, key, strict=True))
        weighed = _weigh_task(pl.concat(of_parts), methods(of_task), staging, f"votes-{len(records)}")
        constants = [pl.lit(value, keys[name]).alias(name) for name, value in of_task.items()]
        posteriors.append(weighed.posteriors.select(*constants, "subject_ids", *POSTERIOR))
        people.append(weighed.skills.select(*constants, "user_key", *SKILL))
        cast += weighed.votes
        records.append({**of_task, **weighed.records[0]})
    empty = pl.DataFrame(schema={**keys, "subject_ids": pl.String(), **POSTERIOR})
    nobody = pl.DataFrame(schema={**keys, "user_key": pl.String(), **SKILL})
    return Weighing(pl.concat([empty, *posteriors]), pl.concat([nobody, *people]), records, cast)


def _by_task(
    parts: Iterable[pl.LazyFrame], task: Sequence[str], staging: Path | None
) -> tuple[dict[tuple[Any, ...], list[pl.LazyFrame]], dict[str, pl.DataType]]:
    """The ballots of each task, in as many parts as have any, and the types of the columns that identify a task.

    Nothing else holds the rows of the last part, while votes are weighed.
    """
    by_task: dict[tuple[Any, ...], list[pl.LazyFrame]] = {}
    keys: dict[str, pl.DataType] = {}
    for number, part in enumerate(parts):
        ballots = _complete(part)
        schema = ballots.collect_schema()
        keys = {name: pl.String() if schema[name] == pl.Categorical() else schema[name] for name in task}
        narrow = with_categories(ballots.select(*task, *_UNIT, "group", "label", *VOTER, "weight"))
        rows = narrow.collect(engine="streaming")
        of_tasks = rows.partition_by(*task, as_dict=True, include_key=False)
        for place, (key, of_key) in enumerate(of_tasks.items()):
            by_task.setdefault(key, []).append(_kept(of_key, staging, f"ballots-{number}-{place}"))
    return by_task, keys


def _complete(ballots: pl.LazyFrame) -> pl.LazyFrame:
    """Ballots with the columns that they need not have."""
    optional = {
        "group": pl.col("option"),
        "weight": pl.lit(None, pl.Float64),
        "workflow_version": pl.lit(None, pl.String),
    }
    present = ballots.collect_schema()
    return ballots.with_columns(expr.alias(name) for name, expr in optional.items() if name not in present)


def _kept(rows: pl.DataFrame, staging: Path | None, name: str) -> pl.LazyFrame:
    """The rows, read from a file where there is a folder for it.

    Only this process can read the file: it has the numbers of categories, since writing their texts takes longer
    than all the rest.
    """
    if not staging:
        return rows.lazy()
    path = staging / f"{name}.arrow"
    numbers = rows.with_columns(cs.categorical().to_physical())
    numbers.write_ipc(path, compression="lz4", record_batch_size=_ROWS_AT_ONCE)
    as_before = (pl.col(name).cat.to(dtype) for name, dtype in rows.schema.items() if dtype == pl.Categorical())
    # The empty frame keeps the categories alive.
    return pl.concat([rows.clear().lazy(), pl.scan_ipc(path, glob=False).with_columns(as_before)])


class Coded(NamedTuple):
    """The ballots of a task as votes, what their numbers stand for, and the time of each vote."""

    votes: Votes
    units: pl.DataFrame
    people: pl.Series
    labels: pl.Series
    times: pl.Series


def _weigh_task(ballots: pl.LazyFrame, method: Method, staging: Path | None, name: str) -> Weighing:
    coded, rows = _coded(ballots.collect())
    cast = _kept(rows, staging, name)
    # They may be as large as all that is computed from them.
    del rows
    votes = coded.votes
    weighed = weigh(votes, method)
    posterior = weighed.fit.posterior
    calibration = calibrate(votes, lambda part: METHODS[weighed.method](part).posterior)
    calibrated = None if calibration is None else votes.clamped(calibration.apply(posterior))
    return Weighing(
        _rows(coded, weighed, calibrated),
        skills(votes, posterior, coded.people, coded.labels, is_known=weighed.reason is None),
        [_record(votes, weighed, calibration)],
        [cast],
    )


def code(rows: pl.DataFrame) -> Coded:
    """The ballots of a task as votes.

    Numbers for units, volunteers and labels are in the order of their texts; votes in the order of time. Takes
    ballots whose texts are categories.
    """
    return _coded(rows)[0]


def _coded(rows: pl.DataFrame) -> tuple[Coded, pl.DataFrame]:
    """What `code` returns, and the votes as rows (CAST)."""
    units, unit = numbered(rows.select(*_UNIT, "group"))
    labels, label = numbered(rows.select("label"))
    groups, group = numbered(units.select("group"))
    has_machine = rows["weight"].null_count() < rows.height
    rows = rows.select(*VOTER, *(["weight"] if has_machine else []), unit=pl.Series(unit), label=pl.Series(label))
    # The order of the votes is that of sums, which it changes in the last bits.
    rows = rows.sort("created_at", "classification_id", "unit", "label")
    gold = _gold(rows.filter("gold"), units.height)
    cast = rows.filter(~pl.col("gold")) if rows["gold"].any() else rows
    # Machines are the last voters.
    people, volunteer = _voters(cast["user_key"])
    votes = Votes(
        unit=cast["unit"].to_numpy(),
        volunteer=volunteer,
        label=cast["label"].to_numpy(),
        n_units=units.height,
        n_volunteers=people.height,
        n_labels=labels.height,
        group=group if groups.height > 1 else None,
        gold=gold,
        weight=cast["weight"].fill_null(1.0).to_numpy() if has_machine else None,
        n_people=int((~people["is_machine"]).sum()) if has_machine else None,
    )
    coded = Coded(
        votes,
        units.with_columns(pl.col(_UNIT).cast(pl.String)),
        people["voter"],
        labels["label"].cast(pl.String),
        cast["created_at"],
    )
    as_rows = _cast(votes, cast, units, labels["label"])
    return coded, as_rows.filter(cast["weight"].is_null()) if has_machine else as_rows


def _cast(votes: Votes, cast: pl.DataFrame, units: pl.DataFrame, labels: pl.Series) -> pl.DataFrame:
    """The votes as rows: CAST. `labels` are those of the numbers of `votes`."""
    labels = labels.cast(pl.String).to_frame().select(plain(pl.col("label"))).to_series().cast(pl.Categorical)
    gold: pl.Expr | pl.Series = pl.lit(None, pl.Categorical())
    if votes.gold is not None and votes.is_gold.any():
        gold = labels.gather(pl.Series(votes.gold[votes.unit], dtype=pl.Int32).replace(UNKNOWN, None))
    return cast.select(
        *(units[name].gather(cast["unit"]) for name in _UNIT),
        "user_key",
        "created_at",
        "classification_id",
        "workflow_version",
        label=labels.gather(cast["label"]),
        gold=gold,
    )


def _voters(user_keys: pl.Series) -> tuple[pl.DataFrame, Integers]:
    """The `voter`s (volunteers, ANONYMOUS and MACHINE) with `is_machine`, and by vote the number of its own."""
    is_machine = pl.col("user_key") == MACHINE
    voter = pl.when(is_anonymous() & ~is_machine).then(pl.lit(ANONYMOUS)).otherwise("user_key")
    keys, key = numbered(user_keys.to_frame())
    voters = keys.cast(pl.String).select(is_machine=is_machine, voter=voter)
    people = voters.unique().sort("is_machine", "voter").with_row_index("number")
    number = voters.join(people, on=["is_machine", "voter"], maintain_order="left")["number"]
    return people.drop("number"), number.to_numpy()[key]


def _gold(rows: pl.DataFrame, n_units: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    """The right label of each unit; UNKNOWN where no expert said one, or several different ones."""
    gold = np.full(n_units, UNKNOWN, np.int32)
    agreed = rows.group_by("unit").agg(pl.col("label").unique()).filter(pl.col("label").list.len() == 1)
    gold[agreed["unit"].to_numpy()] = agreed["label"].list.first().to_numpy()
    return gold


def _rows(coded: Coded, weighed: Weighed, calibrated: Floats | None) -> pl.DataFrame:
    """A row for each label of a unit that somebody voted for, or that is the likeliest."""
    votes, posterior = coded.votes, weighed.fit.posterior
    likeliest = posterior == posterior.max(axis=1, keepdims=True)
    unit, label = np.nonzero((votes.of_people.counts > 0) | likeliest)
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
        "votes": len(votes.of_people.unit),
        "volunteers": int(votes.is_person.sum()),
        **({} if votes.n_people is None else {"votes of a machine": len(votes.unit) - len(votes.of_people.unit)}),
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
