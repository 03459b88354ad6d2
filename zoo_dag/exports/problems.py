"""The rule for a valid row of an export: each cell that is present has a value of its column's type.

The first cell that has none is the problem of the row, a struct of `column` and `reason`; null for a valid row.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import polars as pl

PROBLEM = pl.Struct({"column": pl.String, "reason": pl.String})
WHOLE_NUMBER = "expected a whole number"
TIME = "expected a time such as 2024-03-05 01:02:03 UTC"


class Check(NamedTuple):
    """When a cell of a column is wrong (Boolean), and the expected value (String)."""

    column: str
    wrong: pl.Expr
    reason: pl.Expr


def required(column: str, expected: str) -> Check:
    """A typed column must have a value."""
    return Check(column, pl.col(column).is_null(), pl.lit(expected))


def unread(column: str, text: pl.Expr, expected: str) -> Check:
    """A typed column must have a value where a text is present."""
    return Check(column, text.is_not_null() & pl.col(column).is_null(), pl.lit(expected))


def explained(column: str, problem: pl.Expr) -> Check:
    """A column is wrong where there is a sentence about it."""
    return Check(column, problem.is_not_null(), problem)


def first_problem(checks: Iterable[Check]) -> pl.Expr:
    """The problem of each row by the first check that it fails: Struct of `column` and `reason`, both String."""
    return pl.coalesce(
        *(
            pl.when(check.wrong.fill_null(False)).then(pl.struct(column=pl.lit(check.column), reason=check.reason))
            for check in checks
        )
    )


def first_problems(rows: pl.DataFrame, checks: Sequence[Check]) -> pl.Series:
    """The problems of rows as `first_problem` gives them; quick where all rows are valid, as nearly always."""
    if rows.select_seq(pl.any_horizontal(check.wrong.any() for check in checks)).item():
        return rows.select(problem=first_problem(checks)).to_series()
    return pl.Series("problem", [None], PROBLEM).new_from_index(0, rows.height)


def problem_cell(problem: pl.Expr, columns: Iterable[str]) -> pl.Expr:
    """The text of the column that a problem names, one of `columns`."""
    named = problem.struct.field("column")
    return pl.coalesce(*(pl.when(named == name).then(pl.col(name)) for name in columns))


def read_cells(cells: pl.Series, read: Callable[[str | None], Any]) -> tuple[list[Any], pl.Series]:
    """The value of each cell, and the message where `read` raises ValueError; for what Polars cannot parse."""
    values: list[Any] = []
    problems: list[str | None] = []
    for cell in cells:
        value, problem = None, None
        try:
            value = read(cell)
        except ValueError as error:
            problem = str(error)
        values.append(value)
        problems.append(problem)
    return values, pl.Series(cells.name, problems, pl.String)
