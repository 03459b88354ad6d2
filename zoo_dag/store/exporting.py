"""Writing a table to a file for other programs: CSV, Parquet, Excel or NDJSON.

A program that reads a CSV takes the version 3.10 for the number 3.1. So a row of a workflow version has the column
`partition` besides, such as `3141-v3.10`, in all formats alike.

CSV and Excel have no nested columns: these become JSON text. A text that a spreadsheet would run as a formula gets
a leading apostrophe, because most texts in these tables were typed by strangers.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import polars.selectors as cs

from zoo_dag.errors import ZooDagError
from zoo_dag.exports.cells import EXCEL_LETTERS
from zoo_dag.tables import versions
from zoo_dag.tables.row_count import row_count

_EXCEL_ROWS = 1_048_575
_SHEET_NAME = 31
_FORMULA = r"^[=+\-@\t\r]"
_NUMBER = r"^[+\-]?\d+(\.\d+)?([eE][+\-]?\d+)?$"

SUFFIXES = (".csv", ".parquet", ".xlsx", ".ndjson")


@dataclass(frozen=True)
class Written:
    """What was written of a table: its rows, and by column the cells that were cut because Excel holds no more."""

    n_rows: int
    n_cut: Mapping[str, int] = field(default_factory=dict)


def write_tables(tables: Mapping[str, pl.LazyFrame], target: Path) -> dict[str, Written]:
    """Write tables to a file in the format of its suffix, with `partition`; returns what was written of each.

    An Excel file has a sheet for each table; the other formats hold one table. Raises ZooDagError for another
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
    with _whole(target) as part:
        if suffix == ".xlsx":
            return _write_excel(tables, rows, part, target)
        (frame,) = tables.values()
        if suffix == ".parquet":
            frame.sink_parquet(part)
        elif suffix == ".ndjson":
            frame.sink_ndjson(part)
        else:
            flat(frame).sink_csv(part, datetime_format="%Y-%m-%d %H:%M:%S%.f UTC")
    return {name: Written(n_rows) for name, n_rows in rows.items()}


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A hidden file that takes the place of the target at the end, so that a file of this name is always whole.

    Raises ZooDagError, before any of the work is done, where it cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.touch()
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except OSError as error:
            raise ZooDagError(
                f"{target}: cannot be written ({error.strerror}). Name another file with --to."
            ) from None
        yield part
        os.replace(part, target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


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
    """The frame for a spreadsheet: nested columns as JSON text, no text that runs as a formula."""
    schema = frame.collect_schema()
    nested = [name for name, dtype in schema.items() if dtype.is_nested()]
    frame = frame.with_columns(_json_text(name) for name in nested)
    text = cs.string() - cs.by_name(nested)
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return frame.with_columns(pl.when(runs).then(pl.lit("'") + text).otherwise(text).name.keep())


def _json_text(name: str) -> pl.Expr:
    # Polars writes JSON of structs only: the column becomes a field, and the field's name is cut off.
    wrapped = pl.struct(pl.col(name).alias("v")).struct.json_encode()
    return pl.when(pl.col(name).is_not_null()).then(wrapped.str.slice(len('{"v":')).str.head(-1)).alias(name)


def _write_excel(
    tables: Mapping[str, pl.LazyFrame], rows: Mapping[str, int], part: Path, target: Path
) -> dict[str, Written]:
    import xlsxwriter  # noqa: PLC0415  (slow to import, seldom needed)

    for name, count in rows.items():
        if count > _EXCEL_ROWS:
            raise ZooDagError(
                f"{target}: {name} has {count:,} rows, but an Excel sheet holds {_EXCEL_ROWS:,}. "
                "Choose a workflow and a version, or write CSV or Parquet."
            )
    written = {}
    with xlsxwriter.Workbook(part, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        for name, frame in tables.items():
            table = flat(frame).with_columns(cs.datetime().dt.replace_time_zone(None)).collect()
            texts = table.select((cs.string().str.len_chars() > EXCEL_LETTERS).sum())
            too_long = texts.to_dicts()[0] if texts.width else {}
            written[name] = Written(rows[name], {column: n for column, n in too_long.items() if n})
            table.write_excel(workbook, worksheet=name[:_SHEET_NAME], autofit=True)
    return written
