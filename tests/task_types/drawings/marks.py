"""Marks with known truth: rows of `drawing_annotations` for tests of their consensus."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from tests.task_types.samples import seen_by
from zoo_dag.clustering.dbscan import Marks, Metric
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION, Scope
from zoo_dag.settings.drawings import Drawings
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.declaration import Aggregated
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.drawings.shapes import Distances

Row = dict[str, Any]
DTYPES = TABLES["drawing_annotations"].dtypes
HERE = {"x": 100.0, "y": 200.0}


def rows_of(classification: int, marks: Sequence[Mapping[str, Any]], **cells: Any) -> list[Row]:
    """The rows of one classification, by default of another volunteer and subject 101; a blank without marks."""
    shared = {
        "classification_id": classification,
        "subject_id": 101,
        "subject_ids": "101",
        "user_key": f"user:{classification}",
        "workflow_id": 11,
        "workflow_version": "3.10",
        "annotation_index": 0,
        "task": "T0",
        "task_type": "drawing",
        "task_label": "Mark them",
        "task_revision": "T0@3.10",
    }
    if not marks:
        return [shared | {"status": "blank"} | cells]
    drawn = {"status": "answered", "frame": 0, "tool_index": 0, "tool_type": "point", "tool_label": "Nest"}
    return [shared | drawn | {"mark_index": place} | cells | dict(mark) for place, mark in enumerate(marks)]


def table(rows: Iterable[Row]) -> pl.DataFrame:
    """Rows as the flattened table."""
    return pl.DataFrame(list(rows), schema=DTYPES)


def drawn(*classifications: Sequence[Mapping[str, Any]], **cells: Any) -> pl.DataFrame:
    """The table of classifications, each of another volunteer."""
    return table(row for number, marks in enumerate(classifications, 1) for row in rows_of(number, marks, **cells))


def aggregated(annotations: pl.DataFrame, settings: Drawings | None = None, scope: Scope = VERSION) -> Aggregated:
    """The table `drawing_consensus` and its parameters."""
    tasks, chosen = TABLES["tasks"].empty().lazy(), Settings(drawings=settings or Drawings())
    rows = {"drawing_annotations": annotations.lazy(), SEEN: seen_by([annotations.lazy()], scope)}
    assert DRAWINGS.consensus is not None
    return aggregate(DRAWINGS.consensus, rows, tasks, scope, chosen)


def consensus(annotations: pl.DataFrame, settings: Drawings | None = None, scope: Scope = VERSION) -> pl.DataFrame:
    """The table `drawing_consensus`, or its pooled twin."""
    return aggregated(annotations, settings, scope).table.collect()


def clusters(annotations: pl.DataFrame, **settings: Any) -> list[Row]:
    """The rows of the consensus that are clusters, without candidates."""
    found = consensus(annotations, Drawings(**settings))
    return found.filter(~pl.col("is_candidate")).to_dicts()


def grouped(metric: Metric, eps: float, least: int, volunteers: Any = None, groups: Any = None) -> Marks:
    """Marks to be clustered, by default of one group, each of another volunteer; a volunteer classified once."""
    count = len(metric.interval(np.array([eps]))[0])
    who = np.arange(count) if volunteers is None else np.array(volunteers, np.int64)
    where = np.zeros(count, np.int64) if groups is None else np.array(groups, np.int64)
    return Marks(where, who, who, metric, np.full(count, eps), np.full(count, least))


def points(places: Any) -> Distances:
    """The metric of points, pairs of x and y."""
    x, y = np.array(places, float).reshape(-1, 2).T
    return Distances([[x, y]])


def noisy(truth: Mapping[str, Any], spread: Mapping[str, float], count: int, seed: int = 1) -> list[list[Row]]:
    """What volunteers draw who mean a truth: each number off by a normal error of that standard deviation."""
    random = np.random.default_rng(seed)
    return [
        [{name: value + random.normal(0, spread.get(name, 0)) for name, value in truth.items()}]
        for _ in range(count)
    ]


def path(points: Iterable[Sequence[float]]) -> list[dict[str, float]]:
    """A value of the column `points`."""
    return [{"x": float(x), "y": float(y)} for x, y in points]


def entry(index: int, **answer: Any) -> Row:
    """An entry of the column `details`."""
    blank = {"detail_type": None, "answer_index": None, "answer_label": None, "text": None, "number": None}
    return {"detail_index": index, **blank, **answer}
