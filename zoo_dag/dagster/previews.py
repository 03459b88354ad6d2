"""The first rows of a table, as Dagster's pages show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from zoo_dag.tables import Table
from zoo_dag.tables.identity import names_nobody
from zoo_dag.task_types.pages import first_task_columns
from zoo_dag.wording.markdown import code
from zoo_dag.wording.markdown import table as markdown_table

_PREVIEW_ROWS, _PREVIEW_COLUMNS = 5, 6
# Of a wide table the preview shows the unit, then the columns that its task type declares, then these.
_UNIT = ("subject_ids", "parent_task", "task")
_PREVIEW_ORDER = (
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


def preview(rows: pl.DataFrame, first_columns: Sequence[str] = ()) -> str:
    """The first rows as a Markdown table, short enough to be shown at once; `first_columns` come first.

    A label that is not known is the id, value or position of what it names.
    Cells are volunteers' text: they are cut, and put between backticks so that Markdown in them has no effect.
    """
    of_tasks = [name for name in rows.columns if name.endswith(_TASK_COLUMNS)]
    wanted = dict.fromkeys((*_UNIT, *first_columns, *_PREVIEW_ORDER))
    # Few tasks are in several combos, and spans have a place on one axis only.
    optional = {"parent_task", "y"} & {*rows.columns}
    empty = {name for name in optional if rows[name].null_count() == rows.height}
    names = [*(name for name in wanted if name in rows.columns and name not in empty), *of_tasks]
    names = names[:_PREVIEW_COLUMNS]
    names = names or rows.columns[:_PREVIEW_COLUMNS]
    shown = rows.select(_label_or_id(name, rows.columns) for name in names)
    return markdown_table(names, [[_cell(value) for value in row] for row in shown.iter_rows()])


def first_rows(frame: pl.LazyFrame, stored: Mapping[str, pl.DataType], table: Table) -> pl.DataFrame:
    """The first rows of a table, without what identifies volunteers.

    Of a table of votes the first that have any, since it lists all answers of each subject.
    """
    return _without_identity(_first_rows(frame, stored), table)


def _first_rows(frame: pl.LazyFrame, stored: Mapping[str, pl.DataType]) -> pl.DataFrame:
    if "votes" in stored:
        with_votes = frame.filter(pl.col("votes") > 0).head(_PREVIEW_ROWS).collect()
        if with_votes.height:
            return with_votes
    return frame.head(_PREVIEW_ROWS).collect()


def _without_identity(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The rows without what identifies volunteers: Dagster keeps previews when rows are forgotten."""
    columns = table.identifying(rows.columns)
    if not columns:
        return rows
    quoted = [name for name, identity in columns.items() if identity == "quoted"]
    rows = rows.with_columns(pl.when(names_nobody()).then(name).alias(name) for name in quoted)
    return rows.drop(columns.keys() - set(quoted))


def _label_or_id(name: str, columns: Sequence[str]) -> pl.Expr:
    if name != "answer" and not name.endswith("_label"):
        return pl.col(name)
    named = name.removesuffix("_label")
    others = [f"{named}_{ending}" for ending in ("id", "value", "index") if f"{named}_{ending}" in columns]
    return pl.coalesce(name, *(pl.col(other).cast(pl.String) for other in others))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return code(f"{value:%Y-%m-%d %H:%M}")
    return code(f"{value:.4g}" if isinstance(value, float) else value)
