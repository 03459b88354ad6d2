"""Tables as sheets of an Excel file: each cell with the type of its column, and a text is always a text.

A cell with a type needs no sign in front: Excel does not look for formulas or addresses in it. What Excel cannot
hold is changed, and said: see `Change`.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import polars as pl

from zoo_dag.exports.cells import EXCEL_LETTERS

SHEET_ROWS = 1_048_575
SHEET_COLUMNS = 16_384
# Numbers of Excel are binary fractions of 53 bits.
MOST_EXACT = 2**53
_SHEET_NAME = 31
_WIDEST_PIXELS = 400
# Excel counts days from here on; it takes 1900 for a leap year.
_FIRST_DAY = datetime(1900, 3, 1)
# XML has no such characters, and makes a line feed of a carriage return. Excel writes them as `_x000D_`; some
# programs read these escapes otherwise, and `x005F_` is what an escape is escaped with.
_ESCAPED = "[\x00-\x08\x0b-\x1f\ufffe\uffff]|x005F_"
_LETTERS_OF_TWO_UNITS = "[\U00010000-\U0010ffff]"

How = Literal["cut", "escaped", "not a number", "numbers as text", "times as text"]


class Change(NamedTuple):
    """Cells of a column that Excel cannot hold as they are: how they were changed, and how many."""

    column: str
    how: How
    n_cells: int


def write_workbook(tables: Mapping[str, pl.DataFrame], target: Path) -> dict[str, list[Change]]:
    """Write tables of plain columns to the sheets of an Excel file; returns what was changed in each."""
    import xlsxwriter  # noqa: PLC0415  (slow to import, seldom needed)

    changes = {}
    with xlsxwriter.Workbook(target) as workbook:
        formats = {
            "head": workbook.add_format({"bold": True}),
            "time": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for name, table in tables.items():
            fitting, changes[name] = _fitting(table)
            _write_sheet(workbook.add_worksheet(name[:_SHEET_NAME]), fitting, formats)
    return changes


def _write_sheet(sheet: Any, table: pl.DataFrame, formats: Mapping[str, Any]) -> None:
    for number, column in enumerate(table):
        _write_text(sheet, 0, number, column.name, formats["head"])
        for row, value in enumerate(column, start=1):
            if value is None:
                continue
            if isinstance(value, str):
                _write_text(sheet, row, number, value)
            elif isinstance(value, bool):
                sheet.write_boolean(row, number, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, number, value, formats["time"])
            else:
                sheet.write_number(row, number, value)
    sheet.freeze_panes(1, 0)
    if table.width:
        sheet.autofilter(0, 0, table.height, table.width - 1)
    sheet.autofit(_WIDEST_PIXELS)


def _write_text(sheet: Any, row: int, column: int, text: str, style: Any = None) -> None:
    """Write a text as a text, whatever is in it."""
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a text for XML of its own, unless it comes in three parts.
        sheet.write_rich_string(row, column, text[0], text[1], text[2:])
    else:
        sheet.write_string(row, column, text, style)


def _fitting(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The table with what Excel can hold, and what was changed in it."""
    changes: list[Change] = []
    columns = []
    for column in table:
        changed, found = _fitting_column(column)
        columns.append(changed)
        changes.extend(Change(column.name, how, n_cells) for how, n_cells in found if n_cells)
    return pl.DataFrame(columns), changes


def _fitting_column(column: pl.Series) -> tuple[pl.Series, list[tuple[How, int]]]:
    if column.dtype == pl.String:
        return _fitting_texts(column)
    if column.dtype.is_integer():
        n_beyond = int((column.cast(pl.Int128).abs() > MOST_EXACT).sum())
        return (column.cast(pl.String) if n_beyond else column), [("numbers as text", n_beyond)]
    if column.dtype.is_float():
        return column.set(~column.is_finite(), None), [("not a number", int((~column.is_finite()).sum()))]
    if isinstance(column.dtype, pl.Datetime):
        plain = column.dt.replace_time_zone(None)
        n_before = int((plain < _FIRST_DAY).sum())
        return (plain.cast(pl.String) if n_before else plain), [("times as text", n_before)]
    return column, []


def _fitting_texts(column: pl.Series) -> tuple[pl.Series, list[tuple[How, int]]]:
    # Excel counts the letters beyond the first 65,536 of Unicode twice.
    units = column.str.len_chars() + column.str.count_matches(_LETTERS_OF_TWO_UNITS)
    is_long = (units > EXCEL_LETTERS).fill_null(value=False)
    found: list[tuple[How, int]] = [
        ("cut", int(is_long.sum())),
        ("escaped", int(column.str.contains(_ESCAPED).sum())),
    ]
    if is_long.any():
        column = column.scatter(is_long.arg_true(), [_cut(text) for text in column.filter(is_long)])
    return column, found


def _cut(text: str) -> str:
    return text.encode("utf-16-le")[: 2 * EXCEL_LETTERS].decode("utf-16-le", "ignore")
