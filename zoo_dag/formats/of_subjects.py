"""The consensus of single subjects, for formats in which a subject has one value of a task.

A task that changed its meaning has several revisions, and a subject that was shown before and after has a
consensus in each of them: the newest one is written. What is about several subjects together is left out, and
said.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from zoo_dag.tables.versions import version_order
from zoo_dag.wording.sentences import counted

_UNIT = ["workflow_id", "parent_task", "task", "subject_ids"]
# A revision is called by its task and the version that it begins with, such as `T0@3.10`.
_BEGINS = r"@([0-9]+(?:\.[0-9]+)?)$"
_ORDER = "revision_order"


def of_subjects(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Those rows of a consensus that are of single subjects, of each subject and task in its newest revision.

    Takes `workflow_id, parent_task, task, task_revision, subject_id, subject_ids` and more; the order of rows
    stays.
    """
    return newest_revisions(rows.filter(pl.col("subject_id").is_not_null()))


def newest_revisions(rows: pl.LazyFrame, unit: Sequence[str] = _UNIT) -> pl.LazyFrame:
    """Those rows that are of the newest `task_revision` of each unit; the order of rows stays."""
    begins = version_order(pl.col("task_revision").str.extract(_BEGINS, 1)).fill_null(-1)
    ordered = rows.with_columns(begins.alias(_ORDER))
    newest = ordered.group_by(unit).agg(pl.col(_ORDER).max())
    kept = ordered.join(newest, on=[*unit, _ORDER], how="semi", nulls_equal=True, maintain_order="left")
    return kept.drop(_ORDER)


def several_subjects(*rows: pl.LazyFrame) -> Iterator[str]:
    """A sentence about what is of several subjects together; takes `subject_id, subject_ids` of the consensus."""
    units = pl.concat(each.filter(pl.col("subject_id").is_null()).select("subject_ids") for each in rows)
    number = units.unique().select(pl.len()).collect().item()
    if number:
        yield f"Left out: {counted(number, 'sets')} of several subjects that were shown together as one."
