"""Reading an export: every cell as text, every row kept, also of damaged files.

Polars reads valid files. It refuses a file with broken quoting, too many cells in a row, or bytes that are not
UTF-8; such a file is repaired row by row first (`zoo_dag.exports.repair`).
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from zoo_dag.errors import ExportError, explaining_full_disk
from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW, ExportFile, plain_file
from zoo_dag.exports.repair import MalformedRow, repair

T = TypeVar("T")

# Polars has several pieces of a CSV in memory at once. Those of its default, 16 MB, take 250 MB more, and longer.
# It takes their size from the environment only. Smaller ones suit every other CSV too. A value that is set stays.
os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", str(1 << 20))


@dataclass(frozen=True)
class ReadingNotes:
    """The encoding of a file, the rows that could not be read, and the number of rows that were padded.

    A padded row has empty cells beyond the header; they are dropped.
    """

    encoding: str = "utf-8"
    malformed: tuple[MalformedRow, ...] = ()
    n_padded: int = 0


def read_export(export: ExportFile, staging: Path, consume: Callable[[pl.LazyFrame], T]) -> tuple[T, ReadingNotes]:
    """Call `consume` with the rows of an export, a LazyFrame of text; returns its result.

    The frame has the columns of the file (unnamed ones dropped; an unquoted empty cell is null, a quoted one ""),
    then `source_file: String` and `source_row: Int64` (the first data row is 1). Blank lines are not rows.
    `consume` is called a second time where the file has to be repaired. `staging` is a folder for temporary files.
    Raises ExportError where no row of the file can be read, and DiskError where what is read cannot be written.
    """
    with plain_file(export, staging) as path:
        if not export.measured.has_open_quote:
            # Polars refuses what needs repair.
            with suppress(pl.exceptions.PolarsError), explaining_full_disk(staging):
                return consume(_scan(path, export)), ReadingNotes("utf-16" if export.utf16 else "utf-8")
        repaired = staging / "repaired.csv"
        notes = repair(path, repaired, _names(export), export.separator, export.limits)
    try:
        with explaining_full_disk(staging):
            result = consume(_scan(repaired, export, numbered=True))
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise ExportError(
            f"{export.path}: cannot be read as CSV ({reason}). Download the export again."
        ) from error
    repaired.unlink()
    encoding = "utf-16" if export.utf16 else notes.encoding
    return result, ReadingNotes(encoding, tuple(notes.malformed), notes.n_padded)


def _names(export: ExportFile) -> list[str]:
    """The names of all columns, different from each other."""
    return [name or f" unnamed {number}" for number, name in enumerate(export.header)]


def _scan(path: Path, export: ExportFile, *, numbered: bool = False) -> pl.LazyFrame:
    names = _names(export)
    frame = pl.scan_csv(
        path,
        separator="," if numbered else export.separator,
        infer_schema=False,
        new_columns=[*names, SOURCE_ROW] if numbered else names,
        glob=False,
    )
    unnamed = [name for name, header in zip(names, export.header, strict=True) if not header]
    if numbered:
        frame = frame.with_columns(pl.col(SOURCE_ROW).cast(pl.Int64))
    else:
        frame = frame.with_row_index(SOURCE_ROW, 1)
        frame = frame.with_columns(pl.col(SOURCE_ROW).cast(pl.Int64))
        frame = frame.filter(~pl.all_horizontal(pl.col(names).is_null()))
    kept = [name for name in names if name not in unnamed]
    return frame.select(*kept, pl.lit(export.name).alias(SOURCE_FILE), SOURCE_ROW)
