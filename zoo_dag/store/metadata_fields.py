"""The metadata of subjects as columns: `metadata_filename` for the field `Filename`.

Names are made as those of answers are (`zoo_dag.wording.column_names`). Of fields that would have the same name
the first keeps it: those that volunteers see, then those that Zooniverse hides, both in the order of the
subjects; so names stay when subjects come. A field has the narrowest type that holds all of its values:
Boolean (true, false), Int64, Float64, else String. An empty text is no value of the other types. A value
that is an object is a field for each of its keys, and one that is a list a text of its elements, joined by `;`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import polars as pl

from zoo_dag.exports.cells import json_object
from zoo_dag.exports.subjects import hidden_field
from zoo_dag.tables.flat_form import METADATA
from zoo_dag.wording.column_names import name_part, taken_name

_FLAG = re.compile("true|false", re.IGNORECASE)
# Without zeros in front: 007 is a name.
_WHOLE = re.compile("-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]{1,2})?|[eE][-+]?[0-9]{1,2})")
# Of whole numbers a Float64 holds no more.
_DIGITS = 15


def with_metadata_fields(frame: pl.LazyFrame, *, hidden: bool) -> tuple[pl.LazyFrame, dict[str, str]]:
    """The frame with columns in place of `metadata`, JSON text, and the field that each of them is of.

    `hidden` adds the fields that Zooniverse hides from volunteers: `#`, `//`, and `!` while they classify. In
    memory are the cells.
    """
    types = _types(frame.select(METADATA).collect()[METADATA])
    taken: set[str] = set()
    names = {
        field: taken_name(f"metadata_{name_part(field) or 'field'}", taken) for field in sorted(types, key=_hidden)
    }
    fields = {name: field for field, name in names.items() if hidden or not _hidden(field)}
    dtypes = {name: types[field] for name, field in fields.items()}

    def read(cells: pl.Series) -> pl.Series:
        rows = [dict(_values(cell)) for cell in cells]
        texts = {name: [row.get(field) for row in rows] for name, field in fields.items()}
        return pl.DataFrame(_typed(name, values, dtypes[name]) for name, values in texts.items()).to_struct(
            METADATA
        )

    columns = frame.collect_schema().names()
    place = columns.index(METADATA)
    if fields:
        cells = pl.col(METADATA).map_batches(read, return_dtype=pl.Struct(dtypes), is_elementwise=True)
        frame = frame.with_columns(cells).unnest(METADATA)
    return frame.select(*columns[:place], *fields, *columns[place + 1 :]), fields


def _hidden(field: str) -> bool:
    return hidden_field(field, classifying=True)


def _values(cell: str | None) -> Iterator[tuple[str, str | None]]:
    """The fields of a cell, and their values as texts."""
    try:
        found = json_object(cell)
    except ValueError:
        # What classifications say of their subjects is not read before.
        return
    yield from _flat(found)


def _flat(found: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str | None]]:
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key} ")
        else:
            yield (
                f"{before}{key}",
                ";".join(map(_text, value)) if isinstance(value, list) else _text(value) or None,
            )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _types(cells: pl.Series) -> dict[str, pl.DataType]:
    """The type of each field, in the order in which fields come."""
    kinds: dict[str, set[str]] = {}
    for cell in cells:
        for field, text in _values(cell):
            of_field = kinds.setdefault(field, set())
            if text is not None:
                of_field.add(_kind(text))
    return {field: _type(of_field) for field, of_field in kinds.items()}


def _kind(text: str) -> str:
    if _FLAG.fullmatch(text):
        return "flag"
    if _WHOLE.fullmatch(text):
        return "whole" if len(text.lstrip("-")) <= _DIGITS else "large"
    return "number" if _NUMBER.fullmatch(text) else "text"


def _type(kinds: set[str]) -> pl.DataType:
    if not kinds:
        return pl.String()
    for dtype, held in (
        (pl.Boolean(), {"flag"}),
        (pl.Int64(), {"whole", "large"}),
        (pl.Float64(), {"whole", "number"}),
    ):
        if kinds <= held:
            return dtype
    return pl.String()


def _typed(name: str, texts: list[str | None], dtype: pl.DataType) -> pl.Series:
    column = pl.Series(name, texts, pl.String)
    if dtype == pl.Boolean:
        return column.str.to_lowercase() == "true"
    return column.cast(dtype)
