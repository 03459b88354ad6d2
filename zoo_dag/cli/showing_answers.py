"""An answer of `zoo-dag ask`: what was asked about, sentences, a table, and how a terminal shows them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from rich import box
from rich.table import Table as RichTable

from zoo_dag.cli.terminal import Terminal
from zoo_dag.cli.whole_tables import print_whole
from zoo_dag.errors import TableError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.scanning import scan_table
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import counted, listed

_SHOWN_ROWS, _WIDTH = 20, 40


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


def show(answer: Answer, console: Terminal) -> None:
    """Print an answer for people: the sentences, and the first rows."""
    for sentence in answer.sentences:
        console.say(sentence)
    rows = answer.rows if answer.summary is None else answer.summary
    if rows.is_empty():
        return
    first = rows.head(_SHOWN_ROWS).select(
        (pl.col(shown) if isinstance(shown, str) else shown).alias(heading)
        for heading, shown in answer.shown.items()
    )
    table = RichTable(box=box.SIMPLE_HEAD)
    for name, dtype in first.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left")
    for row in first.iter_rows():
        table.add_row(*map(_cell, row))
    print_whole(table, console)
    if answer.rows.height > first.height:
        console.say(f"{first.height} of {counted(answer.rows.height, 'rows')}; --to FILE writes all.")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, int):
        return str(value)
    text = "" if value is None else without_markup(str(value))
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def named(row: Mapping[str, Any]) -> str:
    """A task, for a sentence."""
    parent, option = row.get("parent_task"), row.get("option_label") or row.get("option")
    task = f"{parent}.{row['task']}" if parent else row["task"]
    revision = row.get("task_revision") or ""
    since = f" since {revision.partition('@')[2]}" if revision else ""
    return f"{task}{f' ({without_markup(str(option))})' if option else ''} of workflow {row['workflow_id']}{since}"
