"""What merely reading an export costs: the measure of everything that is more than reading.

`python benchmarks/reading.py FILE` prints the CPU seconds as JSON, each measured in this new process.
"""

import gc
import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import polars as pl

CELLS_PER_SLICE = 50_000


@contextmanager
def collector_off() -> Iterator[None]:
    """Pause the garbage collector, which would double the cost of parsing JSON."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def scan_seconds(export: Path) -> float:
    """CPU seconds of reading every cell of the export as text with Polars."""
    started = time.process_time()
    pl.scan_csv(export, infer_schema=False).select(pl.all().str.len_bytes().sum()).collect()
    return time.process_time() - started


def annotation_cells(export: Path) -> pl.Series:
    """The annotations cells of an export."""
    return pl.scan_csv(export, infer_schema=False).select("annotations").collect()["annotations"]


def json_seconds(cells: pl.Series) -> float:
    """CPU seconds of parsing every cell with orjson; reading the cells is not counted."""
    with collector_off():
        started = time.process_time()
        for part in cells.to_frame().iter_slices(CELLS_PER_SLICE):
            for cell in part[cells.name].to_list():
                orjson.loads(cell)
        return time.process_time() - started


def hash_seconds(export: Path) -> float:
    """CPU seconds of the SHA-256 of the file, by which an import knows that it read it before."""
    started = time.process_time()
    with export.open("rb") as stream:
        hashlib.file_digest(stream, "sha256")
    return time.process_time() - started


if __name__ == "__main__":
    file = Path(sys.argv[1])
    seconds = {
        "scan": scan_seconds(file),
        "parse": json_seconds(annotation_cells(file)),
        "hash": hash_seconds(file),
    }
    print(orjson.dumps(seconds).decode())
