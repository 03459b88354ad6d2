"""Reading one stored file, also one that another version of zoo_dag wrote, or that is damaged.

Tables that are built from exports can be rebuilt: the data version of such a table depends on its columns, so that
a table with other columns is stale for `zoo-dag run` and the automation, and is not read until it is rebuilt. The
tables of the raw stage cannot be rebuilt, so they are read as they are: columns that are missing in the file are
null, and undeclared columns are dropped, except those of an export, all of which are kept.

The columns come from the footer, not from the LazyFrame: Polars keeps what it looked up, and a file that was
replaced since would be read with the places of the columns in the previous one.
"""

import os
import shlex
from pathlib import Path
from typing import NamedTuple

import polars as pl

from zoo_dag.errors import TableError
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.versions import parse_key

_ARROW_SCHEMA = "ARROW:schema"


class StoredFile(NamedTuple):
    """The file of a table, or of a partition of it; `data` is the data folder."""

    table: Table
    key: str | None
    path: Path
    data: Path

    @property
    def name(self) -> str:
        """The table and its partition, for messages."""
        return f"{self.table.name} of {self.key}" if self.key else self.table.name


class _Columns(NamedTuple):
    """The columns of a file, whether they are the declared ones, and a table that has no rows of them."""

    columns: pl.Schema
    is_declared: bool
    without_rows: pl.LazyFrame


# By the text of the schema in the footer of a file, and by table: the many files of a table are decoded once.
_COLUMNS: dict[tuple[str, str, str], _Columns] = {}


class Footer(NamedTuple):
    """What the footer of a file says: the metadata stored with it, and its columns.

    `is_declared` says whether these are the declared columns of its table, in their order; `empty` is the table
    where it has no rows.
    """

    metadata: dict[str, str]
    columns: pl.Schema
    is_declared: bool
    empty: pl.LazyFrame | None


def read_footer(path: Path, table: Table) -> Footer:
    """The footer of a stored file. Raises OSError or PolarsError where it does not exist or cannot be read."""
    stat = path.stat()
    stamp = (stat.st_ino, stat.st_mtime_ns, table.fingerprint)
    known = _FOOTERS.get((path, table.name))
    if known is None or known[0] != stamp:
        known = _FOOTERS[path, table.name] = stamp, _footer(path, table.name, table.fingerprint)
    return known[1]


def read_file(stored: StoredFile) -> pl.LazyFrame:
    """A stored table with the columns that are declared today.

    Raises TableError where the file is damaged, and where a table that can be rebuilt has other columns.
    """
    table, declared = stored.table, stored.table.dtypes
    try:
        footer = read_footer(stored.path, table)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damage_error(stored, error) from error
    columns = footer.columns
    # A version has rows in few of its tables. A query of a file without rows costs as much as one of a small file.
    frame = pl.scan_parquet(stored.path, glob=False) if footer.empty is None else footer.empty
    if table.layout:
        _require_text(stored, columns)
        return table.layout.complete(frame, columns)
    if footer.is_declared:
        return frame
    different = differences(table, columns)
    if not different:
        return frame.select(*declared, *([pl.exclude(list(declared))] if table.open_ended else []))
    if table.stage == "raw":
        return _upgraded(stored, frame, columns)
    raise TableError(
        f"The table {stored.name} was written by another version of zoo_dag: {', '.join(different)}. "
        f"Rebuild it: {_command(stored, 'run')}"
    )


# A run opens most tables several times: a footer is read once, and kept until its file changes.
_FOOTERS: dict[tuple[Path, str], tuple[tuple[int, int, str], Footer]] = {}


def _footer(path: Path, name: str, fingerprint: str) -> Footer:
    metadata = pl.read_parquet_metadata(path)
    schema = metadata.pop(_ARROW_SCHEMA, None)
    known = _COLUMNS.get((schema, name, fingerprint)) if schema else None
    found = known or _decoded(path, name)
    if schema:
        _COLUMNS[schema, name, fingerprint] = found
    return Footer(metadata, found.columns, found.is_declared, found.without_rows if _is_empty(path) else None)


def _decoded(path: Path, name: str) -> _Columns:
    columns = pl.scan_parquet(path, glob=False).collect_schema()
    is_declared = list(columns.items()) == list(TABLES[name].dtypes.items())
    return _Columns(columns, is_declared, pl.LazyFrame(schema=columns))


def _is_empty(path: Path) -> bool:
    """Whether a Parquet file has no rows: only the footer, its length in 4 bytes, and `PAR1` at both ends."""
    with path.open("rb") as file:
        size = file.seek(-8, os.SEEK_END) + 8
        return int.from_bytes(file.read(4), "little") + 12 == size


def damage_error(stored: StoredFile, error: Exception) -> TableError:
    """The error for a file that cannot be read: which one, and how to restore its table."""
    reason = " ".join(str(error).split())[:120]
    return TableError(f"{stored.path} is damaged and cannot be read ({reason}). {_remedy(stored)}")


def _require_text(stored: StoredFile, columns: pl.Schema) -> None:
    expected = stored.table.dtypes
    wrong = [name for name, dtype in columns.items() if dtype != expected.get(name, pl.String())]
    if wrong:
        raise damage_error(stored, ValueError(f"not a raw table of zoo_dag: see {', '.join(wrong)}"))


def differences(table: Table, columns: pl.Schema) -> list[str]:
    """The differences of stored columns from the declared ones, as phrases; their order does not matter."""
    declared = table.dtypes
    missing = [f"it lacks the column {name}" for name in declared if name not in columns]
    others = [
        f"its column {name} is {columns[name]}, expected {dtype}"
        for name, dtype in declared.items()
        if name in columns and columns[name] != dtype
    ]
    surplus = [] if table.open_ended else [name for name in columns if name not in declared]
    return [*missing, *others, *(f"its column {name} is unknown" for name in surplus)]


def _upgraded(stored: StoredFile, frame: pl.LazyFrame, columns: pl.Schema) -> pl.LazyFrame:
    expected = [
        (pl.col(name) if name in columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in stored.table.dtypes.items()
    ]
    try:
        return frame.select(expected).collect().lazy()
    except pl.exceptions.PolarsError as error:
        raise damage_error(stored, error) from error


def _remedy(stored: StoredFile) -> str:
    table = stored.table
    if table.stage != "raw":
        return f"Delete it, and rebuild it: {_command(stored, 'run')}"
    if stored.key and table.layout:
        version = parse_key(stored.key)
        forget = f"forget {version.workflow_id} --version {version.version}"
        return f"Forget the version, then import the exports again: {_command(stored, forget)}"
    if table.layout:
        again = _command(stored, f"run {table.layout.kind}.csv")
        return f"Delete it, and import the {table.layout.kind} export again: {again}"
    return "Delete it, and import the exports again."


def _command(stored: StoredFile, command: str) -> str:
    return f"zoo-dag {command} --data {shlex.quote(str(stored.data))}"
