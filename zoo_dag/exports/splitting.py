"""Splitting a classifications export by workflow version, in one streaming pass."""

import hashlib
import tempfile
from pathlib import Path

import polars as pl

from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW, ExportFile
from zoo_dag.exports.merging import NO_WORKFLOW
from zoo_dag.exports.reading import ReadingNotes, read_export
from zoo_dag.tables import versions
from zoo_dag.tables.file_format import COMPRESSION, COMPRESSION_LEVEL

UNASSIGNED = "unassigned"
# Columns of these parts, which no column of an export is called: a name in a header does not begin with a space.
PROBLEM = " problem"
_KEY = " partition key"
# Columns that differ between two exports of the same classification (docs/exports.md, Classifications).
_CHANGING = frozenset({"user_ip", "workflow_name", "subject_data", SOURCE_FILE, SOURCE_ROW})


def split_classifications(export: ExportFile, folder: Path) -> tuple[dict[str, Path], ReadingNotes]:
    """Write one Parquet file of text cells for each workflow version of an export, into `folder`.

    Returns the files by partition key, in the order of the versions, and the notes of reading. Rows without a
    readable workflow or version have the key "unassigned", and a column PROBLEM: String with the name of the
    unreadable column. A file without `workflow_id` counts as workflow 0; a missing column `classification_id` is
    replaced by negative numbers derived from the content of the rows.
    """

    def consume(frame: pl.LazyFrame) -> Path:
        parts = _new_folder(folder)
        key = pl.coalesce(versions.key(), pl.lit(UNASSIGNED)).alias(_KEY)
        _with_missing_ids(frame).with_columns(key).sink_parquet(
            # One file for each key: a split by size would need several names.
            pl.PartitionBy(parts, key=_KEY, include_key=False, approximate_bytes_per_file=None),
            mkdir=True,
            # A part may become the file of a table as it is.
            compression=COMPRESSION,
            compression_level=COMPRESSION_LEVEL,
            # A writer holds so many rows of a version.
            row_group_size=export.measured.rows_at_once,
        )
        return parts

    parts, notes = read_export(export, folder, consume)
    files = {path.name.partition("=")[2]: next(path.iterdir()) for path in parts.glob("*=*")}
    unassigned = files.pop(UNASSIGNED, None)
    ordered = {key: files[key] for key in sorted(files, key=versions.parse_key)}
    if unassigned:
        ordered[UNASSIGNED] = _with_problem(unassigned)
    return ordered, notes


def write_rows(export: ExportFile, folder: Path) -> tuple[dict[str, Path], ReadingNotes]:
    """Write all rows of an export to one Parquet file of text cells, under its kind as key."""

    def consume(frame: pl.LazyFrame) -> Path:
        target = _new_folder(folder) / f"{export.kind}.parquet"
        frame.sink_parquet(target, row_group_size=export.measured.rows_at_once)
        return target

    target, notes = read_export(export, folder, consume)
    return {export.kind: target}, notes


def _new_folder(folder: Path) -> Path:
    """A folder of one attempt to write: a thread of Polars may still write the file of an attempt that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=folder))


def _with_missing_ids(frame: pl.LazyFrame) -> pl.LazyFrame:
    names = frame.collect_schema().names()
    if "workflow_id" not in names:
        frame = frame.with_columns(workflow_id=pl.lit(NO_WORKFLOW))
    if "classification_id" not in names:
        content = pl.struct(_stable(name) for name in names if name not in _CHANGING).struct.json_encode()
        derived = content.map_batches(_derived_ids, return_dtype=pl.String, is_elementwise=True)
        frame = frame.with_columns(classification_id=derived)
    return frame


def _derived_ids(contents: pl.Series) -> pl.Series:
    """A negative number for each content, the same in every export and with every version of Polars."""
    hashes = (hashlib.blake2b(content.encode(), digest_size=7).digest() for content in contents)
    return pl.Series([str(-int.from_bytes(digest)) for digest in hashes], dtype=pl.String)


def _stable(name: str) -> pl.Expr:
    # The name of an anonymous person contains the address token, which changes with every export.
    logged_in = ~pl.col(name).str.starts_with("not-logged-in-")
    return pl.when(logged_in).then(name) if name == "user_name" else pl.col(name)


def _with_problem(part: Path) -> Path:
    problem = (
        pl.when(versions.workflow().is_null()).then(pl.lit("workflow_id")).otherwise(pl.lit("workflow_version"))
    )
    target = part.with_name("problems.parquet")
    pl.scan_parquet(part, glob=False).with_columns(problem.alias(PROBLEM)).sink_parquet(target)
    return target
