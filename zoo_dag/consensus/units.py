"""Units of consensus: a subject and a task, in one workflow version or pooled, with the counts of volunteers.

Every consensus table starts with the same columns and the same denominators. They are computed here, once, for all
task types and for both scopes.
"""

from typing import NamedTuple

import polars as pl

from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.tables.versions import version_order

# The digits of the largest number.
_DIGITS = 19


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
    status, version = pl.col("status"), pl.col("workflow_version")
    of_version = list(dict.fromkeys([*scope.unit, "workflow_version"]))
    coded = rows.select(
        *of_version,
        "subject_id",
        "task_label",
        "classification_id",
        pl.col("after_retirement").fill_null(False),
        hash_of_unit(scope),
        # Only equality counts.
        user=pl.col("user_key").hash(),
        anonymous=is_anonymous(),
        blank=status == "blank",
        answered=status == "answered",
    )
    # A classification is of one volunteer; Polars groups by a column in less time than it takes the first value.
    each = coded.group_by("unit", "classification_id", "user").agg(
        pl.col("anonymous", "after_retirement", "blank", "answered").any()
    )
    counts = each.group_by("unit").agg(
        n_classifications=pl.len().cast(pl.Int64),
        n_volunteers=pl.col("user").n_unique().cast(pl.Int64),
        n_blank=pl.col("blank").sum().cast(pl.Int64),
        n_anonymous=pl.col("anonymous").sum().cast(pl.Int64),
        n_after_retirement=pl.col("after_retirement").sum().cast(pl.Int64),
        n_answered=pl.col("answered").sum().cast(pl.Int64),
    )
    named = coded.group_by("unit", *of_version).agg(pl.col("subject_id").first(), pl.col("task_label").max())
    if scope is VERSION:
        named = named.with_columns(versions=pl.concat_list(version))
    else:
        named = named.group_by("unit", *scope.unit).agg(
            pl.col("subject_id").first(),
            newest("task_label", scope),
            versions=version.sort_by(version_order()),
        )
    return named.join(counts, on="unit").drop("unit")


def hash_of_unit(scope: Scope) -> pl.Expr:
    """The unit of a row as one number, `unit`: where only equality counts, several texts take much longer."""
    return pl.struct(scope.unit).hash().alias("unit")


def hash_of_definition(scope: Scope) -> pl.Expr:
    """The definition of a task as one number, `definition`, in the same way."""
    return pl.struct(scope.defined).hash().alias("definition")


def classifications_with(which: pl.Expr) -> pl.Expr:
    """An aggregation: the number of different classifications that have such a row."""
    # Null for all others. The number of a filtered column would be the same, but Polars does not stream it.
    ids = pl.when(which).then("classification_id")
    return ids.n_unique().cast(pl.Int64) - (ids.null_count() > 0).cast(pl.Int64)


def newest(name: str, scope: Scope, order: pl.Expr | None = None) -> pl.Expr:
    """An aggregation: the value of a text column in the newest version that has one.

    A revision that ended under another label has the label of its newest version. `order` is `version_text` where
    that is known already.
    """
    text = pl.col(name)
    if scope is VERSION:
        return text.max()
    # The maximum of (version number, text): Polars streams it, but not a sort inside a group.
    return ((version_text() if order is None else order) + text).max().str.slice(_DIGITS).alias(name)


def version_text() -> pl.Expr:
    """A text that sorts versions, all as long."""
    return version_order().cast(pl.String).str.zfill(_DIGITS)


def offered(tasks: pl.LazyFrame, scope: Scope, kind: str) -> pl.LazyFrame:
    """The options of one kind that a workflow offers; in a pool of versions each as its newest version has it.

    Takes `tasks`. Returns the columns of `scope.defined`, `option_path`, `option_id`, `option_label`,
    `option_index` and `option_origin`.
    """
    rows = tasks.filter(option_kind=kind).sort(version_order(), maintain_order=True)
    options = rows.unique([*scope.defined, "option_path"], keep="last", maintain_order=True)
    of_option = ("path", "id", "label", "index", "origin")
    return options.select(*scope.defined, *(f"option_{name}" for name in of_option))
