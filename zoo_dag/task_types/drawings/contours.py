"""Contours: the area that at least k volunteers cover, for as many k as the settings ask for.

Of each cluster of outlines, boxes or ellipses, and once of all marks of a tool on a frame together, whatever their
clusters: for things that do not come in pieces, such as filaments, that is the share of volunteers at each place.
Each volunteer's marks are united first. Candidates have no contours of their own.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
import shapely

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
from zoo_dag.task_types.drawings.clustering import sorted_by
from zoo_dag.task_types.drawings.coverage import coverage, pieces_and_holes
from zoo_dag.task_types.drawings.outlines import OUTLINES, outlines
from zoo_dag.task_types.drawings.overlap import Areas, Boxes
from zoo_dag.task_types.drawings.shapes import BY_NAME, SHAPES

Wanted = Sequence[float] | Literal["all"]

_TABLE = TABLES["contour_consensus"]
_TOOL = ("tool_index", "tool_type", "tool_label")
_OF_COVERAGE = ("n_members", "k", "share", "area", "n_pieces", "points", "pieces", "method")
_ROWS = pl.Schema({"place": pl.Int64(), **{name: _TABLE.dtypes[name] for name in _OF_COVERAGE}})
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
    found = clustered(annotations, scope, settings)
    with_area = found.marks.filter(pl.col("shape").is_in(_WITH_AREA)).with_row_index("mark")
    shapes = _shapes(with_area)
    rows = pl.concat(
        [_of_clusters(found, with_area, shapes, wanted), _of_all(found, with_area, shapes, wanted)],
        how="diagonal",
    )
    placed = found.every.join(found.groups, on=scope.unit, nulls_equal=True).join(rows, on="group").drop("group")
    # NumPy, because Polars divides by a column of one value through its reciprocal.
    detection = pl.Series(placed["k"].to_numpy() / placed["n_classifications"].to_numpy(), dtype=pl.Float64)
    contours = placed.with_columns(k_detection=detection)
    order = [*scope.unit, "frame", "tool_index", "tool_type", "cluster_index", "k"]
    return Aggregated(contours.sort(order, nulls_last=True, maintain_order=True).lazy())


def _decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings) -> Annotations:
    return of_marks.decide(annotations, tasks, scope, settings) if settings.drawings.contours else {}


def _shapes(marks: pl.DataFrame) -> np.ndarray[Any, Any]:
    """The area of each mark, at the place that `mark` says."""
    shapes = np.empty(marks.height, object)
    for (name,), of_shape in marks.group_by("shape"):
        metric = BY_NAME[str(name)].metric(of_shape)
        if isinstance(metric, Areas | Boxes):
            shapes[of_shape["mark"].to_numpy()] = metric.shapes
    return shapes


def _of_clusters(
    found: Clustered, marks: pl.DataFrame, shapes: np.ndarray[Any, Any], wanted: Wanted
) -> pl.DataFrame:
    """The contours of the clusters that are no candidates."""
    columns = ["cluster", "group", "frame", "cluster_index", *_TOOL]
    kept = found.clusters.filter(~pl.col("is_candidate")).select(columns)
    members = marks.join(kept.select("cluster"), on="cluster", how="semi", maintain_order="left")
    places = sorted_by(members["cluster"].to_numpy())
    drawn = (list(shapes[members["mark"].to_numpy()[place]]) for place in places)
    first = [int(place[0]) for place in places]
    clusters = members["cluster"].gather(first)
    rows = _rows(zip(clusters, drawn, strict=True), wanted)
    return rows.rename({"place": "cluster"}).join(kept, on="cluster", how="left").drop("cluster")


def _of_all(found: Clustered, marks: pl.DataFrame, shapes: np.ndarray[Any, Any], wanted: Wanted) -> pl.DataFrame:
    """The contours of all marks of a tool on a frame; k is out of all classifications."""
    classified = dict(marks.select("group", "n_classifications").iter_rows())
    tools = tools_of(marks.drop("cluster").rename({"group": "cluster"})).drop("tools")
    frames = marks.group_by("group").agg(pl.col("frame").mode().min())
    by_volunteer = marks.group_by("group", "volunteer", maintain_order=True).agg("mark")
    # In the order of the marks, since volunteers are numbered by their names.
    by_volunteer = by_volunteer.sort("group", pl.col("mark").list.first())
    united: dict[int, list[shapely.Geometry]] = {}
    for group, _, own in by_volunteer.iter_rows():
        united.setdefault(group, []).append(shapely.union_all(shapes[own]) if len(own) > 1 else shapes[own[0]])
    rows = _rows(united.items(), wanted, classified)
    group = pl.col("place").cast(pl.UInt32)
    tools = tools.with_columns(pl.col("cluster").cast(pl.UInt32)).join(frames, left_on="cluster", right_on="group")
    return rows.with_columns(group=group).drop("place").join(tools, left_on="group", right_on="cluster")


def _rows(
    areas: Iterable[tuple[int, list[shapely.Geometry]]], wanted: Wanted, of: dict[int, int] | None = None
) -> pl.DataFrame:
    """The contours of each place from the areas of its volunteers; shares are of them, or of what `of` says."""
    rows = [(place, *row) for place, own in areas for row in _levels(own, wanted, of[place] if of else len(own))]
    return pl.DataFrame(rows, schema=_ROWS, orient="row")


def _levels(areas: list[shapely.Geometry], wanted: Wanted, n: int) -> Iterator[tuple[Any, ...]]:
    covered = coverage(areas)
    for k in levels_of(wanted, n, len(areas)):
        # What more than there are cover is nothing.
        region = covered.region(k) if k <= len(areas) else shapely.Polygon()
        pieces, _ = pieces_and_holes(region)
        rings = [ring_points(ring) for piece in pieces for ring in (piece.exterior, *piece.interiors)]
        area = float(covered.areas[k - 1]) if k <= len(areas) else 0.0
        outer = ring_points(pieces[0].exterior) if pieces else []
        yield len(areas), k, k / n, area, len(pieces), outer, rings, covered.method


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
