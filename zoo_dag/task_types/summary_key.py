"""The key of `subject_summary`: what its columns are about, with the labels of tasks, tools and questions."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any

import polars as pl

from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.summary_columns import describe_column
from zoo_dag.wording.markdown import without_markup

_OF_METADATA = "Field of the metadata of the subject"
_TASK = ("parent_task", "task", "task_revision")
# What the columns of a key mean.
KEY_MEANINGS = {
    "workflow_id": "Workflow; empty in the key of `subjects`",
    "column": "Name of the column that the row is about",
    "task": "Task, after the combo that it is in, or its revision",
    "task_label": "Question or instruction of the task, of the newest version, without pictures",
    "part": "Position of a tool or a select from 0, id of a question or choice, or field of the metadata",
    "part_label": "Label of the tool, select or question",
    "answer": "Label of the answer or choice whose votes the column has, as volunteers saw it",
    "description": "Meaning of the column",
}
KEY = pl.Schema(
    {
        "workflow_id": pl.Int64(),
        "column": pl.String(),
        "task": pl.String(),
        "task_label": pl.String(),
        "part": pl.String(),
        "part_label": pl.String(),
        "answer": pl.String(),
        "description": pl.String(),
    }
)


def subjects_key(columns: Sequence[str], fields: Mapping[str, str]) -> pl.DataFrame:
    """A row for each column of `subjects`, as `KEY` has it, with the `fields` of metadata by column as `part`."""
    declared = TABLES["subjects"].columns
    described = {name: declared[name].description for name in columns if name in declared}
    rows = [
        {"column": name, "part": fields.get(name), "description": described.get(name, _OF_METADATA)}
        for name in columns
    ]
    return pl.DataFrame(rows, schema=KEY)


def summary_key(
    workflow_id: int,
    columns: Sequence[str],
    pooled: Mapping[str, pl.LazyFrame],
    fields: Mapping[str, str] = MappingProxyType({}),
) -> pl.DataFrame:
    """A row for each column of the `subject_summary` of a workflow, as `KEY` has it.

    Takes the names of the columns, the pooled consensus tables of the workflow by name, and the `fields` of
    metadata by column. `part` is the position of a tool or a select, the id of a question, or the field; labels
    are Markdown without pictures, of the newest version.
    """
    pooled = {name: _oldest_first(rows) for name, rows in pooled.items()}
    tasks, parts = dict(_task_labels(pooled)), dict(_part_labels(pooled))
    rows = []
    for name in columns:
        own = TABLES["subject_summary"].known.get(name)
        described = None if own else describe_column(name, columns)
        task, table, part = (described.task, described.table, described.part) if described else (None, None, None)
        about = own or described
        rows.append(
            {
                "workflow_id": workflow_id,
                "column": name,
                "task": task,
                "task_label": tasks.get(task),
                "part": fields.get(name, part),
                "part_label": parts.get((table, task, part)),
                "description": about.description if about else _OF_METADATA if name in fields else None,
            }
        )
    return pl.DataFrame(rows, schema=KEY)


def _oldest_first(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a pooled table by the newest version of each: the last label is the newest one."""
    return rows.sort(version_order(pl.col("versions").list.last()), maintain_order=True)


def _distinct(labels: pl.LazyFrame, label: str) -> list[dict[str, Any]]:
    return labels.drop_nulls(label).unique(keep="last", maintain_order=True).collect().to_dicts()


def _task_labels(pooled: Mapping[str, pl.LazyFrame]) -> Iterator[tuple[str | None, str]]:
    """The labels of tasks by all names that they may have in columns."""
    for rows in pooled.values():
        for row in _distinct(rows.select(*_TASK, "task_label"), "task_label"):
            yield from ((name, without_markup(row["task_label"])) for name in _names(row))


def _part_labels(
    pooled: Mapping[str, pl.LazyFrame],
) -> Iterator[tuple[tuple[str | None, str | None, str | None], str]]:
    """The labels of the parts of tasks, by the pooled table, the name of the task in columns, and the part."""
    for consensus in consensus_types():
        table, labels = consensus.pooled_table, consensus.task_columns.part_labels
        if labels and table in pooled:
            for row in _distinct(labels(pooled[table]), "part_label"):
                label = without_markup(row["part_label"])
                yield from (((table, name, str(row["part"])), label) for name in _names(row))


def _names(row: Mapping[str, str | None]) -> Iterator[str]:
    parent = row["parent_task"]
    for prefix, task in product([""] if parent is None else [f"{parent}."], (row["task"], row["task_revision"])):
        yield f"{prefix}{task}"
