"""Units of consensus: a subject and a task, in one workflow version or pooled over versions; and who saw them.

Every consensus table starts with the same columns and the same denominators. They are made here, once, for all
task types and for both scopes.
"""

from typing import NamedTuple

import polars as pl

from zoo_dag.settings.results import DEFAULTS

_CLASSIFICATION = pl.col("classification_id")


class Scope(NamedTuple):
    """What a consensus is made over. `task` are the columns that tell the tasks of a scope apart."""

    name: str
    task: tuple[str, ...]

    @property
    def unit(self) -> list[str]:
        """The columns that tell units apart."""
        return [*self.task, "subject_ids"]

    def table(self, name: str) -> str:
        """The table of this scope that is the twin of a consensus table of one version."""
        return name if self is VERSION else f"pooled_{name}"


# One workflow version: tasks as they were then.
VERSION = Scope("version", ("workflow_id", "workflow_version", "task", "task_revision"))
# All versions of a workflow: a task revision is one task.
POOLED = Scope("pooled", ("workflow_id", "task", "task_revision"))


def counted(
    annotations: pl.LazyFrame, of_repeated_task: str = DEFAULTS.consensus.of_repeated_task
) -> pl.LazyFrame:
    """The rows of a flattened table that count: not excluded, and of a task that occurs twice only one element.

    `of_repeated_task` says which element of a classification counts, the first or the last.
    """
    rows = annotations.filter(pl.col("excluded").is_null())
    place = pl.col("annotation_index")
    chosen = place.max() if of_repeated_task == "last" else place.min()
    return rows.filter(place == chosen.over("classification_id", "task"))


def units(counted_rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """One row for each unit of `counted` rows, with the denominators that all task types share.

    Adds to the columns of the unit: `subject_id`, `task_label`, `versions: List(String)`, and as Int64
    `n_classifications` (those that reached the task), `n_blank` (of these, left blank), `n_volunteers`, and
    `n_answered` (of these, with at least one known answer).
    """
    blank, answered = pl.col("status") == "blank", pl.col("status") == "answered"
    return counted_rows.group_by(scope.unit).agg(
        pl.col("subject_id").first(),
        newest("task_label", scope),
        versions_given(),
        n_classifications=_CLASSIFICATION.n_unique().cast(pl.Int64),
        n_blank=_CLASSIFICATION.filter(blank).n_unique().cast(pl.Int64),
        n_volunteers=pl.col("user_key").n_unique().cast(pl.Int64),
        n_answered=_CLASSIFICATION.filter(answered).n_unique().cast(pl.Int64),
    )


def version_order() -> pl.Expr:
    """A number that sorts the text column `workflow_version` as two integers."""
    parts = pl.col("workflow_version").str.split(".").list
    return parts.get(0).cast(pl.Int64) * 10**9 + parts.get(1, null_on_oob=True).cast(pl.Int64).fill_null(0)


def versions_given() -> pl.Expr:
    """An aggregation: the workflow versions of the rows, in order, as the column `versions`."""
    distinct = pl.struct(version_order().alias("order"), "workflow_version").unique().sort()
    return distinct.struct.field("workflow_version").implode().alias("versions")


def newest(name: str, scope: Scope) -> pl.Expr:
    """An aggregation: the value of a text column in the newest version that has one.

    A revision that ended under another label has the label of its newest version.
    """
    text, given = pl.col(name), pl.col(name).is_not_null()
    if scope is VERSION:
        return text.max()
    return text.filter(given).sort_by(version_order().filter(given), text.filter(given)).last()
