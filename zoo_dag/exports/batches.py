"""Processing a table in batches, so that the Python objects of one batch at a time are in memory."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

BATCH_ROWS = 20_000
# As many as 10,000 rows of usual size.
_BATCH_BYTES = 16 << 20
_FEW_ROWS = 500


def batches(frame: pl.LazyFrame, rows: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
    """The rows of a frame in order, as data frames of about `rows` rows or 16 MiB at most.

    The garbage collector is off while the caller processes a batch: lists of cells contain no cycles, and
    searching them would take half of the time.
    """
    for batch in _within(frame.collect_batches(maintain_order=True), rows):
        enabled = gc.isenabled()
        gc.disable()
        try:
            yield batch
        finally:
            if enabled:
                gc.enable()


def _within(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """The rows of frames of any size, as frames that are as large as they may be."""
    waiting: list[pl.DataFrame] = []
    n_rows = n_bytes = 0
    for each in (few for frame in frames for few in frame.iter_slices(min(rows, _FEW_ROWS))):
        waiting.append(each)
        n_rows += each.height
        n_bytes += int(each.estimated_size())
        if n_rows >= rows or n_bytes >= _BATCH_BYTES:
            yield pl.concat(waiting)
            waiting, n_rows, n_bytes = [], 0, 0
    if waiting:
        yield pl.concat(waiting)


def staged(
    batches_of_tables: Iterable[Mapping[str, pl.DataFrame]],
    dtypes: Mapping[str, pl.Schema],
    folder: Path,
) -> dict[str, pl.LazyFrame]:
    """Write tables that arrive in batches to `folder`, and return each as one frame, rows in order.

    `dtypes` has the columns of each table by its name; a table without rows is empty.
    """
    for number, tables in enumerate(batches_of_tables):
        for name, table in tables.items():
            if table.height:
                (folder / name).mkdir(parents=True, exist_ok=True)
                table.write_ipc(folder / name / f"{number:06}.arrow", compression="lz4")
    written = {name: sorted((folder / name).glob("*.arrow")) for name in dtypes}
    return {
        name: pl.scan_ipc(files, glob=False) if files else pl.LazyFrame(schema=dtypes[name])
        for name, files in written.items()
    }
