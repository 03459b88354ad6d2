"""A few offenders as a table in Markdown, which Dagster's pages show beside the result of a check."""

from typing import Any

import polars as pl

from zoo_dag.wording.markdown import table
from zoo_dag.wording.sentences import quoted


def markdown(rows: pl.DataFrame) -> str:
    """The first rows as a Markdown table that is shown at once.

    Cells may be texts of volunteers: they are cut, and between backticks no Markdown or HTML in them acts.
    """
    return table(rows.columns, [[_cell(value) for value in row] for row in rows.iter_rows()])


def _cell(value: Any) -> str:
    return "" if value is None else quoted(value)
