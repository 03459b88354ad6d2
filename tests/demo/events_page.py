"""docs/events.md in pieces: what its commands print, the rows of its tables, its settings and its Python."""

import re
from pathlib import Path
from typing import Any

import polars as pl

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    """The blocks of code of a kind, such as `toml`."""
    return [body for name, body in _BLOCK.findall(PAGE) if name == kind]


def commands() -> dict[str, list[str]]:
    """The commands of the page with the lines that it shows of what they print."""
    return {
        command.removeprefix("$ zoo-dag "): [line for line in printed if line != "…"]
        for command, *printed in (body.splitlines() for body in blocks("console"))
    }


def table_of(first_column: str) -> tuple[list[str], list[list[str]]]:
    """The names of the columns and the rows of the table that begins with a column."""
    section = PAGE[PAGE.index(f"| {first_column} |") :].split("\n\n")[0]
    names, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines())
    return names, rows


def shown(rows: pl.DataFrame, digits: int) -> list[list[str]]:
    """Rows as the page writes them."""
    return [[_cell(value, digits) for value in row] for row in rows.iter_rows()]


def _cell(value: Any, digits: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        text = f"{value:.{digits}f}"
        return text.removeprefix("0") if digits > 1 else text
    return str(value)
