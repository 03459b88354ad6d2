"""The form in which Zooniverse writes its exports, down to quotes and key order.

Nothing here knows the demo project. Python's `csv` module is not used because it writes null and the empty string
alike, and exports distinguish them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from zoo_dag.tables.layouts import Layout

# The server escapes these in JSON so that the text is safe inside a web page.
ESCAPED_IN_JSON = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

Json: TypeAlias = dict[str, Any]
Cell: TypeAlias = str | int | bool | None


def stored(value: Any) -> Any:
    """A JSON value as the server's database keeps it: keys by length, then by bytes."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: stored(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [stored(item) for item in value]
    return value


def json_text(value: Any) -> str:
    """JSON on one line, keys in their present order."""
    return orjson.dumps(value).decode().translate(ESCAPED_IN_JSON)


def column_time(moment: datetime) -> str:
    """A time in a cell of the export."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def json_time(moment: datetime) -> str:
    """A time inside JSON."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def cell_text(cell: Cell) -> str:
    """One cell: null is nothing at all, the empty string is a pair of quotes."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    text = str(cell)
    if text == "" or any(character in text for character in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def export_text(layout: Layout, rows: Iterable[Mapping[str, Cell]]) -> str:
    """The text of an export file: the columns of the layout that the rows have, in the order of the layout.

    Raises KeyError where rows differ in their columns.
    """
    rows = list(rows)
    columns = [name for name in layout.columns if name in rows[0]]
    lines = [",".join(columns), *(",".join(cell_text(row[name]) for name in columns) for row in rows)]
    return "\n".join(lines) + "\n"
