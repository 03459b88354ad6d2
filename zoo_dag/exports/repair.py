"""Repairing a CSV file that a strict reader refuses, so that its valid rows can be used.

A record starts at a line, and continues over the next lines while a quote is open. A line that starts no valid
record is malformed, and the search for the next record continues at the line after it, so that one broken row does
not swallow the rows after it.
"""

import codecs
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from zoo_dag.exports.limits import DEFAULT_LIMITS, MOST_LINES, Limits

# The letters of a text that are kept in the quarantine: no real cell has so many.
MOST_LETTERS = 100_000


@dataclass(frozen=True)
class Repaired:
    """The encoding of a file, its malformed rows, and the number of rows with empty cells beyond the header."""

    encoding: str
    malformed: list["MalformedRow"]
    n_padded: int


@dataclass(frozen=True)
class MalformedRow:
    """A line that is not a row of the export: its number among the rows, the problem, and its text."""

    source_row: int
    reason: str
    text: str


def cut(text: str) -> str:
    """A text for the quarantine; a very long one with its beginning, and the number of its letters."""
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}… ({len(text)} letters, cut)"


def repair(
    path: Path, target: Path, header: Sequence[str], separator: str, limits: Limits = DEFAULT_LIMITS
) -> Repaired:
    """Write the valid rows of `path` to `target` as plain CSV in UTF-8, with a row number as last column.

    The encoding is `utf-8`, or `cp1252` where some of the file is not UTF-8. A row of empty cells counts as a
    blank line. Unquoted and quoted empty cells both become null. Empty cells beyond the header, with which
    spreadsheets pad some rows, are dropped. Raises LimitError where malformed rows take more memory than allowed.
    """
    malformed: list[MalformedRow] = []
    n_bytes = 0
    n_padded, width = 0, len(header)
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow([*header, "source_row"])
        records = enumerate(_records(source, len(header), separator, limits.row_bytes))
        for number, record in islice(records, 1, None):
            if isinstance(record, MalformedRow):
                malformed.append(MalformedRow(number, record.reason, record.text))
                n_bytes += len(record.text)
                limits.require_rejected(path, len(malformed), n_bytes)
            elif any(record):
                n_padded += len(record) > width
                writer.writerow([*record[:width], *[""] * (width - len(record)), str(number)])
    return Repaired(_encoding(path), malformed, n_padded)


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def decode_lines(content: bytes) -> str:
    """Text from lines that are UTF-8; a line that is not is decoded by an encoding that cannot fail.

    One damaged byte, such as at the end of an incomplete download, does not change the letters of other lines.
    """
    return "".join(_decode(line) for line in content.splitlines(keepends=True))


def _decode(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Five bytes are undefined in cp1252; latin-1 defines every byte.
    return line.decode("latin-1")


def _records(
    source: Iterator[bytes], width: int, separator: str, most_bytes: int
) -> Iterator[list[str] | MalformedRow]:
    """Records in order, the header first; an empty list is a blank line."""
    waiting: list[str] = []
    while True:
        if not waiting:
            waiting = [_decode(line) for line in islice(source, 1)]
        if not waiting:
            return
        used, record = _record(waiting, source, width, separator, most_bytes)
        del waiting[:used]
        yield record


def _record(
    waiting: list[str], source: Iterator[bytes], width: int, separator: str, most_bytes: int
) -> tuple[int, list[str] | MalformedRow]:
    """The record at the start of `waiting`, which is extended as needed, and its number of lines."""
    first = waiting[0]
    if not first.strip("\r\n"):
        return 1, []
    text = ""
    for used in range(1, MOST_LINES + 1):
        if used > len(waiting):
            waiting.extend(_decode(line) for line in islice(source, 1))
        if used > len(waiting) or len(text) > most_bytes:
            break
        text += waiting[used - 1]
        if text.count('"') % 2:
            continue
        cells = _cells(text, separator)
        if cells is not None and (_fits(cells, width) or (used == 1 and len(cells) < width)):
            return used, cells
        if used == 1:
            break
    cells = _cells(first, separator)
    if cells is not None and _fits(cells, width):
        return 1, cells
    content = "broken quoting" if cells is None else f"{len(cells)} cells"
    return 1, MalformedRow(0, f"{content}, expected a row of {width} cells", cut(first.rstrip("\r\n")))


def _fits(cells: Sequence[str], width: int) -> bool:
    """Whether a row has a cell for each column, and nothing beyond them."""
    return len(cells) >= width and not any(cells[width:])


def _cells(text: str, separator: str) -> list[str] | None:
    csv.field_size_limit(sys.maxsize)
    try:
        rows = list(csv.reader([text.rstrip("\r\n")], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
