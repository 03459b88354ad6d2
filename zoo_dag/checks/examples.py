"""A few offending rows as a Markdown table, which Dagster's pages show beside the result of a check."""

from typing import Any

import polars as pl

from zoo_dag.wording.markdown import table
from zoo_dag.wording.sentences import quoted


def markdown(rows: pl.DataFrame) -> str:
    """The rows as a Markdown table.

    Cells may be texts of volunteers: they are cut, and put between backticks so that Markdown and HTML in them
    have no effect.
    """
    return table(rows.columns, [[_cell(value) for value in row] for row in rows.iter_rows()])


def _cell(value: Any) -> str:
    return "" if value is None else quoted(value)
