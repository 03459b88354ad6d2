"""How well volunteers agree on each task, with each other and from version to version: `task_agreement`."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import version_order
from zoo_dag.volunteers.agreement import Alpha, alpha_of_counts
from zoo_dag.volunteers.ballots import YES
from zoo_dag.volunteers.cast import VotesByTask, by_question
from zoo_dag.volunteers.drift import compare, false_discovery_rates
from zoo_dag.volunteers.numbering import distinct, numbered
from zoo_dag.volunteers.votes import Floats, sums

_TABLE = TABLES["task_agreement"]
# Of more answers, such as typed texts, the rarest are compared as one: the tables of answers are dense.
_MOST_ANSWERS = 50


def task_agreement(votes: VotesByTask) -> pl.LazyFrame:
    """The table `task_agreement`, from the votes by task."""
    rows: list[dict[str, Any]] = []
    for task, of_task in votes:
        questions, chosen = list(by_question(of_task)), _chosen(of_task)
        # Where several answers may be given, nothing else holds the rows.
        del of_task
        rows += _of_task(task, questions, chosen)
    frame = pl.DataFrame(rows, schema=_TABLE.dtypes)
    known = frame["drift_p"].is_not_null()
    rates = false_discovery_rates(frame["drift_p"].drop_nulls().to_numpy())
    places = (known.cum_sum().cast(pl.Int64) - 1).clip(0)
    discovered = pl.Series(rates, dtype=pl.Float64).gather(places.set(~known, None))
    return frame.with_columns(drift_q=discovered).lazy()


def _chosen(rows: pl.DataFrame) -> pl.DataFrame | None:
    """The chosen answers as votes; None where one answer is allowed."""
    if not rows["of_several"].any():
        return None
    columns = ("subject_ids", "workflow_version", "option", "option_label")
    return rows.filter(pl.col("label") == YES).select(*columns, label="option")


def _of_task(
    task: dict[str, Any],
    questions: Iterable[tuple[str | None, str | None, pl.DataFrame]],
    chosen: pl.DataFrame | None,
) -> Iterator[dict[str, Any]]:
    """A row for each question of the task, and for each of several answers, which are `chosen`.

    Between versions each chosen answer is a vote.
    """
    for option, name, part in questions:
        yield {
            **task,
            "option": option,
            "option_label": name,
            "n_votes": part.height,
            "n_volunteers": part["user_key"].n_unique(),
            **_alpha(_alpha_of(part)),
            **_drift(part if chosen is None else chosen),
        }
        if chosen is not None:
            yield from _of_answers(task, part, chosen)


def _alpha(alpha: Alpha) -> dict[str, Any]:
    return {"n_subjects": alpha.n_units, "alpha": alpha.value, "alpha_low": alpha.low, "alpha_high": alpha.high}


def _alpha_of(rows: pl.DataFrame) -> Alpha:
    # In the order of their texts: sums are in this order, and the order of categories changes from run to run.
    (_, subject), (labels, label) = (numbered(rows.select(name)) for name in ("subject_ids", "label"))
    cells, cell = distinct(subject.astype(np.int64) * labels.height + label)
    return alpha_of_counts(*np.divmod(cells, labels.height), sums(cell, None, len(cells)))


def _of_answers(task: dict[str, Any], votes: pl.DataFrame, chosen: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """A row for each answer: who did not give it said no, also of subjects for which nobody gave it.

    `votes` are all answers of a volunteer together, `chosen` one after the other.
    """
    subjects, subject = numbered(votes.select("subject_ids"))
    n, names = sums(subject, None, subjects.height), pl.col("option", "option_label").cast(pl.String)
    n_volunteers = votes["user_key"].n_unique()
    in_order = subjects.with_row_index("subject")
    placed = chosen.select("subject_ids", "option", "option_label").join(in_order, on="subject_ids")
    counts = placed.group_by("option", "option_label", "subject").agg(said=pl.len())
    for part in counts.sort(names, "subject").partition_by("option", maintain_order=True):
        said = np.zeros(len(n))
        said[part["subject"].to_numpy()] = part["said"].to_numpy()
        unit = np.tile(np.arange(len(n)), 2)
        label, of_answer = np.repeat([0, 1], len(n)), np.concatenate([n - said, said])
        given = of_answer > 0
        option, name = part.select(names).row(0)
        yield {
            **task,
            "option": option,
            "option_label": name,
            "n_votes": votes.height,
            "n_volunteers": n_volunteers,
            **_alpha(alpha_of_counts(unit[given], label[given], of_answer[given])),
        }


def _drift(rows: pl.DataFrame) -> dict[str, Any]:
    """The newest version against the earlier ones, on subjects that have votes of both; nothing without these."""
    known = rows.select("workflow_version").unique().cast(pl.String)
    if known.height < 2:
        return {}
    numbers = known.with_columns(pl.col("workflow_version").cast(pl.Categorical), number=version_order())
    # Few versions of each subject, many votes.
    seen = rows.select("subject_ids", "workflow_version").unique().join(numbers, on="workflow_version")
    number = pl.col("number")
    several = seen.filter(number.min().over("subject_ids") != number.max().over("subject_ids"))
    of_newest = several.filter(number == number.max()).select("subject_ids")
    votes = rows.select("subject_ids", "label", "workflow_version").join(of_newest, on="subject_ids", how="semi")
    both = votes.join(numbers, on="workflow_version").with_columns(is_newest=number == number.max())
    if both.is_empty():
        return {}
    newest, earlier = both.filter("is_newest"), both.filter(~pl.col("is_newest"))
    tables = _tables(newest, earlier)
    difference = compare(*tables)
    if difference is None:
        return {}
    versions = earlier.select("workflow_version", "number").unique().sort("number")["workflow_version"]
    return {
        "newest_version": str(newest["workflow_version"][0]),
        "earlier_versions": versions.cast(pl.String).to_list(),
        "n_subjects_of_both": both["subject_ids"].n_unique(),
        "n_votes_newest": newest.height,
        "n_votes_earlier": earlier.height,
        "drift": difference.distance,
        "drift_p": difference.p_value,
    }


def _tables(*groups: pl.DataFrame) -> list[Floats]:
    """The votes of each group by subject and answer."""
    votes = pl.concat(groups)
    common = (
        votes.group_by("label")
        .agg(n=pl.len())
        .sort("n", pl.col("label").cast(pl.String), descending=[True, False])
    )
    answers = common.with_row_index("answer").select("label", pl.col("answer").clip(0, _MOST_ANSWERS - 1))
    subjects = votes.select("subject_ids").unique()
    subjects = subjects.sort(pl.col("subject_ids").cast(pl.String)).with_row_index("subject")
    tables = []
    for group in groups:
        placed = group.join(subjects, on="subject_ids").join(answers, on="label")
        table = np.zeros((subjects.height, min(answers.height, _MOST_ANSWERS)))
        np.add.at(table, (placed["subject"].to_numpy(), placed["answer"].to_numpy()), 1)
        tables.append(table)
    return tables
