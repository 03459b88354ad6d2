"""The declaration of a column, and functions for common types of columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from zoo_dag.tables.identity import Identity


@dataclass(frozen=True)
class Column:
    """A column of a table: its dtype, its meaning, and the columns that its values come from.

    `sources` are texts `table.column`. They name upstream assets, not always the nearest ones, and none for what
    the run itself says, such as its partition or a constant. A column that only decides which rows count is a
    source where the column is a count of them. Columns may be null. `identifies` says what of a volunteer the
    column holds.
    """

    dtype: pl.DataType
    description: str
    sources: tuple[str, ...] = ()
    identifies: Identity | None = None


def of(table: str, *columns: str) -> tuple[str, ...]:
    """Columns of a table, as sources."""
    return tuple(f"{table}.{column}" for column in columns)


def by_table(sources: Iterable[str]) -> dict[str, list[str]]:
    """The columns that sources name, by their table."""
    tables: dict[str, list[str]] = {}
    for source in sources:
        table, _, column = source.partition(".")
        tables.setdefault(table, []).append(column)
    return tables


def with_sources(columns: Mapping[str, Column], sources: Mapping[str, tuple[str, ...]]) -> dict[str, Column]:
    """The columns, some of them with other sources. Raises KeyError for a column that is not among them."""
    return {**columns, **{name: replace(columns[name], sources=of_column) for name, of_column in sources.items()}}


def text(description: str, sources: tuple[str, ...] = (), identifies: Identity | None = None) -> Column:
    """A text: String."""
    return Column(pl.String(), description, sources, identifies)


def identifier(description: str, sources: tuple[str, ...] = (), identifies: Identity | None = None) -> Column:
    """An id: Int64."""
    return Column(pl.Int64(), description, sources, identifies)


def count(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A count: Int64."""
    return Column(pl.Int64(), description, sources)


def index(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A position: Int32, the first is 0."""
    return Column(pl.Int32(), description, sources)


def measure(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A measured or computed number: Float64."""
    return Column(pl.Float64(), description, sources)


def flag(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A boolean: Boolean, null if the export does not say."""
    return Column(pl.Boolean(), description, sources)


def moment(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A time: Datetime in microseconds, UTC."""
    return Column(pl.Datetime("us", "UTC"), description, sources)


def local_time(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A time by a local clock: Datetime in microseconds, without a zone."""
    return Column(pl.Datetime("us"), description, sources)


def texts(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A list of texts: List(String)."""
    return Column(pl.List(pl.String()), description, sources)


def identifiers(description: str, sources: tuple[str, ...] = ()) -> Column:
    """A list of ids: List(Int64)."""
    return Column(pl.List(pl.Int64()), description, sources)


def structs(description: str, fields: Mapping[str, Column], sources: tuple[str, ...] = ()) -> Column:
    """A list of structs: List(Struct). The meaning of each field is added to the description."""
    dtype = pl.List(pl.Struct({name: field.dtype for name, field in fields.items()}))
    meanings = (f"`{name}`: {field.description}" for name, field in fields.items())
    return Column(dtype, ". ".join((description, *meanings)), sources)
