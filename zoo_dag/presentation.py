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
    keys = [key] if key else files.keys(table) if table.partitioned else [None]
    frame = files.scan_all(table, [each for each in keys if each]) if table.partitioned else files.scan(table)
    names = frame.collect_schema().names()
    span = ["created_at"] if frame.collect_schema().get("created_at") == pl.Datetime("us", "UTC") else []
    counts = (
        frame.select(
            rows=pl.len(),
            **{f"{which}_{name}": getattr(pl.col(name), which)() for name in span for which in ("min", "max")},
        )
        .collect()
        .row(0, named=True)
    )
    rows = "dagster/partition_row_count" if key else "dagster/row_count"
    metadata: dict[str, Any] = {
        rows: counts["rows"],
        "bytes": sum(files.path(table, each).stat().st_size for each in keys),
        "path": dg.MetadataValue.path(str(files.root / table.name if table.partitioned else files.path(table))),
    }
    if span and counts["rows"]:
        metadata["first"] = dg.MetadataValue.text(str(counts["min_created_at"]))
        metadata["last"] = dg.MetadataValue.text(str(counts["max_created_at"]))
    if table.schema:
        metadata["dagster/column_schema"] = column_schema(table)
    else:
        metadata["dagster/column_schema"] = dg.TableSchema([dg.TableColumn(name, type="String") for name in names])
    if table.partitioned and not key:
        metadata["versions"] = dg.MetadataValue.text(", ".join(each for each in keys if each) or "none")
    if counts["rows"]:
        metadata["preview"] = dg.MetadataValue.md(preview(frame.head(_PREVIEW_ROWS).collect(), table))
    return metadata


def preview(rows: pl.DataFrame, table: Table) -> str:
    """The first rows as a Markdown table, short enough to be shown at once.

    Cells are volunteers' text: they are cut, and put between backticks so that no Markdown or HTML in them acts.
    """
    names = [name for name in rows.columns if name in _TELLING][:6] or rows.columns[:6]
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
    return {"dagster/column_schema": column_schema(table)} if table.schema else {}
