"""Reading one stored file, also one that another version of zoo_dag wrote, or that is damaged.

Tables that are built from exports can be rebuilt: the data version of such a table depends on its columns, so that
a table with other columns is stale for `zoo-dag run` and the automation, and is not read until it is rebuilt. The
tables of the raw stage cannot be rebuilt, so they are read as they are: columns that are missing in the file are
null, and undeclared columns are dropped, except those of an export, all of which are kept.

A file is opened once, and Polars keeps it open for as long as there is a query of it: a run may replace the file
at any time, and the query still reads the previous one, from its footer to its last row. By a path, Polars would
open the file a second time for the rows, and look for them where they were in the previous one. Where many
partitions are read, what is small is read whole instead (`zoo_dag.store.open_files`).
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from itertools import groupby
from pathlib import Path
from typing import IO, NamedTuple

import polars as pl
from polars._typing import ConcatMethod

from zoo_dag.errors import TableError
from zoo_dag.store.file_errors import StoredFile, damage_error, reading_error, zoo_dag_command
from zoo_dag.store.object_cache import bring_linked
from zoo_dag.store.open_files import most_kept_open
from zoo_dag.tables import TABLES, Table

_ARROW_SCHEMA = "ARROW:schema"
# What is smaller costs little memory, also where there are thousands of such files.
_SMALL_BYTES = 1 << 20


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


def open_file(path: Path) -> IO[bytes]:
    """A file for Polars to read, once or several times. Raises OSError."""
    try:
        # Without a buffer Polars reads it as a file from its start, wherever it was read before.
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        if not path.is_symlink():
            raise
        bring_linked(path)
        return path.open("rb", buffering=0)


def read_footer(path: str, table: Table) -> Footer:
    """The footer of a stored file. Raises OSError or PolarsError where it does not exist or cannot be read."""
    known = _FOOTERS.get((path, table.name))
    # What a link of a working copy names may not be here yet; opening the file brings it.
    with suppress(FileNotFoundError):
        if known is not None and known[0] == _stamp(os.stat(path), table):
            return known[1]
    with open_file(Path(path)) as file:
        return _known_footer(file, path, table)


def read_files(table: Table, files: Sequence[StoredFile]) -> pl.LazyFrame:
    """Stored files of a table, in order, with the columns that are declared today; empty where there are none.

    The frame reads the files as they are now, also where they are replaced or removed later. Raises
    FileNotFoundError where one does not exist, AccessError where one cannot be opened, and TableError where one is
    damaged, or where a table that can be rebuilt has other columns.
    """
    most = most_kept_open()
    with ExitStack() as stack:
        opened: list[_Opened] = []
        n_kept = 0
        for each in files:
            opened.append(_opened(each, stack, is_kept=n_kept < most))
            n_kept += not isinstance(opened[-1].rows, bytes | None)
        if len(files) > 1 and _are_alike(opened):
            # One scan of many files costs less than many scans.
            return _together(opened)
        frames = [_frame(each) for each in opened]
        how: ConcatMethod = "diagonal" if table.layout or table.open_ended else "vertical"
        return pl.concat(frames, how=how) if frames else table.empty().lazy()


class _Opened(NamedTuple):
    """A file that is read: its footer, and where its rows are, None where it has none."""

    stored: StoredFile
    footer: Footer
    rows: IO[bytes] | bytes | None


def _opened(stored: StoredFile, stack: ExitStack, *, is_kept: bool) -> _Opened:
    """Open a file until the end of the stack, unless it has no rows, or is small and not to be kept open."""
    try:
        with ExitStack() as closing:
            file = closing.enter_context(open_file(stored.path))
            footer = _known_footer(file, str(stored.path), stored.table)
            # A version has rows in few of its tables.
            if footer.empty is not None:
                return _Opened(stored, footer, None)
            if not is_kept and os.fstat(file.fileno()).st_size <= _SMALL_BYTES:
                file.seek(0)
                return _Opened(stored, footer, file.read())
            stack.enter_context(closing.pop_all())
            return _Opened(stored, footer, file)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        raise reading_error(stored, error) from error


def _scan(opened: Sequence[_Opened]) -> pl.LazyFrame:
    """A query of files, all of which are kept open or none."""
    in_memory = [each.rows for each in opened if isinstance(each.rows, bytes)]
    kept_open = [each.rows for each in opened if not isinstance(each.rows, bytes | None)]
    try:
        return pl.scan_parquet(in_memory or kept_open, glob=False)
    # A query has a handle of its own of each file.
    except OSError as error:
        raise reading_error(opened[0].stored, error) from error


def _are_alike(opened: Sequence[_Opened]) -> bool:
    """Whether files of a table have the same columns, and the declared ones unless it is that of an export."""
    first = opened[0]
    if not first.stored.table.layout:
        return all(each.footer.is_declared for each in opened)
    return all(each.footer.columns == first.footer.columns for each in opened)


def _together(opened: Sequence[_Opened]) -> pl.LazyFrame:
    """Files that are alike as one table."""
    stored, footer, _ = opened[0]
    with_rows = [each for each in opened if each.rows is not None]
    frame = _scan_in_order(with_rows) if with_rows else pl.LazyFrame(schema=footer.columns)
    if not stored.table.layout:
        return frame
    _require_text(stored, footer.columns)
    return stored.table.layout.complete(frame, footer.columns)


def _scan_in_order(opened: Iterable[_Opened]) -> pl.LazyFrame:
    frames = [_scan(list(group)) for _, group in groupby(opened, lambda each: isinstance(each.rows, bytes))]
    return pl.concat(frames) if len(frames) > 1 else frames[0]


def _frame(opened: _Opened) -> pl.LazyFrame:
    stored, footer, _ = opened
    table, columns = stored.table, footer.columns
    # A query of a file without rows costs as much as one of a small file.
    frame = _scan([opened]) if footer.empty is None else footer.empty
    if table.layout:
        _require_text(stored, columns)
        return table.layout.complete(frame, columns)
    if footer.is_declared:
        return frame
    different = differences(table, columns)
    if not different:
        return frame.select(*table.dtypes, *([pl.exclude(list(table.dtypes))] if table.open_ended else []))
    if table.stage == "raw":
        return _upgraded(stored, frame, columns)
    raise TableError(
        f"The table {stored.name} was written by another version of zoo_dag: {', '.join(different)}. "
        f"Rebuild it: {zoo_dag_command(stored, 'run')}"
    )


_Stamp = tuple[int, int, int, str]
# A run asks for most footers hundreds of times: each is read once, and kept until its file changes.
_FOOTERS: dict[tuple[str, str], tuple[_Stamp, Footer]] = {}


def _stamp(stat: os.stat_result, table: Table) -> _Stamp:
    """What changes with a file, with who may read it, and with the columns that are declared."""
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, table.fingerprint


def _known_footer(file: IO[bytes], path: str, table: Table) -> Footer:
    stamp = _stamp(os.fstat(file.fileno()), table)
    known = _FOOTERS.get((path, table.name))
    if known is None or known[0] != stamp:
        known = _FOOTERS[path, table.name] = stamp, _footer(file, table.name, table.fingerprint)
    return known[1]


def _footer(file: IO[bytes], name: str, fingerprint: str) -> Footer:
    metadata = pl.read_parquet_metadata(file)
    schema = metadata.pop(_ARROW_SCHEMA, None)
    known = _COLUMNS.get((schema, name, fingerprint)) if schema else None
    found = known or _decoded(file, name)
    if schema:
        _COLUMNS[schema, name, fingerprint] = found
    return Footer(metadata, found.columns, found.is_declared, found.without_rows if _is_empty(file) else None)


def _decoded(file: IO[bytes], name: str) -> _Columns:
    columns = pl.scan_parquet(file, glob=False).collect_schema()
    is_declared = list(columns.items()) == list(TABLES[name].dtypes.items())
    return _Columns(columns, is_declared, pl.LazyFrame(schema=columns))


def _is_empty(file: IO[bytes]) -> bool:
    """Whether a Parquet file has no rows: only the footer, its length in 4 bytes, and `PAR1` at both ends."""
    size = file.seek(-8, os.SEEK_END) + 8
    return int.from_bytes(file.read(4), "little") + 12 == size


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
