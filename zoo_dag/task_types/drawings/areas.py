"""What the volunteers of each cluster cover together: the measures of that area, and its outline.

Takes marks with a number of their cluster, from 0 up without gaps, each of another volunteer, in an order that
does not change.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
import shapely

from zoo_dag.clustering.boxes import Boxes, Shapes
from zoo_dag.clustering.dbscan import Integers, Metric, sorted_by
from zoo_dag.tables import TABLES
from zoo_dag.task_types.drawings.box_coverage import box_measures
from zoo_dag.task_types.drawings.coverage import (
    MOST_AREAS,
    Keep,
    Measures,
    coverage,
    measures,
    more_than_half,
    pieces_and_holes,
)
from zoo_dag.task_types.drawings.overlap import Areas, enclosed
from zoo_dag.task_types.drawings.shapes import coordinates

_DTYPES = TABLES["drawing_consensus"].dtypes
_MEASURES = pl.Schema({name: _DTYPES[name] for name in Measures._fields})


def area_measures(metric: Metric, clusters: Integers, keep: Keep | None = None) -> pl.DataFrame:
    """`area, boundary_std, n_pieces, n_holes` of each cluster; takes the metric of marks that cover an area.

    `keep` is called with the coverage of each cluster but those of upright boxes, which need none.
    """
    if isinstance(metric, Boxes):
        return _of_boxes(metric, clusters)
    shapes = metric.shapes if isinstance(metric, Areas) else np.empty(0, object)
    return _frame([each for each, _ in _of_shapes(shapes, sorted_by(clusters), keep)])


def outlines(marks: pl.DataFrame, clusters: Integers, keep: Keep | None = None) -> pl.DataFrame:
    """The same for outlines, and `points, closed`: what more than half of the volunteers drew around.

    Of several pieces it is the largest, its holes filled. Takes `points`.
    """
    members = sorted_by(clusters)
    found = list(_of_shapes(enclosed(*coordinates(marks["points"])), members, keep))
    # Without an area to share, that of paths that enclose none.
    points = [
        ring_points(shapely.get_exterior_ring(pieces[0])) if pieces else marks["points"][int(drawn[0])].to_list()
        for (_, pieces), drawn in zip(found, members, strict=True)
    ]
    outlined = pl.DataFrame({"points": points}, schema={"points": _DTYPES["points"]})
    return outlined.with_columns(closed=pl.lit(True)).hstack(_frame([each for each, _ in found]))


def ring_points(ring: shapely.LinearRing) -> list[dict[str, float]]:
    """The points of a ring, its first one not repeated."""
    corners = shapely.get_coordinates(shapely.normalize(shapely.polygons(ring)))[:-1]
    return [{"x": x, "y": y} for x, y in corners.tolist()]


def _of_shapes(
    shapes: Shapes, members: list[Integers], keep: Keep | None = None
) -> Iterator[tuple[Measures, list[shapely.Polygon]]]:
    """The measures of each cluster, and the pieces of what more than half cover."""
    for drawn in members:
        covered = coverage(list(shapes[drawn]))
        if keep is not None:
            keep(int(drawn[0]), covered)
        consensus = more_than_half(covered)
        yield measures(covered, consensus), pieces_and_holes(consensus)[0]


def _of_boxes(boxes: Boxes, clusters: Integers) -> pl.DataFrame:
    """Those of upright boxes: clusters of as many members at once, very large ones each by itself."""
    by_cluster = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters)
    starts = np.cumsum(sizes) - sizes
    found: list[pl.DataFrame] = []
    for size in np.unique(sizes):
        same = np.flatnonzero(sizes == size)
        members = by_cluster[starts[same][:, None] + np.arange(size)]
        if size > MOST_AREAS:
            drawn = [members.ravel()[place * size : (place + 1) * size] for place in range(len(same))]
            of_size = _frame([each for each, _ in _of_shapes(boxes.shapes, drawn)])
        else:
            of_size = pl.DataFrame(
                dict(zip(_MEASURES, box_measures(boxes, members), strict=True)), schema=_MEASURES
            )
        found.append(of_size.with_columns(cluster=same))
    every = pl.concat(found) if found else pl.DataFrame(schema={**_MEASURES, "cluster": pl.Int64()})
    return every.sort("cluster").drop("cluster")


def _frame(found: list[Measures]) -> pl.DataFrame:
    return pl.DataFrame(found, schema=_MEASURES, orient="row")
