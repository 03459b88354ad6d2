"""Batches are bounded by rows and by bytes, and hold all rows in order."""

import polars as pl
import pytest

from zoo_dag.exports.batches import BATCH_BYTES, batches


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


def test_batches_of_more_bytes_have_more_rows() -> None:
    frame = pl.LazyFrame({"text": ["x" * 10_000] * 5000})
    half, whole = (
        [batch.height for batch in batches(frame, n_bytes=n_bytes)] for n_bytes in (BATCH_BYTES, 2 * BATCH_BYTES)
    )
    assert sum(half) == sum(whole) == 5000
    assert max(half) < max(whole) <= 2 * max(half)
