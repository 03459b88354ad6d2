"""An answer to what a team asks of its project: what was asked about, sentences, and a table."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.errors import TableError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.scanning import scan_table
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import listed

# Columns of a table, by their headings.
Shown = Mapping[str, str | pl.Expr]


class Answer(NamedTuple):
    """An answer: sentences, and all rows.

    A terminal shows the columns `shown`, by their headings, of the first rows, or of `summary` where there is one.
    """

    sentences: Sequence[str]
    rows: pl.DataFrame
    shown: Shown
    summary: pl.DataFrame | None = None


class Asked(NamedTuple):
    """What was asked about: a data folder, and a workflow and a task of it where they are named."""

    folder: DataFolder
    workflow: int | None = None
    task: str | None = None

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table. Raises TableError where it has none of what was asked about."""
        rows = scan_table(table, self.folder.root, self.workflow)
        if self.task is None:
            return rows
        known = rows.select(pl.col("task").unique().sort()).collect().to_series().to_list()
        if self.task not in known:
            has = f"It has {listed(known)}." if known else "It is empty."
            raise TableError(f"The table {table} has no task {self.task}. {has}")
        return rows.filter(task=self.task)


def named(row: Mapping[str, Any]) -> str:
    """A task, for a sentence."""
    parent, option = row.get("parent_task"), row.get("option_label") or row.get("option")
    task = f"{parent}.{row['task']}" if parent else row["task"]
    revision = row.get("task_revision") or ""
    since = f" since {revision.partition('@')[2]}" if revision else ""
    return f"{task}{f' ({without_markup(str(option))})' if option else ''} of workflow {row['workflow_id']}{since}"
