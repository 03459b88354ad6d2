"""Damaged exports: a sound export with a few random damages, from a seed."""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    SUBJECT_COLUMNS,
    WORKFLOW_COLUMNS,
    Row,
    anonymous,
    answer,
    cell_text,
    classification_row,
    export_bytes,
    question,
    question_strings,
    subject_row,
    workflow_row,
)
from zoo_dag.tables.layouts import Kind

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "classifications": CLASSIFICATION_COLUMNS,
    "subjects": SUBJECT_COLUMNS,
    "workflows": WORKFLOW_COLUMNS,
}
# A cell as a column, a spreadsheet, an editor, a script or an attacker may leave it.
CELLS = (
    *("", " ", '""', "NA", "NaN", "null", "None", "true", "-", "\0", "\ufeff", "\u2028", "\u202e", "\x1b[2J"),
    *("0", "-1", "1.5", "1e5", "1e999", "9" * 19, "9" * 400, "\u0663", "²", "3.10", "3.1.4", "1;2", ";;"),
    *("[]", "{}", "[null]", "[{}]", "[[[]]]", "[" * 3000, '{"":null}', '{"a":', "[NaN]", "[1e400]", '"\\ud800"'),
    *('["\\u0000"]', '{"T0":3}', '{"0":{}}', "[true]", "[18446744073709551616]", '{"tasks":[]}'),
    *("9999-12-31 23:59:59 UTC", "0000-01-01 00:00:00 UTC", "2024-02-30 00:00:00 UTC", "yesterday"),
    *("=1+1", "[red]x", "<script>", "'; drop table", "../../x", "%s%n", "x" * 70_000, "é" * 40_000),
)
NAMES = (
    "metadata ",
    "Metadata",
    "annotation",
    "",
    "source_file",
    "source_row",
    "subject_id.1",
    "\ufeffx",
    "=x",
    "a\nb",
)
BYTES = (
    b"",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1a",
    b"\xc3",
    b'""',
    b'"\n"',
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    1e300,
    2**70,
    "",
    "x",
    [],
    {},
    [[]],
    [{}],
    {"task": "T0"},
    ["\ud800"[:0]],
)
DEEP = 400


@dataclass
class Damaged:
    """An export as bytes, under a file name. `damages` says what was done to it.

    `sound` are the classifications of rows that nothing was done to; None where a damage may reach any row, as a
    quotation mark does.
    """

    name: str
    kind: Kind
    content: bytes
    sound: set[int] | None
    damages: list[str] = field(default_factory=list)


def rows_of(kind: Kind) -> list[Row]:
    """A sound export: two workflows, two versions, all forms of volunteers, several task types."""
    if kind == "subjects":
        return [subject_row(101 + number) for number in range(6)]
    if kind == "workflows":
        return [_workflow(3, 10), _workflow(3, 11), _workflow(4, 1), _workflow(1, 1, workflow_id=12)]
    return _classifications()


def _workflow(major: int, minor: int, **overrides: Any) -> Row:
    """Its definition says of what type each task is; without one the rows of others would."""
    strings = question_strings() | question_strings("T1", "Which?", ("a", "b", "c"))
    tool = {"type": "point", "label": "T2.tools.0.label", "details": []}
    tasks = {
        "T0": question(),
        "T1": question("T1", 3, "multiple"),
        "T2": {"type": "drawing", "tools": [tool], "instruction": "T2.instruction"},
        "T3": {"type": "text", "instruction": "T3.instruction"},
    }
    texts = {"T2.instruction": "Mark", "T2.tools.0.label": "Bird", "T3.instruction": "Write"}
    return workflow_row(major, minor, tasks=tasks, strings=strings | texts, **overrides)


@cache
def _classifications() -> list[Row]:
    marks = [{"x": 10.5, "y": 20, "tool": 0, "frame": 0, "details": []}]
    return [
        *(classification_row(number, subject_ids=str(101 + number % 5)) for number in range(1, 7)),
        *(anonymous(number, workflow_version="3.11") for number in range(7, 11)),
        classification_row(11, annotations=[answer(value=None)]),
        classification_row(12, annotations=[answer("T1", ["a", "c"], "Which?")]),
        classification_row(13, annotations=[answer("T2", marks, "Mark")], workflow_version="3.11"),
        classification_row(14, annotations=[answer("T3", 'Zeile 1\nZeile 2, "Vögel"', "Write")]),
        classification_row(15, workflow_id=12, workflow_version="1.1", annotations=[]),
        classification_row(16, subject_ids="101;102", annotations=[answer(), answer("T1", [], "Which?")]),
    ]


def damaged_export(seed: int) -> Damaged:
    """The damaged export of a seed: the same one every time."""
    chance = random.Random(seed)  # noqa: S311  (not for security)
    kinds: list[Kind] = ["classifications", "subjects", "workflows"]
    kind = chance.choices(kinds, [8, 1, 1])[0]
    columns, rows = list(COLUMNS[kind]), [dict(row) for row in rows_of(kind)]
    export = Damaged("export.csv", kind, b"", {int(row[columns[0]]) for row in rows})
    for damage in chance.choices(_OF_ROWS, k=chance.choice((0, 1, 1, 2, 3))):
        damage(chance, rows, columns, export)
    export.content = export_bytes(rows, columns)
    some = chance.choice((0, 0, 1, 1, 2)) if export.damages else chance.choice((1, 1, 2))
    for of_bytes in chance.choices(_OF_BYTES, k=some):
        of_bytes(chance, export)
    return export


def _touch(export: Damaged, row: Row, columns: list[str]) -> None:
    if export.sound is not None:
        identifier = row.get(columns[0])
        export.sound.discard(identifier if isinstance(identifier, int) else -1)


def _cell(chance: random.Random, rows: list[Row], columns: list[str], export: Damaged) -> None:
    row, column = chance.choice(rows), chance.choice(columns)
    _touch(export, row, columns)
    row[column] = chance.choice(CELLS)
    export.damages.append(f"cell {column} = {str(row[column])[:20]!r}")


def _json(chance: random.Random, rows: list[Row], columns: list[str], export: Damaged) -> None:
    """Another value at a random place inside a JSON cell."""
    row = chance.choice(rows)
    inside = [column for column in columns if isinstance(row.get(column), dict | list) and row[column]]
    if not inside:
        return
    column = chance.choice(inside)
    _touch(export, row, columns)
    row[column] = json.loads(json.dumps(row[column]))
    place, key = _place(chance, row[column])
    place[key] = _nested(chance.randrange(DEEP)) if chance.random() < 0.1 else chance.choice(VALUES)
    export.damages.append(f"JSON in {column} at {key!r}")


def _place(chance: random.Random, value: Any) -> tuple[Any, Any]:
    """A random container inside a JSON value, and a key or place in it."""
    while True:
        key = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
        if not (isinstance(value[key], dict | list) and value[key]) or chance.random() < 0.3:
            return value, key
        value = value[key]


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def _repeat(chance: random.Random, rows: list[Row], columns: list[str], export: Damaged) -> None:
    row = dict(chance.choice(rows))
    _touch(export, row, columns)
    if chance.random() < 0.5:
        row[chance.choice(columns[1:])] = chance.choice(CELLS)
    rows.insert(chance.randrange(len(rows) + 1), row)
    export.damages.append("a row twice")


def _column(chance: random.Random, rows: list[Row], columns: list[str], export: Damaged) -> None:
    """A column more, less, renamed or elsewhere."""
    what = chance.choice(("less", "more", "renamed", "moved", "twice"))
    place = chance.randrange(len(columns))
    name = columns[place]
    export.sound = None
    export.damages.append(f"column {name} {what}")
    if what == "less":
        columns.pop(place)
    elif what == "moved":
        columns.insert(chance.randrange(len(columns)), columns.pop(place))
    elif what == "twice":
        columns.append(name)
    else:
        new = chance.choice(NAMES)
        for row in rows:
            row[new] = row.get(name) if what == "renamed" else "new"
        columns[place : place + (what == "renamed")] = [new]


def _no_rows(_chance: random.Random, rows: list[Row], _columns: list[str], export: Damaged) -> None:
    rows.clear()
    rows.append({})
    export.sound = set()
    export.damages.append("one empty row")


_OF_ROWS: tuple[Callable[[random.Random, list[Row], list[str], Damaged], None], ...] = (
    *(_cell,) * 4,
    *(_json,) * 4,
    _repeat,
    _column,
    _no_rows,
)


def _bytes(chance: random.Random, export: Damaged) -> None:
    place = chance.randrange(len(export.content) + 1)
    removed = chance.choice((0, 0, 1, 3, 40, 400))
    export.content = export.content[:place] + chance.choice(BYTES) + export.content[place + removed :]
    export.sound = None
    export.damages.append(f"bytes at {place}, {removed} removed")


def _cut(chance: random.Random, export: Damaged) -> None:
    export.content = export.content[: chance.randrange(len(export.content) + 1)]
    export.sound = None
    export.damages.append(f"cut to {len(export.content)} bytes")


def _line(chance: random.Random, export: Damaged) -> None:
    lines = export.content.split(b"\n")
    place = chance.randrange(len(lines))
    more = chance.choice((b"", b"x", b",,,", b'"', lines[place][:50], b"a,b\r"))
    lines[place : place + chance.choice((0, 1))] = [more]
    export.content = b"\n".join(lines)
    export.sound = None
    export.damages.append(f"line {place} replaced")


def _encoding(chance: random.Random, export: Damaged) -> None:
    encoding = chance.choice(("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-32", "utf-7"))
    text = export.content.decode("utf-8", "replace")
    export.content = text.encode(encoding, "replace")
    export.sound = None
    export.damages.append(encoding)


def _ends(chance: random.Random, export: Damaged) -> None:
    export.content = export.content.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\n\r")))
    export.sound = None
    export.damages.append("other line ends")


def _separator(chance: random.Random, export: Damaged) -> None:
    export.content = export.content.replace(b",", chance.choice((b";", b"\t", b"|", b", ")))
    export.sound = None
    export.damages.append("another separator")


def _gzip(chance: random.Random, export: Damaged) -> None:
    export.content = gzip.compress(export.content, mtime=0)
    export.name += ".gz"
    export.damages.append("gzip")
    if chance.random() < 0.5:
        _bytes(chance, export)


def _zip(chance: random.Random, export: Damaged) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        names = chance.choice((["export.csv"], ["../export.csv"], ["a.csv", "b.csv"], [], ["notes.txt"], ["x/"]))
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), export.content)
    export.content, export.name = packed.getvalue(), "export.zip"
    export.sound = export.sound if names == ["export.csv"] else None
    export.damages.append(f"zip of {names}")
    if chance.random() < 0.3:
        _bytes(chance, export)


def _large(chance: random.Random, export: Damaged) -> None:
    """A cell, a line or blank lines of some megabytes."""
    size = chance.choice((1, 3)) << 20
    export.content += chance.choice((b"\n" * size, b'"' + b"x" * size + b'"\n', b"y" * size, b"," * (size >> 4)))
    export.sound = None
    export.damages.append(f"{size} bytes more")


_OF_BYTES: tuple[Callable[[random.Random, Damaged], None], ...] = (
    *(_bytes,) * 4,
    _cut,
    *(_line,) * 2,
    _encoding,
    _ends,
    _separator,
    _gzip,
    _zip,
    _large,
)

__all__ = ["COLUMNS", "Damaged", "cell_text", "damaged_export", "rows_of"]
