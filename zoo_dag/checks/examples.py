"""A few offenders as a table in Markdown, which Dagster's pages show beside the result of a check."""

from typing import Any

import polars as pl

from zoo_dag.checks.wording import quoted

# Dagster shows Markdown of less than 1,000 characters at once, and more only after a click.
_INLINE = 1000


def markdown(rows: pl.DataFrame) -> str:
    """The first rows as a Markdown table of less than 1,000 characters.

    Cells may be texts of volunteers: they are cut, and between backticks no Markdown or HTML in them acts.
    """
    text = ""
    for count in range(rows.height, 0, -1):
        cells = [[_cell(value) for value in row] for row in rows.head(count).iter_rows()]
        lines = [rows.columns, ["---"] * rows.width, *cells]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        if len(text) < _INLINE:
            break
    return text


def _cell(value: Any) -> str:
    return "" if value is None else quoted(value).replace("|", "/")
