"""The flat form of a table: every column holds numbers, times or texts, and none JSON.

- A list is its elements in one text, joined by `;`. A list of objects is such a text for each of their fields:
  `details` becomes `details_text`, `details_number` and so on, with as many elements as there are objects. An
  element with a `;`, a quotation mark or a line break in it, and an empty one, is in quotation marks, as in a
  CSV whose delimiter is `;`. A missing element leaves nothing between two `;`. Versions have a `v` before:
  programs read 3.10 as the number 3.1.
- The metadata of subjects is a column for each of its fields (`zoo_dag.store.metadata_fields`).
- Other columns of JSON text are left out: other tables have in columns what they hold. The cells of raw tables
  stay as they were exported, and so does `value` of `other_annotations`, which is whatever an unknown task
  wrote.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl

from zoo_dag.store.metadata_fields import with_metadata_fields
from zoo_dag.tables.flat_form import JSON_TEXT, METADATA, OF_SUBJECTS

# Lists of workflow versions.
_VERSIONS = ("versions", "earlier_versions")


class FlatTable(NamedTuple):
    """A table in its flat form, the fields of metadata by column, and the columns of JSON text that it lacks."""

    frame: pl.LazyFrame
    fields: Mapping[str, str]
    left_out: tuple[str, ...] = ()


def with_fields(name: str, frame: pl.LazyFrame, *, hidden: bool = False) -> FlatTable:
    """A table with a column for each field of the metadata of subjects, where it has these; lists stay.

    `hidden` adds the fields that Zooniverse hides from volunteers.
    """
    if name not in OF_SUBJECTS or METADATA not in frame.collect_schema():
        return FlatTable(frame, {})
    return FlatTable(*with_metadata_fields(frame, hidden=hidden))


def flat_table(name: str, frame: pl.LazyFrame, *, hidden: bool = False) -> FlatTable:
    """A table in its flat form; `hidden` adds the fields of metadata that Zooniverse hides from volunteers."""
    named = with_fields(name, frame, hidden=hidden)
    left_out = tuple(column for column in JSON_TEXT.get(name, ()) if column in named.frame.collect_schema())
    return named._replace(frame=flat_lists(named.frame.drop(left_out)), left_out=left_out)


def rows_of(frame: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """The frame with a row for each element of a list, and one without an element where there is none.

    The fields of objects are columns: `answers_votes` of `answers`.
    """
    dtype = frame.collect_schema()[column]
    fields = _fields(_inner(dtype)) if isinstance(dtype, pl.List) and isinstance(_inner(dtype), pl.Struct) else []
    exploded = frame.explode(column, empty_as_null=True)
    if not fields:
        return exploded
    return exploded.select(
        each
        for name in frame.collect_schema()
        for each in (
            [pl.col(name).struct.field(field).alias(f"{name}_{field}") for field in fields]
            if name == column
            else [pl.col(name)]
        )
    )


def flat_lists(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with lists as texts, and lists of objects as a text for each of their fields."""
    return frame.select(column for name, dtype in frame.collect_schema().items() for column in _flat(name, dtype))


def _flat(name: str, dtype: pl.DataType) -> Iterator[pl.Expr]:
    """The columns of one column."""
    fields = _fields(dtype)
    if fields:
        yield from (_text(pl.col(name), dtype, field).alias(f"{name}_{field}") for field in fields)
    elif dtype.is_nested():
        before = "v" if name in _VERSIONS else ""
        yield _text(pl.col(name), dtype, before=before)
    else:
        yield pl.col(name)


def _fields(dtype: pl.DataType) -> list[str]:
    """The names of the fields of objects in lists of them."""
    if isinstance(dtype, pl.List):
        return _fields(_inner(dtype))
    return [field.name for field in dtype.fields] if isinstance(dtype, pl.Struct) else []


def _inner(dtype: pl.List) -> pl.DataType:
    inner = dtype.inner
    return inner if isinstance(inner, pl.DataType) else inner()


def _text(value: pl.Expr, dtype: pl.DataType, field: str = "", before: str = "") -> pl.Expr:
    """The text of a list, or of one field of its objects; `before` stands before each element."""
    if isinstance(dtype, pl.List):
        element = _text(pl.element(), _inner(dtype), field, before)
        return value.list.eval(_quoted(element).fill_null("")).list.join(";")
    plain = value.struct.field(field) if isinstance(dtype, pl.Struct) else value
    return pl.lit(before) + plain.cast(pl.String) if before else plain.cast(pl.String)


def _quoted(text: pl.Expr) -> pl.Expr:
    quoted = pl.lit('"') + text.str.replace_all('"', '""', literal=True) + pl.lit('"')
    return pl.when(text.str.contains('[;"\r\n]') | (text == "")).then(quoted).otherwise(text)
