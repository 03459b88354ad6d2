"""Reads tables while they are replaced, and says where a query did not see one whole table.

`python -m tests.robustness.readers --count 5000` takes about two minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import polars as pl

from zoo_dag.errors import TableError
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES

_TABLE = TABLES["classifications"]
_KEYS = ("11-v3.10", "11-v3.11")
_SIZES = 60


def read_beside_writer(folder: Path, count: int) -> tuple[int, list[str]]:
    """Replace the partitions of a table so often, and read them all the while; how often, and what was wrong.

    All rows of a file have one id, and the file is as long as this id says, in rows and in bytes.
    """
    files = TableFiles(folder / "tables")
    _write(files, range(1))
    writer = Thread(target=_write, args=(files, range(1, count)))
    writer.start()
    n_read, wrong = 0, list[str]()
    while writer.is_alive():
        n_read += 1
        try:
            wrong.extend(_read(files))
        except (pl.exceptions.PolarsError, TableError) as error:
            wrong.append(str(error))
    writer.join()
    return n_read, wrong


def _write(files: TableFiles, numbers: range) -> None:
    for number in numbers:
        size = 1 + number % _SIZES
        rows = pl.DataFrame({"classification_id": [size] * (20 * size), "user_name": "v" * 20 * size})
        for key in _KEYS:
            files.publish(_TABLE, pl.concat([_TABLE.empty(), rows], how="diagonal_relaxed").lazy(), {}, key)


def _read(files: TableFiles) -> Iterator[str]:
    letters = pl.col("user_name").str.len_bytes()
    for key in _KEYS:
        rows = files.scan(_TABLE, key).select("classification_id", letters).collect()
        size = rows.height // 20
        if rows.unique().rows() != [(size, 20 * size)]:
            yield f"{key}: {rows.height} rows with {rows.unique().rows()}"
    both = files.scan_all(_TABLE)
    counted, collected = both.select(pl.len()).collect().item(), both.collect().height
    if counted != collected:
        yield f"{counted} rows counted, {collected} read"


def main() -> None:
    """Replace and read, and exit with code 1 where a query did not see one whole table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="how often each file is replaced; default 5000")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        n_read, wrong = read_beside_writer(Path(folder), options.count)
    print(f"{len(_KEYS) * options.count} replacements, {n_read} times read, {len(wrong)} times not a whole table.")
    print(*wrong[:20], sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
