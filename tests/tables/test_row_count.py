"""How many rows a frame and files have."""

from pathlib import Path

import polars as pl

from zoo_dag.tables.row_count import row_count, row_counts


def test_rows_are_counted_with_their_nulls() -> None:
    assert row_count(pl.LazyFrame({"a": [1, None, None]})) == 3
    assert row_count(pl.LazyFrame({"a": []})) == 0
    assert row_count(pl.LazyFrame({"a": [1, 2, 3]}).filter(pl.col("a") > 1)) == 2


def test_the_rows_of_files_of_any_columns_are_counted_in_their_order(tmp_path: Path) -> None:
    frames = {
        "c": pl.DataFrame({"a": [1, 2, 3]}),
        "a": pl.DataFrame({"b": ["x"]}),
        "of no rows": pl.DataFrame({"a": []}, schema={"a": pl.Int64}),
        "b [1]*": pl.DataFrame({"a": [True, None]}),
    }
    files = [tmp_path / f"{name}.parquet" for name in frames]
    for file, frame in zip(files, frames.values(), strict=True):
        frame.write_parquet(file, row_group_size=2)
    assert row_counts(files) == [3, 1, 0, 2]
    assert row_counts(files[2:3]) == [0]
    assert row_counts([]) == []
