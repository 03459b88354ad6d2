"""Consensus of drawings: clusters of marks, their mean geometry, and how many volunteers marked them.

Clusters are those of `clustered`. All counted classifications that saw the task are the denominator of
`detection`, those that marked nothing included.
"""

from typing import Any

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.drawings.clustered import Clustered, clustered
from zoo_dag.task_types.drawings.parameters import SHARE

_RECORD = ("workflow_id", "task", "tool_index", "shape")


def drawing_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `drawing_annotations` to `drawing_consensus`, with the columns of `zoo_dag.tables`.

    Clusters of a tool on a frame are numbered by their volunteers, most first, then from left to right and from
    top to bottom. A unit without marks keeps one row, with `n_marks` 0. Computed at once.

    Takes `outlines` too, which tools draw outlines, and what `decide` returns.

    The parameters are one record for each workflow, task, tool and shape: `workflow_id, task, tool_index` (null
    for tools that are together), `shape, algorithm, eps, eps_unit, eps_time, eps_seconds, min_volunteers,
    min_detection, tracks`, and `estimated_side` of pictures whose size is missing where the parameters depend on
    it.
    """
    found = clustered(annotations, scope, settings)
    placed = found.groups.join(found.clusters, on="group").drop("group", "cluster", "track", "series")
    rows = found.every.join(placed, on=scope.unit, how="left", nulls_equal=True)
    rows = rows.with_columns(pl.col("n_marks", "n_members").fill_null(0))
    # NumPy, because Polars divides by a column of one value through its reciprocal.
    detection = rows["n_members"].to_numpy() / rows["n_classifications"].to_numpy()
    rows = rows.with_columns(detection=pl.Series(detection, dtype=pl.Float64))
    order = [*scope.unit, "frame", "tool_index", "tool_type", "cluster_index"]
    return Aggregated(rows.sort(order, nulls_last=True).lazy(), _records(found))


def _records(found: Clustered) -> list[dict[str, Any]]:
    """The parameters of each place as records; unknown parts of a place sort first."""
    places = sorted(found.parameters, key=lambda place: [(part is not None, part) for part in place])
    estimated = dict(found.sides.iter_rows())
    return [
        dict(zip(_RECORD, place, strict=True))
        | used._asdict()
        | {"estimated_side": estimated.get(place[0]) if used.eps_unit == SHARE else None}
        for place in places
        for used in [found.parameters[place]]
    ]
