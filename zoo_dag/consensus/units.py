"""Units of consensus: a subject and a task, in one workflow version or pooled, with the counts of volunteers.

Every consensus table starts with the same columns and the same denominators. They are computed here, once, for all
task types and for both scopes.
"""

from typing import NamedTuple

import polars as pl

from zoo_dag.settings.loading import Settings
from zoo_dag.tables.versions import version_order


class Scope(NamedTuple):
    """The scope of a consensus. `task` are the columns that identify a task in it."""

    name: str
    task: tuple[str, ...]

    @property
    def unit(self) -> list[str]:
        """The columns that identify a unit."""
        return [*self.task, "subject_ids"]

    def table(self, name: str) -> str:
        """The table of this scope that is the twin of a consensus table of one version."""
        return name if self is VERSION else f"pooled_{name}"


# One workflow version: tasks as they are in it.
VERSION = Scope("version", ("workflow_id", "workflow_version", "task", "task_revision"))
# All versions of a workflow: a task revision is one task.
POOLED = Scope("pooled", ("workflow_id", "task", "task_revision"))


def counted(annotations: pl.LazyFrame, settings: Settings) -> pl.LazyFrame:
    """The rows of a flattened table that count: not excluded, and one element of each task in a classification.

    Where a task occurs twice in a classification, the setting `of_repeated_task` says which element counts.
    """
    rows = annotations.filter(pl.col("excluded").is_null())
    task, place = ["classification_id", "task"], pl.col("annotation_index")
    # Few workflows repeat a task, and choosing one element takes a window over all rows.
    several = rows.group_by(task).agg(several=place.min() != place.max())
    if not several.select(pl.col("several").any()).collect().item():
        return rows
    chosen = place.max() if settings.consensus.of_repeated_task == "last" else place.min()
    return rows.filter(place == chosen.over(task))


def units(counted_rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """One row for each unit of `counted` rows, with the denominators that all task types share.

    Adds to the columns of the unit: `subject_id`, `task_label`, `versions: List(String)`, and as Int64
    `n_classifications` (those that reached the task), `n_blank` (of these, left blank), `n_volunteers`, and
    `n_answered` (of these, with at least one known answer).
    """
    versions = pl.col("versions").list.eval(pl.element().sort_by(version_order(pl.element())))
    return (
        counted_rows.group_by(scope.unit)
        .agg(
            pl.col("subject_id").first(),
            newest("task_label", scope),
            versions=pl.col("workflow_version").unique(),
            n_classifications=pl.col("classification_id").n_unique().cast(pl.Int64),
            n_blank=classifications_with(pl.col("status") == "blank"),
            n_volunteers=pl.col("user_key").n_unique().cast(pl.Int64),
            n_answered=classifications_with(pl.col("status") == "answered"),
        )
        .with_columns(versions)
    )


def classifications_with(which: pl.Expr) -> pl.Expr:
    """An aggregation: the number of different classifications that have such a row."""
    # Null for all others. The number of a filtered column would be the same, but Polars does not stream it.
    ids = pl.when(which).then("classification_id")
    return ids.n_unique().cast(pl.Int64) - (ids.null_count() > 0).cast(pl.Int64)


def newest(name: str, scope: Scope) -> pl.Expr:
    """An aggregation: the value of a text column in the newest version that has one.

    A revision that ended under another label has the label of its newest version.
    """
    text = pl.col(name)
    if scope is VERSION:
        return text.max()
    # The maximum of (version number, text): Polars streams it, but not a sort inside a group.
    digits = 19
    return (version_order().cast(pl.String).str.zfill(digits) + text).max().str.slice(digits).alias(name)


def offered(tasks: pl.LazyFrame, scope: Scope, kind: str) -> pl.LazyFrame:
    """The options of one kind that a workflow offers; in a pool of versions each as its newest version has it.

    Takes `tasks`. Returns the columns of `scope.task`, `option_path`, `option_id`, `option_label` and
    `option_index`.
    """
    rows = tasks.filter(option_kind=kind).sort(version_order(), maintain_order=True)
    options = rows.unique([*scope.task, "option_path"], keep="last", maintain_order=True)
    return options.select(*scope.task, "option_path", "option_id", "option_label", "option_index")
