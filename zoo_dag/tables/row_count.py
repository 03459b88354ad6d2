"""The number of rows of a frame."""

import polars as pl


def row_count(frame: pl.LazyFrame) -> int:
    """The number of rows of a query; of a stored table it is read from the file's metadata alone."""
    return int(frame.select(pl.len()).collect().item())
