"""Files that R wrote again: quotes behind a backslash, row names without a header cell, ids in powers of ten.

What R writes can be undone exactly (docs/exports.md, Re-saved files); each import records that it was.
"""

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import polars as pl

from zoo_dag.exports.cells import POWER_OF_TEN

# A quoted JSON cell whose first quote stands behind a backslash. In other files a quote would end the cell there.
_ESCAPED = re.compile(r'"[\[{]+\\"')
_FEW_ROWS = 3
_IDS = frozenset({"classification_id", "subject_id", "workflow_id"})


class Dialect(NamedTuple):
    """How a file differs from what Zooniverse writes: quotes behind a backslash, a first column without a name."""

    backslash: bool = False
    row_names: bool = False

    @property
    def differs(self) -> bool:
        """Whether the file has to be written in Zooniverse's way before it is read."""
        return self.backslash or self.row_names

    def __str__(self) -> str:
        """What differs, for people; empty where nothing does."""
        parts = ["quotes behind a backslash"] if self.backslash else []
        return ", ".join([*parts, *(["row names without a name in the header"] if self.row_names else [])])

    def undone(self, lines: Iterable[bytes], separator: str) -> Iterator[bytes]:
        """The lines of a file as Zooniverse would write them: quotes doubled, and an empty name for row names."""
        for number, line in enumerate(lines):
            start = b'""' + separator.encode() if self.row_names and not number else b""
            doubled = line.replace(b'\\"', b'""') if self.backslash else line
            yield start + (doubled.removeprefix(codecs.BOM_UTF8) if start else doubled)


AS_DOWNLOADED = Dialect()


def dialect(start: str, header: Sequence[str], separator: str) -> Dialect:
    """The dialect of a file with this header, by its first characters.

    Row names are there where the first rows have one cell more than the header, which is not one of the empty
    cells with which spreadsheets pad rows, and the ids of one of them stand one place after their names.
    """
    backslash = bool(_ESCAPED.search(start))
    text = start.replace('\\"', '""') if backslash else start
    csv.field_size_limit(sys.maxsize)
    rows: list[list[str]] = []
    try:
        for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1, _FEW_ROWS + 2):
            rows.append(row)
    except csv.Error:
        pass
    # The last row may be cut.
    complete = [row for row in (rows[:-1] or rows) if row]
    longer = [len(row) == len(header) + 1 and bool(row[-1]) for row in complete]
    moved = any(_has_ids(row[1:], header) for row in complete)
    return Dialect(backslash, moved and all(longer) and bool(header[0].strip()))


def _has_ids(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether the cells in the columns of ids are numbers, as R or Zooniverse writes them, or missing."""
    cells = [cell.strip() for name, cell in zip(header, row, strict=False) if name in _IDS]
    return all(cell.isdecimal() or cell in ("", "NA") or re.fullmatch(POWER_OF_TEN, cell) for cell in cells)


def powers_of_ten(rows: pl.LazyFrame, columns: Sequence[str]) -> str:
    """How many cells of which columns have R's form of a whole number, for people; empty where none has."""
    present = [name for name in columns if name in rows.collect_schema().names()]
    numbers = rows.select(pl.col(name).str.contains(POWER_OF_TEN).sum() for name in present).collect()
    found = {name: numbers[name].item() for name in present}
    each = ", ".join(f"{name} {number:,}" for name, number in found.items() if number)
    return f"ids such as 1e+05 ({each})" if each else ""
