"""One row for each subject of a workflow: the table that a scientist opens in a spreadsheet."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import cycle

import polars as pl

from zoo_dag.consensus.task_columns import SUBJECT, TaskColumns
from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.settings.results import Agreement
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import version_order


def subject_summary(
    classifications: Iterable[pl.LazyFrame],
    facts: pl.LazyFrame,
    tasks: Sequence[tuple[pl.LazyFrame, TaskColumns]],
    agreement: Agreement,
) -> pl.LazyFrame:
    """Summarise the subjects of one workflow, with the columns of `subject_summary` and those of its tasks.

    Takes what `pooling.with_decisions` returns for the classifications of all versions, in parts of which each
    has all rows of its subjects; what `subject_facts` returns for them, and the pooled consensus of each task type
    with its declared columns. Subjects that nobody classified are not in it. In memory are a row of each subject,
    the classifications of one part, and the consensus of one task type.
    """
    counts = pl.concat([_counts(part).collect() for part in classifications])
    summary = counts.lazy().join(facts, on=SUBJECT, how="left").collect()
    several = _of_several_revisions(consensus for consensus, _ in tasks)
    parts = [part for consensus, columns in tasks for part in _tasks(consensus, several, columns, agreement)]
    for _, part in sorted(parts, key=lambda named: in_order(named[0])):
        # A transcription has text and marks: the columns of the earlier task type stay.
        new = [column for column in part.columns if column not in summary.columns]
        summary = summary.join(part.select(SUBJECT, *new), on=SUBJECT, how="left")
    return TABLES["subject_summary"].conform(summary.sort("subject_id", SUBJECT, nulls_last=True).lazy())


def _counts(classifications: pl.LazyFrame) -> pl.LazyFrame:
    counts, unit = pl.col("excluded").is_null(), ["workflow_id", "subject_id", SUBJECT]
    # Few versions of each subject, many classifications.
    in_versions = classifications.filter(counts).select(*unit, "workflow_version").unique()
    in_order = in_versions.sort(version_order(), "workflow_version")
    versions = in_order.group_by(unit, maintain_order=True).agg(versions="workflow_version")
    # Null where it does not count: Polars streams no filter inside a group. Of a volunteer only equality counts.
    rows = classifications.select(
        *unit,
        counts=counts,
        user=pl.when(counts).then(pl.col("user_key").hash()),
        anonymous=counts & is_anonymous(),
        after_retirement=counts & pl.col("after_retirement"),
        at=pl.when(counts).then("created_at"),
    )
    user, some_left_out = pl.col("user"), ~pl.col("counts").all()
    summed = rows.group_by(unit).agg(
        n_classifications=pl.col("counts").sum().cast(pl.Int64),
        n_excluded=(~pl.col("counts")).sum().cast(pl.Int64),
        n_volunteers=user.n_unique().cast(pl.Int64) - some_left_out.cast(pl.Int64),
        n_anonymous=pl.col("anonymous").sum().cast(pl.Int64),
        n_after_retirement=pl.col("after_retirement").sum().cast(pl.Int64),
        first_at=pl.col("at").min(),
        last_at=pl.col("at").max(),
    )
    joined = summed.join(versions, on=unit, how="left", nulls_equal=True)
    return joined.with_columns(pl.col("versions").fill_null([]))


def _of_several_revisions(consensus: Iterable[pl.LazyFrame]) -> set[str]:
    """The tasks of which there are several revisions, of one type or of several."""
    revisions = pl.concat(rows.select("task", "task_revision").unique() for rows in consensus)
    numbers = revisions.group_by("task").agg(n=pl.col("task_revision").n_unique())
    return set(numbers.filter(pl.col("n") > 1).collect()["task"])


def _tasks(
    consensus: pl.LazyFrame, several: Container[str], columns: TaskColumns, agreement: Agreement
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The name and columns of each task revision, `subject_ids` first; a task of one revision is named by its key.

    A task that several combos hold has columns for each of them, which begin with the key of the combo.
    """
    keys = ["parent_task", "task", "task_revision"]
    wanted = [name for name in consensus.collect_schema() if name in {*keys, SUBJECT, *columns.sources}]
    in_order = consensus.select(wanted).sort("task", "task_revision", "parent_task", maintain_order=True).collect()
    for (parent, task, revision), rows in in_order.group_by(keys, maintain_order=True):
        task_name = str(revision if task in several else task)
        name = task_name if parent is None else f"{parent}.{task_name}"
        yield name, columns.named(rows, name, agreement)


def in_order(name: str) -> list[tuple[int, str]]:
    """Sorts names of tasks with their numbers as numbers: T2, T10, T10@3.9, T10@3.10."""
    words = re.split("0*([0-9]+)", name)
    return [(len(word) if is_number else 0, word) for word, is_number in zip(words, cycle((False, True)))]
