"""What Dagster's pages show of a table: what its columns are and come from, its numbers, plots and first rows."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster import event_tags
from zoo_dag.plots import Other, Show, Shown, row_accounting, subjects, votes
from zoo_dag.plots.numbers import NUMBERS, Numbers, aggregations
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.columns import Column, by_table
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.pages import first_task_columns, pages
from zoo_dag.task_types.summary_columns import Described, describe_column
from zoo_dag.wording.markdown import code
from zoo_dag.wording.markdown import table as markdown_table

# What is shown of a table besides its numbers and its first rows; task types declare it of their own tables.
_OF_TASK_TYPES = pages()
_SHOWS: Mapping[str, tuple[Show, ...]] = {
    "subjects": (subjects.retirement,),
    "classifications": (votes.over_time, votes.per_subject),
    "subject_summary": (subjects.reached, subjects.retirement, subjects.counts, subjects.extremes),
    "version_accounting": (row_accounting.where_rows_went,),
    "accounting": (row_accounting.where_rows_went,),
    **dict.fromkeys(
        ("raw_quarantine", "parsed_quarantine", "flattened_quarantine", "quarantine"), (row_accounting.reasons,)
    ),
    **{name: page.plots for name, page in _OF_TASK_TYPES.items()},
}
_NUMBERS: Mapping[str, Numbers] = {**NUMBERS, **{name: page.numbers for name, page in _OF_TASK_TYPES.items()}}
_PREVIEW_ROWS, _PREVIEW_COLUMNS = 5, 6
# Of a wide table the preview shows the unit, then the columns that its task type declares, then these.
_UNIT = ("subject_ids", "task")
_TELLING = (
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
    "n_classifications",
)
# Of the summary of subjects also the first column of each task.
_TASK_COLUMNS = first_task_columns()


def describe(files: TableFiles, table: Table, key: str | None) -> dict[str, Any]:
    """Metadata of a stored table or partition: rows, numbers, plots, preview, time span, where it lies, columns.

    For a raw table that has a file for each version, of all of them together. What cannot be drawn is told in its
    place and fails no run: the table is stored by then.
    """
    keys = [key] if key else files.keys(table)
    frame = files.scan_all(table, keys)
    paths = [files.path(table, each) for each in keys] if table.partition else [files.path(table)]
    stored = frame.collect_schema()
    rows, found = _numbers(frame, table, stored)
    metadata: dict[str, Any] = {event_tags.PARTITION_ROW_COUNT if key else event_tags.ROW_COUNT: rows}
    if rows:
        metadata |= found | _shown(frame, table, _other(files, key))
        page = _OF_TASK_TYPES.get(table.name)
        rows_shown = preview(frame.head(_PREVIEW_ROWS).collect(), page.preview if page else ())
        metadata["preview"] = dg.MetadataValue.md(rows_shown)
        metadata["in Python"] = dg.MetadataValue.md(_in_python(files, table, key))
    if table.partition and not key:
        metadata["versions"] = dg.MetadataValue.text(", ".join(keys) or "none")
    metadata[event_tags.SIZE_BYTES] = sum(path.stat().st_size for path in paths)
    metadata["path"] = dg.MetadataValue.path(str(paths[0] if len(paths) == 1 else files.root / table.name))
    # The asset tells its columns, too. Most versions have rows in few tables, and what is told is kept for ever.
    return metadata | (_columns(table, stored) if rows or table.open_ended else {})


def definition_metadata(name: str) -> dict[str, Any]:
    """Metadata that an asset has before it was ever made: its columns, and where they come from.

    Dagster's own pages do not show the lineage of columns, so their descriptions tell it, with links.
    """
    table = TABLES[name]
    if table.open_ended:
        # Dagster writes columns in small letters where an asset and its table both tell them.
        return {}
    return _columns(table, table.dtypes, linked=True)


def _columns(table: Table, stored: Mapping[str, pl.DataType], *, linked: bool | None = None) -> dict[str, Any]:
    made_from = column_lineage(table, stored)
    return {
        event_tags.COLUMN_SCHEMA: column_schema(table, stored, linked=linked),
        **({event_tags.COLUMN_LINEAGE: made_from} if made_from else {}),
    }


def description(name: str) -> str:
    """What a row of a table is and what it is good for, with links to the tables that it names."""

    def linked(found: re.Match[str]) -> str:
        return f"[{found[1]}](/assets/{found[1]})" if found[1] in TABLES and found[1] != name else found[0]

    return re.sub(r"`(\w+)`", linked, TABLES[name].description)


def kinds(name: str) -> set[str]:
    """What a table is made of and with; Dagster has pictures for these."""
    return {"csv", "parquet"} if TABLES[name].stage == "raw" else {"polars", "parquet"}


def tags(name: str) -> dict[str, str]:
    """What a table can be found by: its stage, and the type of task it is about (`tag:task_type=drawing`)."""
    page = _OF_TASK_TYPES.get(name)
    return {"stage": TABLES[name].stage, **({"task_type": page.task_type} if page else {})}


def column_schema(
    table: Table, stored: Mapping[str, pl.DataType], *, linked: bool | None = None
) -> dg.TableSchema:
    """The columns of a table with their types and meaning; of an open-ended one also those that are not declared.

    `linked` adds from which other tables a column is made; by default where nothing else tells it.
    """
    names = stored if table.open_ended else table.dtypes
    linked = table.open_ended if linked is None else linked

    def described(name: str) -> str:
        column = _column(table, name, stored)
        if column is None:
            return ""
        return column.description + (_links(column.sources) if linked else "")

    return dg.TableSchema([dg.TableColumn(name, str(dtype), described(name)) for name, dtype in names.items()])


def column_lineage(table: Table, stored: Mapping[str, pl.DataType]) -> dg.TableColumnLineage | None:
    """The columns of other assets that each column is made from; None for a table of files, which has none."""
    names = stored if table.open_ended else table.dtypes
    columns = {name: _column(table, name, stored) for name in names}
    dependencies = {
        name: [
            dg.TableColumnDep(source, source_column)
            for source, source_columns in by_table(column.sources if column else ()).items()
            for source_column in source_columns
        ]
        for name, column in columns.items()
    }
    return dg.TableColumnLineage(dependencies) if any(dependencies.values()) else None


def preview(rows: pl.DataFrame, telling: Sequence[str] = ()) -> str:
    """The first rows as a Markdown table, short enough to be shown at once; `telling` are columns to show first.

    Cells are volunteers' text: they are cut, and put between backticks so that no Markdown or HTML in them acts.
    """
    of_tasks = [name for name in rows.columns if name.endswith(_TASK_COLUMNS)]
    wanted = dict.fromkeys((*_UNIT, *telling, *_TELLING))
    names = [*(name for name in wanted if name in rows.columns), *of_tasks][:_PREVIEW_COLUMNS]
    names = names or rows.columns[:_PREVIEW_COLUMNS]
    return markdown_table(names, [[_cell(value) for value in row] for row in rows.select(names).iter_rows()])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return code(f"{value:%Y-%m-%d %H:%M}")
    return code(f"{value:.4g}" if isinstance(value, float) else value)


def _column(table: Table, name: str, stored: Mapping[str, pl.DataType]) -> Column | Described | None:
    """The declaration of a column; of an open-ended table also of one that depends on a task, if it is known."""
    return table.columns.get(name) or describe_column(name, stored)


def _links(sources: Iterable[str]) -> str:
    """The tables and columns as Markdown with links to the pages of the tables."""
    links = "; ".join(
        f"[{table}](/assets/{table}) {', '.join(f'`{column}`' for column in columns)}"
        for table, columns in by_table(sources).items()
    )
    return f". From {links}" if links else ""


def _numbers(frame: pl.LazyFrame, table: Table, stored: pl.Schema) -> tuple[int, dict[str, Any]]:
    """The number of rows, and what the columns tell in numbers; one pass over the table."""
    timed = stored.get("created_at") == pl.Datetime("us", "UTC")
    times = [pl.col("created_at").min().alias("first"), pl.col("created_at").max().alias("last")] if timed else []
    measured = aggregations(_NUMBERS.get(table.name, {}))
    row = frame.select(*measured, *times, n_rows=pl.len()).collect().row(0, named=True)
    rows = int(row.pop("n_rows"))
    texts = {name: str(row[name]) for name in ("first", "last") if row.get(name) is not None}
    told = {name: value for name, value in row.items() if name not in ("first", "last")}
    # A share of nothing is no number.
    counts = {name: value for name, value in told.items() if value is not None and math.isfinite(value)}
    return rows, counts | {name: dg.MetadataValue.text(text) for name, text in texts.items()}


def _shown(frame: pl.LazyFrame, table: Table, other: Other) -> dict[str, Any]:
    """The plots and lists of a table; of one that cannot be drawn, why."""
    metadata: dict[str, Any] = {}
    for show in _SHOWS.get(table.name, ()):
        # The table is made and stored: whatever is wrong with a plot must not fail the run.
        try:
            found = show(frame, other)
        except Exception as error:
            found = {f"{show.__name__} not drawn": code(f"{type(error).__name__}: {error}", 200)}
        metadata |= {name: _value(shown) for name, shown in found.items()}
    return metadata


def _value(shown: Shown) -> Any:
    return dg.MetadataValue.md(shown) if isinstance(shown, str) else shown


def _other(files: TableFiles, key: str | None) -> Other:
    """Looks up other tables of the same partition; of a workflow all versions together."""

    def look_up(name: str) -> pl.LazyFrame | None:
        wanted = TABLES[name]
        keys = [each for each in files.related_keys(wanted, key) if files.exists(wanted, each)]
        return files.scan_all(wanted, keys) if keys else None

    return look_up


def _in_python(files: TableFiles, table: Table, key: str | None) -> str:
    """How to read it as a Polars LazyFrame."""
    given = [repr(table.name), f"data={str(files.root.parent)!r}"]
    if key and table.partition == "workflow":
        given.append(f"workflow={key}")
    elif key:
        version = parse_key(key)
        given += [f"workflow={version.workflow_id}", f"version={version.version!r}"]
    return code(f"zoo_dag.scan({', '.join(given)})", 300)
