"""Plain labels where no definition of the tasks gives them: the texts that the server wrote into the rows.

The labels of definitions are plain in `tasks` already, with the same rule (`plain_labels`).
"""

from collections.abc import Mapping

import polars as pl

from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.wording.markdown import IMAGE_START, plain_labels

_WITH_PICTURES = ("answer", "tool")


def with_plain_labels(tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """The flattened tables of a workflow version, with plain labels: `Bird` for `Bird ![a bird](…)`.

    Labels of answers and tools may hold Markdown pictures. Different labels of a task stay different.
    """
    columns = {
        flattening.table: option.columns["label"]
        for flattening in (each.flattening for each in TASK_TYPES)
        for option in flattening.options
        if option.kind in _WITH_PICTURES
    }
    return {name: _plain(rows, columns[name]) if name in columns else rows for name, rows in tables.items()}


def _plain(rows: pl.LazyFrame, column: str) -> pl.LazyFrame:
    pictures = pl.col(column).str.contains(IMAGE_START, literal=True)
    labels = rows.select("task", column).drop_nulls().unique().filter(pictures.any().over("task")).collect()
    plain = [
        (str(task), text, label)
        for (task,), own in labels.sort("task", column).group_by("task", maintain_order=True)
        for text, label in plain_labels(own[column]).items()
    ]
    if not plain:
        return rows
    known = pl.LazyFrame(plain, schema=["task", column, "plain"], orient="row")
    labelled = rows.join(known, on=["task", column], how="left", maintain_order="left")
    return labelled.with_columns(pl.coalesce("plain", column).alias(column)).drop("plain")
