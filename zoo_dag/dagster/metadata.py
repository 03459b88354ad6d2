"""Metadata of a table for Dagster's pages: its columns and their lineage, numbers, plots and first rows."""

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster import event_tags
from zoo_dag.dagster.names import ALONE, Names
from zoo_dag.dagster.previews import first_rows, preview
from zoo_dag.plots import Other, Show, Shown, events, row_accounting, subjects, votes
from zoo_dag.plots.numbers import NUMBERS, Numbers, aggregations
from zoo_dag.store.table_files import TableFiles
from zoo_dag.store.working_copy import address, copy_at
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.columns import Column, by_table
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.pages import pages
from zoo_dag.task_types.subject_votes import SUBJECT_VOTES, describe_votes
from zoo_dag.task_types.summary_columns import Described, describe_column
from zoo_dag.wording.markdown import code

# Previews of a table besides its numbers and its first rows; task types declare those of their tables.
_OF_TASK_TYPES = pages()
_SHOWS: Mapping[str, tuple[Show, ...]] = {
    "subjects": (subjects.retirement,),
    "classifications": (votes.over_time, votes.per_subject),
    "subject_summary": (subjects.reached, subjects.retirement, subjects.counts, subjects.extremes),
    "event_consensus": (events.present,),
    "deployment_rates": (events.rates,),
    "version_accounting": (row_accounting.where_rows_went,),
    "accounting": (row_accounting.where_rows_went,),
    **dict.fromkeys(
        ("raw_quarantine", "parsed_quarantine", "flattened_quarantine", "quarantine"), (row_accounting.reasons,)
    ),
    **{name: page.plots for name, page in _OF_TASK_TYPES.items()},
}
_NUMBERS: Mapping[str, Numbers] = {**NUMBERS, **{name: page.numbers for name, page in _OF_TASK_TYPES.items()}}
# The columns to preview of tables that belong to no task type.
_PREVIEWS = {
    "event_consensus": ("event_id", "choice_label", "n_subjects", "votes", "present", "complete"),
    "deployment_rates": ("deployment", "choice_label", "n_independent", "effort_days", "rate"),
}
_SMALL_BYTES = 64 << 10


def describe(
    files: TableFiles, table: Table, key: str | None, rows: pl.DataFrame | None = None, *, names: Names = ALONE
) -> dict[str, Any]:
    """Metadata of a stored table or partition: rows, numbers, plots, preview, time span, where it lies, columns.

    For a raw table with a file for each version, those of all files together. `rows` are those of the table where
    they are at hand, so that they are not read. If a plot fails, its entry has the error instead, and the run does
    not fail: the table is already stored.
    """
    keys = [key] if key else files.keys(table)
    paths = [files.path(table, each) for each in keys] if table.partition else [files.path(table)]
    if rows is None:
        frame, n_rows, rows = _opened(files, table, key, keys)
    else:
        frame, n_rows = rows.lazy(), rows.height
    stored = frame.collect_schema() if table.open_ended or rows is None else table.dtypes
    metadata: dict[str, Any] = {event_tags.PARTITION_ROW_COUNT if key else event_tags.ROW_COUNT: n_rows}
    if n_rows:
        # In one piece: Polars cannot format texts where a filter leaves nothing of a piece.
        frame = frame if rows is None else rows.rechunk().lazy()
        metadata |= _numbers(frame, table, stored) | _shown(frame, table, _other(files, key))
        if not (table.layout and table.layout.identifying):
            # In an export, cells of a damaged row may have slipped: any may be a name.
            page = _OF_TASK_TYPES.get(table.name)
            shown_rows = first_rows(frame, stored, table)
            metadata["preview"] = dg.MetadataValue.md(
                preview(shown_rows, page.preview if page else _PREVIEWS.get(table.name, ()))
            )
        metadata["in Python"] = dg.MetadataValue.md(_in_python(files, table, key))
    if table.partition and not key:
        metadata["versions"] = dg.MetadataValue.text(", ".join(keys) or "none")
    metadata[event_tags.SIZE_BYTES] = sum(path.stat().st_size for path in paths)
    # In an object store it has none: that of the working copy ends with this process.
    if copy_at(files.root.parent) is None:
        metadata["path"] = dg.MetadataValue.path(str(paths[0] if len(paths) == 1 else files.root / table.name))
    # Of the other tables the asset has the columns, and metadata is stored with each of their partitions.
    return metadata | (_columns(table, stored, names) if table.open_ended else {})


@cache
def definition_metadata(name: str, names: Names = ALONE) -> dict[str, Any]:
    """Metadata that an asset has before its first materialization: its columns and their lineage.

    Dagster's open-source pages do not show column lineage, so the descriptions of columns contain it, with links.
    """
    table = TABLES[name]
    if table.open_ended:
        # Dagster lowercases column names if both an asset and its table have them.
        return {}
    return _columns(table, table.dtypes, names, linked=True)


def _columns(
    table: Table, stored: Mapping[str, pl.DataType], names: Names, *, linked: bool | None = None
) -> dict[str, Any]:
    made_from = column_lineage(table, stored, names)
    return {
        event_tags.COLUMN_SCHEMA: column_schema(table, stored, names, linked=linked),
        **({event_tags.COLUMN_LINEAGE: made_from} if made_from else {}),
    }


def description(name: str, names: Names = ALONE) -> str:
    """The description of a table, with links to the tables that it names."""

    def linked(match: re.Match[str]) -> str:
        return (
            f"[{match[1]}](/assets/{names.path(match[1])})"
            if match[1] in TABLES and match[1] != name
            else match[0]
        )

    return re.sub(r"`(\w+)`", linked, TABLES[name].description)


def kinds(name: str) -> set[str]:
    """The kinds of an asset; Dagster has icons for these."""
    return {"csv", "parquet"} if TABLES[name].stage == "raw" else {"polars", "parquet"}


def tags(name: str) -> dict[str, str]:
    """Tags to search a table by: its stage, and its task type (`tag:task_type=drawing`)."""
    page = _OF_TASK_TYPES.get(name)
    return {"stage": TABLES[name].stage, **({"task_type": page.task_type} if page else {})}


def column_schema(
    table: Table, stored: Mapping[str, pl.DataType], names: Names = ALONE, *, linked: bool | None = None
) -> dg.TableSchema:
    """The columns of a table with their types and meaning; of an open-ended one also those that are not declared.

    `linked` adds the tables that a column is computed from; by default if no other metadata has it.
    """
    shown = stored if table.open_ended else table.dtypes
    linked = table.open_ended if linked is None else linked

    def described(name: str) -> str:
        column = _column(table, name, stored)
        if column is None:
            return ""
        return column.description + (_links(column.sources, names) if linked else "")

    return dg.TableSchema([dg.TableColumn(name, str(dtype), described(name)) for name, dtype in shown.items()])


def column_lineage(
    table: Table, stored: Mapping[str, pl.DataType], names: Names = ALONE
) -> dg.TableColumnLineage | None:
    """The columns of other assets that each column is computed from; None for a table of files, which has none."""
    shown = stored if table.open_ended else table.dtypes
    columns = {name: _column(table, name, stored) for name in shown}
    dependencies = {
        name: [
            dg.TableColumnDep(names.asset(source), source_column)
            for source, source_columns in by_table(column.sources if column else ()).items()
            for source_column in source_columns
        ]
        for name, column in columns.items()
    }
    return dg.TableColumnLineage(dependencies) if any(dependencies.values()) else None


def _opened(
    files: TableFiles, table: Table, key: str | None, keys: list[str]
) -> tuple[pl.LazyFrame, int, pl.DataFrame | None]:
    """A stored table or partition, the number of its rows, and its rows where they are few."""
    frame = files.scan(table, key) if key else files.scan_all(table, keys)
    partitions = keys if table.partition else [None]
    if files.are_empty(table, partitions):
        return frame, 0, None
    # Numbers, plots and first rows are queries each: of a small table they share the rows of one.
    if sum(files.path(table, each).stat().st_size for each in partitions) <= _SMALL_BYTES:
        rows = frame.collect()
        return rows.lazy(), rows.height, rows
    return frame, row_count(frame), None


def _column(table: Table, name: str, stored: Mapping[str, pl.DataType]) -> Column | Described | None:
    """The declaration of a column; of an open-ended table also of one that depends on a task, if it is known."""
    if name in table.known:
        return table.known[name]
    return describe_votes(name) if table.name == SUBJECT_VOTES else describe_column(name, stored)


def _links(sources: Iterable[str], names: Names) -> str:
    """The tables and columns as Markdown with links to the pages of the tables."""
    links = "; ".join(
        f"[{table}](/assets/{names.path(table)}) {', '.join(f'`{column}`' for column in columns)}"
        for table, columns in by_table(sources).items()
    )
    return f". From {links}" if links else ""


def _numbers(frame: pl.LazyFrame, table: Table, stored: pl.Schema) -> dict[str, Any]:
    """The summary numbers of the columns; one pass over the table."""
    timed = stored.get("created_at") == pl.Datetime("us", "UTC")
    times = [pl.col("created_at").min().alias("first"), pl.col("created_at").max().alias("last")] if timed else []
    wanted = [*aggregations(_NUMBERS.get(table.name, {})), *times]
    row = frame.select(wanted).collect().row(0, named=True) if wanted else {}
    texts = {name: str(row[name]) for name in ("first", "last") if row.get(name) is not None}
    numbers = {name: value for name, value in row.items() if name not in ("first", "last")}
    # A share of an empty total is not a number.
    counts = {name: value for name, value in numbers.items() if value is not None and math.isfinite(value)}
    return counts | {name: dg.MetadataValue.text(text) for name, text in texts.items()}


def _shown(frame: pl.LazyFrame, table: Table, other: Other) -> dict[str, Any]:
    """The plots and lists of a table; for one that cannot be drawn, the error."""
    metadata: dict[str, Any] = {}
    for show in _SHOWS.get(table.name, ()):
        # The table is already stored: a failing plot must not fail the run.
        try:
            entries = show(frame, other)
        except Exception as error:
            entries = {f"{show.__name__} not drawn": code(f"{type(error).__name__}: {error}", 200)}
        metadata |= {name: _value(shown) for name, shown in entries.items()}
    return metadata


def _value(shown: Shown) -> Any:
    return dg.MetadataValue.md(shown) if isinstance(shown, str) else shown


def _other(files: TableFiles, key: str | None) -> Other:
    """Opens other tables of the same partition; for a workflow all versions together."""

    def look_up(name: str) -> pl.LazyFrame | None:
        wanted = TABLES[name]
        keys = [each for each in files.related_keys(wanted, key) if files.exists(wanted, each)]
        return files.scan_all(wanted, keys) if keys else None

    return look_up


def _in_python(files: TableFiles, table: Table, key: str | None) -> str:
    """The Python call that reads it as a Polars LazyFrame."""
    arguments = [repr(table.name), f"data={address(files.root.parent)!r}"]
    if key and table.partition == "workflow":
        arguments.append(f"workflow={key}")
    elif key:
        version = parse_key(key)
        arguments += [f"workflow={version.workflow_id}", f"version={version.version!r}"]
    return code(f"zoo_dag.scan({', '.join(arguments)})", 300)
