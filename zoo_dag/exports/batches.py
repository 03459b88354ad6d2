"""Going through a table batch by batch, with Python objects that live no longer than a batch."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

BATCH_ROWS = 20_000


def batches(frame: pl.LazyFrame, rows: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
    """The rows of a frame in order, as data frames of at most about `rows` rows.

    The garbage collector rests while the caller works on a batch: the lists of cells that a batch is read into
    hold no cycles, and looking for some would take half of the time.
    """
    for batch in frame.collect_batches(chunk_size=rows, maintain_order=True):
        resting = gc.isenabled()
        gc.disable()
        try:
            yield batch
        finally:
            if resting:
                gc.enable()


def staged(
    batches_of_tables: Iterable[Mapping[str, pl.DataFrame]],
    dtypes: Mapping[str, pl.Schema],
    folder: Path,
) -> dict[str, pl.LazyFrame]:
    """Keep tables that come batch by batch in `folder`, and give each back as one frame, rows in order.

    `dtypes` names the tables and their columns; a table that got no rows is empty.
    """
    for number, tables in enumerate(batches_of_tables):
        for name, table in tables.items():
            if table.height:
                (folder / name).mkdir(parents=True, exist_ok=True)
                table.write_ipc(folder / name / f"{number:06}.arrow", compression="lz4")
    found = {name: sorted((folder / name).glob("*.arrow")) for name in dtypes}
    return {
        name: pl.scan_ipc(files, glob=False) if files else pl.LazyFrame(schema=dtypes[name])
        for name, files in found.items()
    }
