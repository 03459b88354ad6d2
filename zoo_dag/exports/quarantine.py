"""Rows and elements that no table could take: how they are written down."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from zoo_dag.tables import TABLES

_TABLE = TABLES["quarantine"]


def quarantine_rows(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Quarantine rows from dictionaries; columns that a dictionary lacks are null."""
    return pl.DataFrame(list(rows), schema=_TABLE.dtypes)


def quarantine_frame(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Quarantine rows from a frame that has some of the columns; the others are null."""
    present = rows.collect_schema().names()
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in _TABLE.dtypes.items() if name not in present]
    return _TABLE.conform(rows.with_columns(missing))
