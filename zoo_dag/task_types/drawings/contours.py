"""Contours: the area that at least k volunteers cover, for as many k as the settings ask for.

Of each cluster of outlines, boxes or ellipses, and once of all marks of a tool on a frame together, whatever their
clusters: for things that do not come in pieces, such as filaments, that is the share of volunteers at each place.
Each volunteer's marks are united first. Candidates have no contours of their own.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
import shapely

from zoo_dag.clustering.boxes import Boxes, Shapes
from zoo_dag.clustering.dbscan import Integers, sorted_by
from zoo_dag.consensus.rules import at_most, fractions, ordered
from zoo_dag.consensus.task_columns import SUBJECT, TaskColumns
from zoo_dag.consensus.units import Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Agreement
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations, Consensus
from zoo_dag.task_types.drawings import clustered as of_marks
from zoo_dag.task_types.drawings import plots
from zoo_dag.task_types.drawings.areas import ring_points
from zoo_dag.task_types.drawings.cluster_tools import tools_of
from zoo_dag.task_types.drawings.clustered import Clustered, clustered
from zoo_dag.task_types.drawings.coverage import Coverage, coverage, pieces_and_holes
from zoo_dag.task_types.drawings.outlines import OUTLINES, outlines
from zoo_dag.task_types.drawings.overlap import Areas
from zoo_dag.task_types.drawings.shapes import BY_NAME, SHAPES

Wanted = Sequence[float] | Literal["all"]
Point = dict[str, float]
# Of a cluster or of all marks: the columns of _OF_COVERAGE.
Contour = tuple[Any, ...]

_TABLE = TABLES["contour_consensus"]
_TOOL = ("tool_index", "tool_type", "tool_label")
_OF_COVERAGE = ("n_members", "k", "share", "area", "n_pieces", "points", "pieces", "method")
_ROWS = pl.Schema({"of": pl.Int64(), **{name: _TABLE.dtypes[name] for name in _OF_COVERAGE}})
_WITH_AREA = tuple(shape.name for shape in SHAPES if shape.has_area)


def contour_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `drawing_annotations` to `contour_consensus`, with the columns of `zoo_dag.tables`.

    Rows of a cluster have its `cluster_index` in `drawing_consensus`; those of all marks together have none. No
    rows where `drawings.contours` asks for none. Takes what `drawing_consensus` takes.
    """
    wanted = settings.drawings.contours
    if not wanted:
        return Aggregated(TABLES[scope.table(_TABLE.name)].empty().lazy().drop("n_seen", "asked"))
    kept = _Kept(wanted)
    found = clustered(annotations, scope, settings, kept.keep)
    with_area = found.marks.filter(pl.col("shape").is_in(_WITH_AREA)).with_row_index("place")
    shapes = _shapes(with_area)
    rows = pl.concat(
        [_of_clusters(found, with_area, shapes, kept), _of_all(found, with_area, shapes, kept)],
        how="diagonal",
    )
    placed = found.every.join(found.groups, on=scope.unit, nulls_equal=True).join(rows, on="group").drop("group")
    # NumPy, because Polars divides by a column of one value through its reciprocal.
    detection = pl.Series(placed["k"].to_numpy() / placed["n_classifications"].to_numpy(), dtype=pl.Float64)
    contours = placed.with_columns(k_detection=detection)
    order = [*scope.unit, "frame", "tool_index", "tool_type", "cluster_index", "k"]
    return Aggregated(contours.sort(order, nulls_last=True, maintain_order=True).lazy())


class _Kept:
    """The contours of clusters by the number of their first mark, from their coverage when they are made.

    Shares are of the members, and of all classifications that reached the task.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.of_members: dict[int, list[Contour]] = {}
        self.of_all: dict[int, list[Contour]] = {}

    def keep(self, mark: int, n_classifications: int, covered: Coverage) -> None:
        """Compute the contours of a cluster."""
        both = _contours(covered, self.wanted, len(covered.areas), n_classifications)
        self.of_members[mark], self.of_all[mark] = both


def _decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings) -> Annotations:
    return of_marks.decide(annotations, tasks, scope, settings) if settings.drawings.contours else {}


def _shapes(marks: pl.DataFrame) -> Shapes:
    """The area of each mark, at the place that `place` says."""
    shapes = np.empty(marks.height, object)
    for (name,), of_shape in marks.group_by("shape"):
        metric = BY_NAME[str(name)].metric(of_shape)
        if isinstance(metric, Areas | Boxes):
            shapes[of_shape["place"].to_numpy()] = metric.shapes
    return shapes


def _of_clusters(found: Clustered, marks: pl.DataFrame, shapes: Shapes, kept: _Kept) -> pl.DataFrame:
    """The contours of the clusters that are no candidates."""
    columns = ["cluster", "group", "frame", "cluster_index", *_TOOL]
    some = found.clusters.filter(~pl.col("is_candidate")).select(columns)
    members = marks.join(some.select("cluster"), on="cluster", how="semi", maintain_order="left")
    place, mark, cluster = (members[name].to_numpy() for name in ("place", "mark", "cluster"))

    def of_cluster(own: Integers) -> list[Contour]:
        if int(mark[own[0]]) in kept.of_members:
            return kept.of_members[int(mark[own[0]])]
        return _contours(coverage(list(shapes[place[own]])), kept.wanted, len(own))[0]

    rows = _frame((int(cluster[own[0]]), of_cluster(own)) for own in sorted_by(cluster))
    return rows.rename({"of": "cluster"}).join(some, on="cluster", how="left").drop("cluster")


def _of_all(found: Clustered, marks: pl.DataFrame, shapes: Shapes, kept: _Kept) -> pl.DataFrame:
    """The contours of all marks of a tool on a frame; k is out of all classifications."""
    tools = tools_of(marks.drop("cluster").rename({"group": "cluster"})).drop("tools")
    frames = marks.group_by("group").agg(pl.col("frame").mode().min())
    groups = marks.group_by("group").agg(
        pl.col("n_classifications", "mark").first(), one=pl.col("cluster").n_unique() == 1
    )
    # Of a group with one cluster that has all of its marks the coverage is known.
    known = groups.filter("one", pl.col("mark").is_in(list(kept.of_all)))
    others = marks.join(known, on="group", how="anti", maintain_order="left")
    classified = dict(groups.select("group", "n_classifications").iter_rows())
    by_volunteer = others.group_by("group", "volunteer", maintain_order=True).agg("place")
    # In the order of the marks, since volunteers are numbered by their names.
    by_volunteer = by_volunteer.sort("group", pl.col("place").list.first())
    united: dict[int, list[shapely.Geometry]] = {}
    for group, _, own in by_volunteer.iter_rows():
        united.setdefault(group, []).append(shapely.union_all(shapes[own]) if len(own) > 1 else shapes[own[0]])
    computed = (
        (group, _contours(coverage(areas), kept.wanted, classified[group])[0]) for group, areas in united.items()
    )
    ready = ((group, kept.of_all[mark]) for group, mark in known.select("group", "mark").sort("group").iter_rows())
    rows = pl.concat([_frame(ready), _frame(computed)])
    group = pl.col("of").cast(pl.UInt32)
    tools = tools.with_columns(pl.col("cluster").cast(pl.UInt32)).join(frames, left_on="cluster", right_on="group")
    return rows.with_columns(group=group).drop("of").join(tools, left_on="group", right_on="cluster")


def _frame(contours: Iterable[tuple[int, list[Contour]]]) -> pl.DataFrame:
    """The contours of each cluster or group, whose number is `of`."""
    return pl.DataFrame([(of, *each) for of, own in contours for each in own], schema=_ROWS, orient="row")


def _contours(covered: Coverage, wanted: Wanted, *of: int) -> list[list[Contour]]:
    """The contours with shares of each of these numbers, such as that of the members."""
    n = len(covered.areas)
    levels = [levels_of(wanted, each, n) for each in of]
    regions = {k: _region(covered, k) for k in {*itertools.chain(*levels)}}
    return [
        [(n, k, k / each, *regions[k], covered.method) for k in own] for each, own in zip(of, levels, strict=True)
    ]


def _region(covered: Coverage, k: int) -> tuple[float, int, list[Point], list[list[Point]]]:
    """Of what at least k cover the area, the number of pieces, the outer ring of the largest, and all rings."""
    # What more than there are cover is nothing.
    if k > len(covered.areas):
        return 0.0, 0, [], []
    pieces, _ = pieces_and_holes(covered.region(k))
    rings = [ring_points(ring) for piece in pieces for ring in (piece.exterior, *piece.interiors)]
    return float(covered.areas[k - 1]), len(pieces), rings[0] if rings else [], rings


def levels_of(wanted: Wanted, n: int, n_members: int) -> list[int]:
    """The k that are wanted of n: for each share the smallest number that is no less; `all` up to the members."""
    if wanted == "all":
        return list(range(1, n_members + 1))
    # Rounding must not make three of ten more than .3.
    return sorted({max(math.ceil(float(share) * n - 1e-9), 1) for share in wanted})


def _nothing_has_to_be(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    return annotations["drawing_annotations"].select(scope.unit).head(0)


def _of_task(rows: pl.DataFrame, _agreement: Agreement) -> pl.DataFrame:
    return rows.select(SUBJECT).unique(maintain_order=True)


CONTOURS = Consensus(
    table=_TABLE.name,
    sources=("drawing_annotations",),
    aggregate=contour_consensus,
    over_versions={OUTLINES: outlines},
    decide=_decide,
    answered=_nothing_has_to_be,
    task_columns=TaskColumns({}, _of_task),
    rules={
        **at_most("n_members", "n_volunteers"),
        **fractions("share", "k_detection"),
        **ordered("k_detection", "share"),
        "area is not negative": pl.col("area") < 0,
    },
    numbers={"contours": pl.len()},
    plots=(plots.contours,),
    preview=("tool_label", "cluster_index", "k", "share", "area"),
)
