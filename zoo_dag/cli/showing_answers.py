"""How a terminal shows an answer of `zoo-dag ask`."""

from typing import Any

import polars as pl
from rich import box
from rich.table import Table as RichTable

from zoo_dag.answers.answer import Answer
from zoo_dag.cli.terminal import Terminal
from zoo_dag.cli.whole_tables import print_whole
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import counted

_SHOWN_ROWS, _WIDTH = 20, 40


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
