"""One row for each subject of a workflow: the table that a scientist opens in a spreadsheet."""

from collections.abc import Iterable, Iterator

import polars as pl

from zoo_dag.consensus.task_columns import SUBJECT, TaskColumns
from zoo_dag.settings.results import Agreement
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import version_order


def subject_summary(
    classifications: pl.LazyFrame,
    decided: pl.DataFrame,
    facts: pl.LazyFrame,
    tasks: Iterable[tuple[pl.LazyFrame, TaskColumns]],
    agreement: Agreement,
) -> pl.LazyFrame:
    """Summarise the subjects of one workflow, with the columns of `subject_summary` and those of its tasks.

    Takes `classifications` of all versions, what `pooling.decide` and `subject_facts` return for them, and the
    pooled consensus of each task type with its declared columns. Subjects that nobody classified are not in it.
    """
    summary = _counts(classifications, decided).join(facts, on=SUBJECT, how="left").collect()
    for consensus, columns in tasks:
        for part in _tasks(consensus.collect(), columns, agreement):
            # A transcription has text and marks: the columns of the earlier task type stay.
            new = [column for column in part.columns if column not in summary.columns]
            summary = summary.join(part.select(SUBJECT, *new), on=SUBJECT, how="left")
    return TABLES["subject_summary"].conform(summary.sort("subject_id", SUBJECT, nulls_last=True).lazy())


def _counts(classifications: pl.LazyFrame, decided: pl.DataFrame) -> pl.LazyFrame:
    counts = pl.col("excluded").is_null()
    versions = pl.struct(version_order().alias("order"), "workflow_version").filter(counts).unique().sort()
    rows = classifications.drop("excluded").join(decided.lazy(), on="classification_id", how="left")
    return rows.group_by("workflow_id", "subject_id", SUBJECT).agg(
        versions=versions.struct.field("workflow_version").implode(),
        n_classifications=counts.sum().cast(pl.Int64),
        n_excluded=(~counts).sum().cast(pl.Int64),
        n_volunteers=pl.col("user_key").filter(counts).n_unique().cast(pl.Int64),
        first_at=pl.col("created_at").filter(counts).min(),
        last_at=pl.col("created_at").filter(counts).max(),
    )


def _tasks(consensus: pl.DataFrame, columns: TaskColumns, agreement: Agreement) -> Iterator[pl.DataFrame]:
    """The columns of each task revision, `subject_ids` first; a task of one revision is named by its key."""
    revisions = consensus.group_by("task").agg(pl.col("task_revision").n_unique().alias("n"))
    several = set(revisions.filter(pl.col("n") > 1)["task"])
    for (task, revision), rows in consensus.sort("task", "task_revision").group_by(
        "task", "task_revision", maintain_order=True
    ):
        yield columns.named(rows, str(revision if task in several else task), agreement)
