"""What Dagster's pages show of a stored table: rows, size, columns, time span and a preview."""

from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.table_files import TableFiles
from zoo_dag.tables import TABLES, Table

# Dagster shows Markdown of less than 1,000 characters at once, and more only after a click.
_INLINE = 1000
_CELL = 24
_PREVIEW_ROWS = 5
# Of a wide table the preview shows the first of these that it has.
_TELLING = (
    "subject_ids",
    "task",
    "answer",
    "votes",
    "fraction",
    "rank",
    "user_key",
    "created_at",
    "excluded",
    "status",
    "task_type",
    "option_kind",
    "option_label",
    "stage",
    "rows_in",
    "rows_out",
    "quarantined",
    "source_file",
    "column",
    "reason",
    "found",
    "workflow_version",
    "n_rows",
    "classification_id",
    "value",
)


def column_schema(table: Table) -> dg.TableSchema:
    """The columns of a table with their types and meaning."""
    meaning = table.column_descriptions
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, type=str(dtype), description=meaning[name])
            for name, dtype in table.dtypes.items()
        ]
    )


def describe(files: TableFiles, table: Table, key: str | None) -> dict[str, Any]:
    """Metadata of a stored table or partition: rows, bytes, columns, versions, time span, preview.

    For a raw table that has a file for each version, of all of them together.
    """
    keys = [key] if key else files.keys(table)
    frame = files.scan_all(table, keys)
    paths = [files.path(table, each) for each in keys] if table.partition else [files.path(table)]
    rows = int(frame.select(pl.len()).collect().item())
    metadata: dict[str, Any] = {
        "dagster/partition_row_count" if key else "dagster/row_count": rows,
        "bytes": sum(path.stat().st_size for path in paths),
        "path": dg.MetadataValue.path(str(paths[0] if len(paths) == 1 else files.root / table.name)),
        "dagster/column_schema": column_schema(table),
        **_time_span(frame),
    }
    if table.partition and not key:
        metadata["versions"] = dg.MetadataValue.text(", ".join(keys) or "none")
    if rows:
        metadata["preview"] = dg.MetadataValue.md(preview(frame.head(_PREVIEW_ROWS).collect()))
    return metadata


def _time_span(frame: pl.LazyFrame) -> dict[str, dg.MetadataValue[Any]]:
    """When the first and the last classification of a table were made."""
    if frame.collect_schema().get("created_at") != pl.Datetime("us", "UTC"):
        return {}
    times = pl.col("created_at")
    first, last = frame.select(times.min().alias("first"), times.max().alias("last")).collect().row(0)
    return {"first": dg.MetadataValue.text(str(first)), "last": dg.MetadataValue.text(str(last))} if first else {}


def preview(rows: pl.DataFrame) -> str:
    """The first rows as a Markdown table, short enough to be shown at once.

    Cells are volunteers' text: they are cut, and put between backticks so that no Markdown or HTML in them acts.
    """
    names = [name for name in _TELLING if name in rows.columns][:6] or rows.columns[:6]
    text = ""
    for count in range(len(rows), 0, -1):
        lines = [
            names,
            ["---"] * len(names),
            *([_cell(value) for value in row] for row in rows.select(names).head(count).iter_rows()),
        ]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        if len(text) < _INLINE:
            break
    return text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    plain = " ".join(str(value).split()).replace("`", "'").replace("|", "/")
    return f"`{plain[:_CELL]}{'…' if len(plain) > _CELL else ''}`"


def definition_metadata(name: str) -> dict[str, Any]:
    """Metadata that an asset has before it was ever made: its columns."""
    table = TABLES[name]
    return {"dagster/column_schema": column_schema(table)}
