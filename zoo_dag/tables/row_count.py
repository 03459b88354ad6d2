"""The number of rows of a frame, and of files."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl


def row_count(frame: pl.LazyFrame) -> int:
    """The number of rows of a query; of a stored table it is read from the file's metadata alone."""
    return int(frame.select(pl.len()).collect().item())


def row_counts(files: Iterable[Path]) -> list[int]:
    """The number of rows of each of some Parquet files, from their footers."""
    counts = pl.collect_all([pl.scan_parquet(file, glob=False).select(pl.len()) for file in files])
    return [int(count.item()) for count in counts]
