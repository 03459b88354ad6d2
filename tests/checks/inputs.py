"""Small tables for checks, from the columns that matter."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from zoo_dag.checks.finding import CheckInput
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def table(name: str, *rows: dict[str, Any]) -> pl.LazyFrame:
    """A table with these rows; missing values are null. Columns that are not declared come last."""
    dtypes = dict(TABLES[name].dtypes)
    extra = {column: None for row in rows for column in row if column not in dtypes}
    return pl.LazyFrame([dict.fromkeys([*dtypes, *extra]) | row for row in rows], schema={**dtypes, **extra})


def check_input(
    key: str | None = None, settings: dict[str, Any] | None = None, **tables: pl.LazyFrame
) -> CheckInput:
    """The input of a check: these tables, and all others empty."""
    empty = {name: each.empty().lazy() for name, each in TABLES.items()}
    return CheckInput({**empty, **tables}, Settings.model_validate(settings or {}), key, NOW)
