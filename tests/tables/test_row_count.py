"""How many rows a frame has."""

import polars as pl

from zoo_dag.tables.row_count import row_count


def test_rows_are_counted_with_their_nulls() -> None:
    assert row_count(pl.LazyFrame({"a": [1, None, None]})) == 3
    assert row_count(pl.LazyFrame({"a": []})) == 0
    assert row_count(pl.LazyFrame({"a": [1, 2, 3]}).filter(pl.col("a") > 1)) == 2
