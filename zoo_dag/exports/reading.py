"""Reading an export: every cell as text, every row kept, whatever happened to the file on its way.

A sound file goes through Polars alone. Polars refuses a file with broken quoting, too many cells in a row, or
bytes that are not UTF-8; such a file is mended row by row first (`zoo_dag.exports.repair`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW, ExportFile, plain_file
from zoo_dag.exports.repair import MalformedRow, repair

T = TypeVar("T")


@dataclass(frozen=True)
class ReadingNotes:
    """What had to be done to read a file: the encoding it was in, and the rows that could not be read."""

    encoding: str = "utf-8"
    malformed: tuple[MalformedRow, ...] = ()


def read_export(export: ExportFile, staging: Path, consume: Callable[[pl.LazyFrame], T]) -> tuple[T, ReadingNotes]:
    """Hand the rows of an export to `consume`, as a LazyFrame of text.

    The frame has the columns of the file (unnamed ones dropped; an unquoted empty cell is null, a quoted one
    ""), then `source_file: String` and `source_row: Int64` (the first data row is 1). Blank lines are no rows.
    `consume` is called a second time where the file turns out to need mending. `staging` is a folder for
    temporary files. Raises ExportError where an archive is broken.
    """
    with plain_file(export, staging) as path:
        try:
            return consume(_scan(path, export)), ReadingNotes()
        except pl.exceptions.ComputeError:
            mended = staging / "mended.csv"
            encoding, malformed = repair(path, mended, export.header, export.separator)
    result = consume(_scan(mended, export, numbered=True))
    mended.unlink()
    return result, ReadingNotes(encoding, tuple(malformed))


def _scan(path: Path, export: ExportFile, *, numbered: bool = False) -> pl.LazyFrame:
    names = [name or f"unnamed column {number}" for number, name in enumerate(export.header)]
    frame = pl.scan_csv(
        path,
        separator="," if numbered else export.separator,
        infer_schema=False,
        new_columns=[*names, SOURCE_ROW] if numbered else names,
        glob=False,
    )
    unnamed = [name for name, given in zip(names, export.header, strict=True) if not given]
    if numbered:
        frame = frame.with_columns(pl.col(SOURCE_ROW).cast(pl.Int64))
    else:
        frame = frame.with_row_index(SOURCE_ROW, 1)
        frame = frame.with_columns(pl.col(SOURCE_ROW).cast(pl.Int64))
        frame = frame.filter(~pl.all_horizontal(pl.col(names).is_null()))
    kept = [name for name in names if name not in unnamed]
    return frame.select(*kept, pl.lit(export.name).alias(SOURCE_FILE), SOURCE_ROW)
