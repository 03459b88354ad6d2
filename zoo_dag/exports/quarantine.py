"""The quarantine: rows and elements that fit no table."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW
from zoo_dag.exports.problems import problem_cell
from zoo_dag.exports.repair import MOST_LETTERS
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import Kind

_TABLE = TABLES["quarantine"]


def quarantine_rows(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Quarantine rows from dictionaries; columns that a dictionary lacks are null."""
    return pl.DataFrame(list(rows), schema=_TABLE.dtypes)


def parsing_quarantine(rows: pl.LazyFrame, kind: Kind, columns: Iterable[str], **known: pl.Expr) -> pl.LazyFrame:
    """Quarantine rows of the stage parsed.

    Takes rows of an export with their `problem` (`zoo_dag.exports.problems`), and the `columns` that it may name.
    `known` are further columns of the quarantine.
    """
    problem = pl.col("problem")
    return quarantine_frame(
        rows.select(
            SOURCE_FILE,
            SOURCE_ROW,
            column=problem.struct.field("column"),
            reason=problem.struct.field("reason"),
            found=problem_cell(problem, columns),
            stage=pl.lit("parsed"),
            kind=pl.lit(kind),
            **known,
        )
    )


def quarantine_frame(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Quarantine rows from a frame that has some of the columns; the others are null."""
    present = rows.collect_schema().names()
    # Only the raw table holds cells of any size.
    rows = rows.with_columns(within_letters("found")) if "found" in present else rows
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in _TABLE.dtypes.items() if name not in present]
    return _TABLE.conform(rows.with_columns(missing))


def within_letters(name: str) -> pl.Expr:
    """A column of texts as `zoo_dag.exports.repair.cut` leaves each."""
    text = pl.col(name)
    letters = text.str.len_chars()
    beginning = pl.format("{}… ({} letters, cut)", text.str.head(MOST_LETTERS), letters)
    return pl.when(letters > MOST_LETTERS).then(beginning).otherwise(text).alias(name)
