"""Batches are bounded by rows and by bytes, and hold all rows in order."""

import polars as pl
import pytest

from zoo_dag.exports.batches import batches


@pytest.mark.parametrize(
    ("letters", "n_rows", "most_rows"),
    [(10, 45_000, 20_000), (10_000, 5000, 2000), (100_000, 700, 500)],
)
def test_a_batch_has_few_rows_where_they_are_large(letters: int, n_rows: int, most_rows: int) -> None:
    frame = pl.LazyFrame({"number": range(n_rows)}).with_columns(
        text=pl.col("number").cast(pl.String).str.pad_start(letters, "x")
    )
    found = list(batches(frame))
    assert max(batch.height for batch in found) <= most_rows
    assert pl.concat(found)["number"].to_list() == list(range(n_rows))
