"""The number of rows of a frame, and of files."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl


def row_count(frame: pl.LazyFrame) -> int:
    """The number of rows of a query; of a stored table it is read from the file's metadata alone."""
    return int(frame.select(pl.len()).collect().item())


def row_counts(files: Iterable[Path]) -> list[int]:
    """The number of rows of each of some Parquet files, whatever their columns: one query for all of them."""
    counts = dict.fromkeys(files, 0)
    if counts:
        rows = pl.scan_parquet(
            list(counts), glob=False, schema={}, extra_columns="ignore", include_file_paths="file"
        )
        for file, n_rows in rows.group_by("file").len().collect(engine="streaming").iter_rows():
            counts[Path(file)] += n_rows
    return list(counts.values())
