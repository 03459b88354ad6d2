"""Tables as pages of the documentation have them, and rows of tables as they would be written there."""

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

_TABLE = re.compile(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)


def sections(page: str, level: int = 2) -> dict[str, str]:
    """The text below each heading of a level, by what stands before its colon."""
    parts = re.split(rf"^{'#' * level} ", page, flags=re.MULTILINE)[1:]
    return {part.split("\n")[0].split(":")[0]: part for part in parts}


def tables_of(section: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """What stands before each table, its header, and its rows."""
    before = 0
    for found in _TABLE.finditer(section):
        header, _, *rows = (
            [cell.strip() for cell in line.strip("|").split("|")] for line in found[0].strip().split("\n")
        )
        yield section[before : found.start()], header, rows
        before = found.end()


def shown(value: Any, written: str) -> str:
    """A value as it is written on the page: numbers with as many digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.{len(written.partition('.')[2])}f}"
    return str(value).replace("\n", "<br>")


def in_order(rows: pl.DataFrame, expected: list[list[str]]) -> list[list[str]]:
    """Rows as they are written, sorted; all numbers of a column have the same number of digits on the page."""
    longest = [max(column, key=lambda cell: len(cell.partition(".")[2])) for column in zip(*expected, strict=True)]
    return sorted([shown(value, like) for value, like in zip(row, longest, strict=True)] for row in rows.rows())
