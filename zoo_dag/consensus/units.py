"""Units of consensus: a subject and a task, in one workflow version or pooled, with the counts of volunteers.

Every consensus table starts with the same columns and the same denominators. They are computed here, once, for all
task types and for both scopes.
"""

from typing import NamedTuple

import polars as pl

from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.tables.versions import version_order


class Scope(NamedTuple):
    """The scope of a consensus. `defined` are the columns that identify the definition of a task in it."""

    name: str
    defined: tuple[str, ...]

    @property
    def task(self) -> tuple[str, ...]:
        """The columns that identify a task: one definition is several tasks where several combos hold it."""
        *workflow, task, revision = self.defined
        return (*workflow, "parent_task", task, revision)

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


def units(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """One row for each unit of rows that count, with the denominators that all task types share.

    Adds to the columns of the unit: `subject_id`, `task_label`, `versions: List(String)`, and as Int64
    `n_classifications` (those that reached the task), `n_blank` (of these, left blank), `n_volunteers`,
    `n_anonymous` (of these, by volunteers who were not logged in), `n_after_retirement` (made after the retirement
    of the subject), and `n_answered` (with at least one known answer).
    """
    versions = pl.col("versions").list.eval(pl.element().sort_by(version_order(pl.element())))
    return (
        rows.group_by(scope.unit)
        .agg(
            pl.col("subject_id").first(),
            newest("task_label", scope),
            versions=pl.col("workflow_version").unique(),
            n_classifications=pl.col("classification_id").n_unique().cast(pl.Int64),
            n_blank=classifications_with(pl.col("status") == "blank"),
            n_volunteers=pl.col("user_key").n_unique().cast(pl.Int64),
            n_anonymous=classifications_with(is_anonymous()),
            n_after_retirement=classifications_with(pl.col("after_retirement").fill_null(False)),
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

    Takes `tasks`. Returns the columns of `scope.defined`, `option_path`, `option_id`, `option_label`,
    `option_index` and `option_origin`.
    """
    rows = tasks.filter(option_kind=kind).sort(version_order(), maintain_order=True)
    options = rows.unique([*scope.defined, "option_path"], keep="last", maintain_order=True)
    of_option = ("path", "id", "label", "index", "origin")
    return options.select(*scope.defined, *(f"option_{name}" for name in of_option))
