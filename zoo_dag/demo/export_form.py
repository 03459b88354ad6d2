"""The form in which Zooniverse writes its exports, down to quotes and key order.

Nothing here knows the demo project. Python's `csv` module is not used because it
writes null and the empty string alike, and exports tell them apart.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from zoo_dag.tables.layouts import CLASSIFICATIONS, SUBJECTS, WORKFLOWS

CLASSIFICATION_COLUMNS = CLASSIFICATIONS.today
SUBJECT_COLUMNS = SUBJECTS.today
WORKFLOW_COLUMNS = WORKFLOWS.today
# The server escapes these in JSON so that the text is safe inside a web page.
ESCAPED_IN_JSON = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

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
    """JSON on one line, keys in the order given."""
    return orjson.dumps(value).decode().translate(ESCAPED_IN_JSON)


def column_time(moment: datetime) -> str:
    """A time as it stands in a column of its own."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def json_time(moment: datetime) -> str:
    """A time as it stands inside JSON."""
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


def write_export(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write one export file."""
    lines = [",".join(map(cell_text, row)) for row in (columns, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
