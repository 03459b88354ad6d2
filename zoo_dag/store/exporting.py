"""Writing a table to a file for other programs: CSV, Parquet, Excel or NDJSON.

A program that reads a CSV takes the version 3.10 for the number 3.1. So a row of a workflow version has the column
`partition` besides, such as `3141-v3.10`, in all formats alike.

CSV and Excel have no nested columns: those that are left become JSON text. In CSV a text that a spreadsheet
would run as a formula gets an apostrophe in front (`zoo_dag.store.formulas`); in Excel it is a cell of the type
text.
"""

import errno
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from zoo_dag.errors import ZooDagError, explaining_full_disk
from zoo_dag.store.formulas import neutral, neutral_names, runs
from zoo_dag.store.workbooks import SHEET_COLUMNS, SHEET_ROWS, Change, write_workbook
from zoo_dag.store.working_files import remove_left_over, working
from zoo_dag.tables import versions
from zoo_dag.tables.row_count import row_count

SUFFIXES = (".csv", ".parquet", ".xlsx", ".ndjson")
# The formats without nested columns.
FLAT = (".csv", ".xlsx")
_PART = re.compile(r"\.zoo-dag-[0-9a-f]{32}\.part(?:\.lock)?")


@dataclass(frozen=True)
class Written:
    """What was written of a table: its rows, and what was changed for Excel.

    `n_neutral` is by column of a CSV the number of texts that got an apostrophe in front.
    """

    n_rows: int
    changes: tuple[Change, ...] = ()
    n_neutral: Mapping[str, int] = field(default_factory=dict)


def write_tables(
    tables: Mapping[str, pl.LazyFrame], target: Path, *, verbatim: bool = False
) -> dict[str, Written]:
    """Write tables to a file in the format of its suffix, with `partition`; returns what was written of each.

    An Excel file has a sheet for each table; the other formats hold one table. With `verbatim` the texts in a CSV
    are as they are, also those that a spreadsheet would run. Raises ZooDagError for another
    suffix, for several tables in a format that holds one, for more rows than an Excel sheet holds, and where the
    file cannot be written.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise ZooDagError(f"{target}: expected a name ending in {', '.join(SUFFIXES)}.")
    if len(tables) > 1 and suffix != ".xlsx":
        raise ZooDagError(f"{target}: only an .xlsx file holds several tables, on a sheet each.")
    rows = {name: row_count(frame) for name, frame in tables.items()}
    tables = {name: with_partition(frame) for name, frame in tables.items()}
    with whole_file(target) as part:
        if suffix == ".xlsx":
            return _write_excel(tables, rows, part, target)
        ((name, frame),) = tables.items()
        if suffix == ".csv":
            n_neutral = write_csv(frame, part, verbatim=verbatim)
            return {name: Written(rows[name], n_neutral=n_neutral)}
        if suffix == ".parquet":
            frame.sink_parquet(part)
        else:
            frame.sink_ndjson(part)
    return {name: Written(rows[name])}


@contextmanager
def part_beside(target: Path) -> Iterator[Path]:
    """A hidden path in the folder of the target, for a file or a folder that only this process works on.

    It is removed at the end, if it is still there, and what killed processes left in that folder at once.
    """
    with working(target.with_name(f".zoo-dag-{uuid.uuid4().hex}.part")) as part:
        remove_left_over(path for path in target.parent.glob(".zoo-dag-*") if _PART.fullmatch(path.name))
        yield part


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A hidden file that takes the place of the target at the end, so that a file of this name is always whole.

    Raises ZooDagError, before any of the work is done, where it cannot be written.
    """
    with ExitStack() as stack:
        try:
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            part = stack.enter_context(part_beside(target))
            part.touch()
        except OSError as error:
            raise ZooDagError(
                f"{target}: cannot be written ({error.strerror}). Name another file with --to."
            ) from None
        with explaining_full_disk(target.parent, f"{target}: ", ", or name another file with --to."):
            yield part
            os.replace(part, target)


def with_partition(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with `partition` (String) after `workflow_version`, where it has these two columns of a version.

    It is null where the workflow or the version is not readable.
    """
    columns = frame.collect_schema().names()
    if "partition" in columns or not {"workflow_id", "workflow_version"} <= set(columns):
        return frame
    before = columns[: columns.index("workflow_version") + 1]
    # In raw tables the id of the workflow is a text.
    key = versions.key(pl.col("workflow_id").cast(pl.String)).alias("partition")
    return frame.select(*before, key, pl.exclude(before))


def flat(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame without nested columns: these become JSON text."""
    nested = [name for name, dtype in frame.collect_schema().items() if dtype.is_nested()]
    return frame.with_columns(_json_text(name) for name in nested)


def _json_text(name: str) -> pl.Expr:
    # Polars writes JSON of structs only: the column becomes a field, and the field's name is cut off.
    wrapped = pl.struct(pl.col(name).alias("v")).struct.json_encode()
    return pl.when(pl.col(name).is_not_null()).then(wrapped.str.slice(len('{"v":')).str.head(-1)).alias(name)


def write_csv(
    frame: pl.LazyFrame, part: Path, *, verbatim: bool, times: str = "%Y-%m-%d %H:%M:%S%.f UTC"
) -> dict[str, int]:
    """Write a CSV, with times in UTC in this form; returns by column how many cells got an apostrophe in front."""
    frame = flat(frame)
    schema = frame.collect_schema()
    texts = [] if verbatim else [name for name, dtype in schema.items() if dtype == pl.String]
    written = frame.with_columns(neutral(pl.col(texts))) if texts else frame
    if not verbatim:
        written = written.rename(dict(zip(schema, neutral_names(list(schema)), strict=True)))
    # A time without a zone is by a local clock, and gets no zone from us.
    local = [name for name, dtype in schema.items() if isinstance(dtype, pl.Datetime) and not dtype.time_zone]
    local_times = times.removesuffix("Z").removesuffix(" UTC")
    written = written.with_columns(pl.col(local).dt.strftime(local_times)) if local else written
    sink = written.sink_csv(part, datetime_format=times, lazy=True)
    # Both in one pass over the rows.
    _, counts = pl.collect_all([sink, frame.select(runs(pl.col(texts)).sum())], engine="streaming")
    return {name: n_cells for name, n_cells in counts.to_dicts()[0].items() if n_cells} if texts else {}


def _write_excel(
    tables: Mapping[str, pl.LazyFrame], rows: Mapping[str, int], part: Path, target: Path
) -> dict[str, Written]:
    for name, count in rows.items():
        if count > SHEET_ROWS:
            raise ZooDagError(
                f"{target}: {name} has {count:,} rows, but an Excel sheet holds {SHEET_ROWS:,}. "
                "Choose a workflow and a version, or write CSV or Parquet."
            )
    plain = {name: flat(frame) for name, frame in tables.items()}
    for name, frame in plain.items():
        if (width := len(frame.collect_schema())) > SHEET_COLUMNS:
            raise ZooDagError(
                f"{target}: {name} has {width:,} columns, but an Excel sheet holds {SHEET_COLUMNS:,}. "
                "Write CSV or Parquet."
            )
    changed = write_workbook({name: frame.collect() for name, frame in plain.items()}, part)
    return {name: Written(rows[name], tuple(changed[name])) for name in tables}
