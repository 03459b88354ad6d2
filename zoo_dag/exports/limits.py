"""How large an export may be: a small archive can unpack to anything, and one cell can take all memory.

A file is measured in one pass before it is read, in the memory of one row, and refused where a limit is passed.
"""

import csv
import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

from zoo_dag.errors import LimitError
from zoo_dag.settings.importing import Importing

MIB = 1 << 20
# A cell with more line breaks than this counts as an open quote: real cells have far fewer.
MOST_LINES = 500
_BLOCK = MIB
# A file of so many bytes takes as long to measure as NumPy to load.
_LARGE = 128 * MIB
# What a rejected row takes in memory besides its text.
BYTES_OF_ROW = 1000
# Less is unpacked whatever its ratio: it fits everywhere.
_ALWAYS_UNPACKED = 64 * MIB
# Blank and short lines are counted over so many bytes.
_WINDOW = 4 * MIB
# How much of a file is in memory at once, also where its rows are the largest.
_AT_ONCE = 32 * MIB
MOST_ROWS_AT_ONCE = 20_000
# A file of a table is divided into groups of as many rows. Each costs time and some kB, whatever is in it.
_MOST_GROUPS = 1000


@dataclass(frozen=True)
class Limits:
    """The limits of the settings, and the folder on whose disk exports are unpacked, if they are."""

    settings: Importing = field(default_factory=Importing)
    unpacked_to: Path | None = None

    @property
    def row_bytes(self) -> int:
        """The largest row, in bytes."""
        return int(self.settings.row_mib * MIB)

    @property
    def cell_bytes(self) -> int:
        """The largest cell, in bytes."""
        return int(self.settings.cell_mib * MIB)

    def require_rejected(self, path: Path, n_rows: int, n_bytes: int) -> None:
        """Raise LimitError where so many rejected rows, with so many bytes of text, take more than allowed."""
        if n_bytes + n_rows * BYTES_OF_ROW > self.settings.rejected_mib * MIB:
            what = f"{n_rows:,} rows or more are not valid CSV, or have no workflow or version that can be read"
            self.refuse(path, what, "rejected_mib", "Download the export again.")

    def refuse(self, path: Path, what: str, setting: str, advice: str) -> NoReturn:
        """Raise LimitError with a sentence that names the limit, and how to raise it."""
        value = getattr(self.settings, setting)
        raise LimitError(
            f"{path}: {what}; the limit is the setting importing.{setting}, {value:g}. {advice} If the file is "
            f"right, set a larger {setting} in the section [importing] of zoo_dag.toml."
        )


DEFAULT_LIMITS = Limits()


class Source(NamedTuple):
    """What is measured: a file, its number of columns, separator, and how it is stored.

    `packed_bytes` is the size of an archive, None for other files; `is_copied` says whether a plain copy will be
    written, and `backslash` whether a backslash stands before quotes within cells.
    """

    path: Path
    n_columns: int
    separator: str
    packed_bytes: int | None
    is_copied: bool
    backslash: bool


class Measured(NamedTuple):
    """What a file within the limits needs to be read in bounded memory.

    `has_open_quote` says whether a quote is open over more lines than a cell has: then only a reader that finds
    the end of such rows can read it (`zoo_dag.exports.repair`). `rows_at_once` are the rows of 32 MiB where they
    are the largest, within the bounds of `rows_at_once`; a line within a cell counts as one, of which real cells
    have few.
    """

    has_open_quote: bool = False
    rows_at_once: int = MOST_ROWS_AT_ONCE


NOT_MEASURED = Measured()


def rows_at_once(n_fitting: int, n_rows: int) -> int:
    """How many of `n_rows` raw rows are read and written at once, where `n_fitting` of the largest fit in memory.

    At most 20,000, and at least a thousandth of them: one large row must not divide a million others.
    """
    return max(1, min(n_fitting, MOST_ROWS_AT_ONCE), n_rows // _MOST_GROUPS)


def require_within(limits: Limits, source: Source, stream: IO[bytes]) -> Measured:
    """Read the bytes of an export to the end. Raises LimitError where a limit is passed."""
    room = _room(limits) if source.is_copied else None
    rows, lines, n_bytes = _Rows(limits, source), _Lines(limits, source), 0
    # A row within one block is smaller than the largest cell.
    size = max(1, min(_BLOCK, limits.cell_bytes))
    for block in _blocks(stream, size, whole_escapes=source.backslash):
        n_bytes += len(block)
        _require_room(limits, source, n_bytes, room)
        lines.add(block)
        rows.add(block)
    lines.end()
    rows.end()
    return Measured(rows.has_open_quote, rows_at_once(lines.fewest, lines.n_lines))


def _blocks(stream: IO[bytes], size: int, *, whole_escapes: bool) -> Iterator[bytes]:
    while block := stream.read(size):
        while whole_escapes and block.endswith(b"\\") and (more := stream.read(1)):
            block += more
        yield block


def _room(limits: Limits) -> float | None:
    """The bytes that an unpacked copy may take; None where it is not known on which disk."""
    folder = limits.unpacked_to
    if folder is None:
        return None
    # The data folder may not exist yet.
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    return shutil.disk_usage(existing).free * limits.settings.unpacked_share


def _require_room(limits: Limits, source: Source, n_bytes: int, room: float | None) -> None:
    packed, ratio = source.packed_bytes, limits.settings.unpacked_ratio
    if packed is not None and n_bytes > max(_ALWAYS_UNPACKED, packed * ratio):
        what = f"the archive of {packed:,} bytes unpacks to more than {n_bytes:,} bytes"
        limits.refuse(source.path, what, "unpacked_ratio", "Download the export again.")
    if room is not None and n_bytes > room:
        what = f"unpacked it has more than {n_bytes:,} bytes, and of the free disk it may take {room:,.0f}"
        limits.refuse(source.path, what, "unpacked_share", "Make room on the disk.")


class _Lines:
    """Counts lines: where they are blank or short, each of their bytes becomes many cells in memory.

    `n_lines` are all of them, `fewest` those of 32 MiB where they are the longest.
    """

    def __init__(self, limits: Limits, source: Source) -> None:
        self.n_lines, self.fewest = 0, MOST_ROWS_AT_ONCE
        self._limits, self._source, self._count = limits, source, _counter(source)
        self._n_bytes = self._n_lines = 0
        self._bytes_at_once = self._lines_at_once = 0

    def add(self, block: bytes) -> None:
        n_lines = self._count(block, b"\n")
        self._n_bytes += len(block)
        self._n_lines += n_lines
        self.n_lines += n_lines
        if self._n_bytes >= _WINDOW:
            self.end()
        self._bytes_at_once += len(block)
        self._lines_at_once += n_lines
        if self._bytes_at_once >= _AT_ONCE:
            self.fewest = min(self._lines_at_once, self.fewest)
            self._bytes_at_once = self._lines_at_once = 0

    def end(self) -> None:
        # The first line began before.
        cells = (self._n_lines - 1) * self._source.n_columns
        if cells > self._limits.settings.cells_per_byte * max(self._n_bytes, _WINDOW):
            what = f"{self._n_lines:,} lines close together are blank, or too short for a row"
            self._limits.refuse(self._source.path, what, "cells_per_byte", "Remove these lines.")
        self._n_bytes = self._n_lines = 0


class _Rows:
    """Measures rows. Only those that are in more than one block can be too large, and only these are looked at."""

    def __init__(self, limits: Limits, source: Source) -> None:
        self.has_open_quote = False
        self._limits, self._source, self._count = limits, source, _counter(source)
        self._in_quotes = False
        # The beginning of the row whose end is still to come.
        self._begun: list[bytes] = []
        self._n_begun = 0

    def add(self, block: bytes) -> None:
        first, last = self._ends(block)
        if first is None or last is None:
            self._begin(block)
        else:
            self._begin(block[: first + 1])
            self.end()
            self._begin(block[last + 1 :])

    def end(self) -> None:
        """A row ends here."""
        if self._n_begun > self._limits.cell_bytes:
            self._require_cells(b"".join(self._begun))
        self._begun, self._n_begun = [], 0

    def _begin(self, part: bytes) -> None:
        self._begun.append(part)
        self._n_begun += len(part)
        if self._n_begun <= self._limits.row_bytes:
            return
        if sum(each.count(b"\n") for each in self._begun) > MOST_LINES and not self.has_open_quote:
            # No cell has so many lines. From here on each line counts as a row.
            self.has_open_quote = True
            begun, self._begun, self._n_begun = self._begun, [], 0
            for each in begun:
                self.add(each)
            return
        what = f"a row has {self._n_begun:,} bytes or more"
        self._limits.refuse(self._source.path, what, "row_mib", "Download the export again, or remove the row.")

    def _ends(self, block: bytes) -> tuple[int | None, int | None]:
        """Where the first and the last row end that end in a block."""
        if self.has_open_quote:
            place = block.find(b"\n")
            return (place, block.rfind(b"\n")) if place >= 0 else (None, None)
        before = self._in_quotes
        after = before ^ self._is_odd(block, 0, len(block))
        self._in_quotes = after
        first = self._first_end(block, is_open=before)
        return (first, self._last_end(block, is_open=after)) if first is not None else (None, None)

    def _first_end(self, block: bytes, *, is_open: bool) -> int | None:
        start = 0
        while (place := block.find(b"\n", start)) >= 0:
            is_open ^= self._is_odd(block, start, place)
            if not is_open:
                return place
            start = place + 1
        return None

    def _last_end(self, block: bytes, *, is_open: bool) -> int | None:
        end = len(block)
        while (place := block.rfind(b"\n", 0, end)) >= 0:
            is_open ^= self._is_odd(block, place, end)
            if not is_open:
                return place
            end = place
        return None

    def _is_odd(self, block: bytes, start: int, end: int) -> bool:
        """Whether the number of quotes is odd."""
        is_whole = end - start == len(block)
        count = self._count(block, b'"') if is_whole else block.count(b'"', start, end)
        return bool((count - block.count(b'\\"', start, end) if self._source.backslash else count) % 2)

    def _require_cells(self, row: bytes) -> None:
        largest = _largest_cell(row, self._source.separator)
        if largest > self._limits.cell_bytes:
            what = f"a cell has {largest:,} bytes"
            self._limits.refuse(
                self._source.path, what, "cell_mib", "Download the export again, or remove the row."
            )


def _counter(source: Source) -> Callable[[bytes, bytes], int]:
    """What counts a letter in a block. NumPy is four times as fast, and few files are worth loading it."""
    if source.path.stat().st_size < _LARGE:
        return bytes.count
    numpy = importlib.import_module("numpy")
    return lambda block, letter: int(numpy.count_nonzero(numpy.frombuffer(block, numpy.uint8) == ord(letter)))


def _largest_cell(row: bytes, separator: str) -> int:
    """The size of the largest cell in bytes; of the row where it is not valid CSV."""
    csv.field_size_limit(sys.maxsize)
    text = row.decode(errors="replace").rstrip("\r\n")
    try:
        cells = next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return len(row)
    return max((len(cell.encode()) for cell in cells), default=0)
