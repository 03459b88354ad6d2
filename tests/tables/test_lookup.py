"""Values looked up piece by piece."""

import polars as pl

from zoo_dag.tables.lookup import looked_up

KNOWN, VALUES = pl.Series(["a", "b", "c"]), pl.Series([1, 2, None], dtype=pl.Int64)


def test_a_value_is_that_beside_its_key_and_null_where_the_key_is_unknown() -> None:
    # More rows than Polars takes at a time.
    rows = pl.LazyFrame({"key": ["b", None, "z", "a", "c"] * 50_000}).with_row_index("row")
    found = rows.with_columns(value=looked_up(pl.col("key"), KNOWN, VALUES)).collect(engine="streaming")
    assert found["value"].to_list() == [2, None, None, 1, None] * 50_000
    assert found.schema["value"] == pl.Int64()


def test_a_constant_is_looked_up_for_all_rows_and_nothing_is_known_of_an_empty_list() -> None:
    rows = pl.LazyFrame({"row": [1, 2]})
    none = pl.Series([], dtype=pl.String)
    found = rows.select("row", one=looked_up(pl.lit("b"), KNOWN, VALUES), none=looked_up(pl.lit("b"), none, none))
    assert found.collect().rows() == [(1, 2, None), (2, 2, None)]
