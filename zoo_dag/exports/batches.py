"""Processing a table in batches, so that the Python objects of one batch at a time are in memory."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import polars as pl

BATCH_ROWS = 20_000
# As many as 10,000 rows of usual size.
BATCH_BYTES = 16 << 20


def batches(frame: pl.LazyFrame, rows: int = BATCH_ROWS, *, n_bytes: int = BATCH_BYTES) -> Iterator[pl.DataFrame]:
    """The rows of a frame in order, as data frames of about `rows` rows or `n_bytes` at most, by default 16 MiB.

    The garbage collector is off while the caller processes a batch: lists of cells contain no cycles, and
    searching them would take half of the time.
    """
    for batch in _within(frame.collect_batches(maintain_order=True), rows, n_bytes):
        enabled = gc.isenabled()
        gc.disable()
        try:
            yield batch
        finally:
            if enabled:
                gc.enable()


def _within(frames: Iterable[pl.DataFrame], rows: int, most_bytes: int) -> Iterator[pl.DataFrame]:
    """The rows of frames of any size, as frames that are as large as they may be."""
    waiting: list[pl.DataFrame] = []
    n_rows = n_bytes = 0
    for each in (piece for frame in frames for piece in _pieces(frame, rows, most_bytes // 2)):
        size = int(each.estimated_size())
        if waiting and (n_rows + each.height > rows or n_bytes + size > most_bytes):
            yield _together(waiting)
            waiting, n_rows, n_bytes = [], 0, 0
        waiting.append(each)
        n_rows += each.height
        n_bytes += size
    if waiting:
        yield _together(waiting)


def _pieces(frame: pl.DataFrame, rows: int, n_bytes: int) -> Iterator[pl.DataFrame]:
    """A frame in halves of halves, until each has so many rows and bytes at most."""
    if frame.height > 1 and (frame.height > rows or frame.estimated_size() > n_bytes):
        half = frame.height // 2
        yield from _pieces(frame.slice(0, half), rows, n_bytes)
        yield from _pieces(frame.slice(half), rows, n_bytes)
    else:
        yield frame


def _together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    # All that is done with a batch takes longer where it is in pieces.
    return pl.concat(frames, rechunk=True) if len(frames) > 1 else frames[0].rechunk()


def staged(
    batches_of_tables: Iterable[Mapping[str, pl.DataFrame]],
    dtypes: Mapping[str, pl.Schema],
    folder: Path,
) -> dict[str, pl.LazyFrame]:
    """Write tables that arrive in batches to `folder`, and return each as one frame, rows in order.

    `dtypes` has the columns of each table by its name; a table without rows is empty. The tables of a single batch
    stay in memory.
    """
    each = iter(batches_of_tables)
    first, second = next(each, {}), next(each, None)
    if second is None:
        with_rows = {name: table for name, table in first.items() if table.height}
        return {name: with_rows.get(name, pl.DataFrame(schema=dtype)).lazy() for name, dtype in dtypes.items()}
    every = chain((first, second), each)
    del first, second
    for number, tables in enumerate(every):
        for name, table in tables.items():
            if table.height:
                (folder / name).mkdir(parents=True, exist_ok=True)
                table.write_ipc(folder / name / f"{number:06}.arrow", compression="lz4")
    written = {name: sorted((folder / name).glob("*.arrow")) for name in dtypes}
    return {
        name: pl.scan_ipc(files, glob=False) if files else pl.LazyFrame(schema=dtypes[name])
        for name, files in written.items()
    }
