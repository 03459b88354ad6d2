"""The clusters of the marks of some subjects, and the marks in each.

Marks are clustered apart for every unit, frame and tool, by the metric that suits their shape (`shapes`), with the
parameters of the settings (`parameters`); tools may be together. A volunteer is at most once in a cluster. Every
mark is in one. Those with too few volunteers are candidates, and so is each click without a size with a tool that
draws something of a size, since others drew the same thing.

Marks that are not `answered`, or lie outside of the picture, are in no cluster.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from zoo_dag.clustering.dbscan import Floats, Integers, Marks, dbscan
from zoo_dag.consensus.pictures import SIZE
from zoo_dag.consensus.units import Scope, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Annotations
from zoo_dag.task_types.drawings.centres import Members, centres
from zoo_dag.task_types.drawings.cluster_details import details_of
from zoo_dag.task_types.drawings.cluster_tools import tools_of
from zoo_dag.task_types.drawings.coverage import Coverage, Keep, Measures
from zoo_dag.task_types.drawings.density import hdbscan, optics
from zoo_dag.task_types.drawings.frames import estimated_sides, inside, video_lengths
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.groups import TOOL, grouped, with_shapes
from zoo_dag.task_types.drawings.outlines import OUTLINES, as_decided
from zoo_dag.task_types.drawings.parameters import SHARE, Parameters, parameters
from zoo_dag.task_types.drawings.shapes import BY_NAME, CLICK, Shape, Timed
from zoo_dag.task_types.drawings.splitting import clusters
from zoo_dag.task_types.drawings.tracks import Places, linked, with_track_index
from zoo_dag.task_types.drawings.typed_details import someone_types, typed_options, with_typed_options

_TABLE = TABLES["drawing_consensus"]
_ALGORITHMS = {"dbscan": dbscan, "optics": optics, "hdbscan": hdbscan}
# The place of marks, which determines the clustering parameters.
_PLACE = ("workflow_id", "task", "own_index", "shape")
# A fixed order of the marks of a group, independent of the order of the rows and the names of volunteers.
_ORDER = ("classification_id", "annotation_index", "mark_index")
_DRAWN = ("unit", *MEASURES, "points", "closed", "start_stamp", "details")
# The names of what is decided over all subjects, among the tables that a consensus of clusters takes.
SIDES, TYPED_OPTIONS = "estimated_sides", "typed_options"

# Workflow, task, position of the tool, and shape.
Place = tuple[Any, ...]
KeepOfMark = Callable[[int, int, Coverage], None]


class Clustered(NamedTuple):
    """The clusters of some subjects.

    `every` are their units. `groups` are the places where marks are clustered together: `group` and the columns of
    the unit. `clusters` have a number in `cluster`, `group`, and the columns of `drawing_consensus`;
    `marks` are those in clusters, with `mark, cluster, group, volunteer, shape`, their tool and geometry.
    `parameters` are those of each place; `sides` the estimated sides of pictures.
    """

    every: pl.DataFrame
    groups: pl.DataFrame
    clusters: pl.DataFrame
    marks: pl.DataFrame
    parameters: Mapping[Place, Parameters]
    sides: pl.DataFrame


def decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Annotations:
    """`estimated_sides` of pictures whose size is missing, and `typed_options` of questions about marks."""
    rows = annotations["drawing_annotations"]
    # Which marks are inside takes much longer than whether there is anything to know of them.
    marks = inside(rows) if someone_types(rows) else rows.limit(0)
    return {SIDES: estimated_sides(rows).lazy(), TYPED_OPTIONS: typed_options(marks, tasks, scope)}


def clustered(
    annotations: Annotations, scope: Scope, settings: Settings, keep: KeepOfMark | None = None
) -> Clustered:
    """Cluster the marks of `drawing_annotations`; takes `outlines` too, and what `decide` returns.

    `keep` is called with what each cluster covers, since that takes most of the time: with the number of its first
    mark, and with the classifications that reached the task.
    """
    outlined, sides, options = pl.collect_all([annotations[name] for name in (OUTLINES, SIDES, TYPED_OPTIONS)])
    rows = as_decided(annotations["drawing_annotations"], outlined, settings.drawings)
    labelled = ["workflow_version", "tool_label"]
    columns = list(dict.fromkeys([*scope.unit, *TOOL, *labelled, *_ORDER, "user_key", *_DRAWN, *SIZE]))
    every, marks = pl.collect_all([units(rows, scope), inside(rows).select(columns)])
    marks = with_typed_options(marks, options, scope)
    video = ["workflow_id", "subject_ids", "frame"]
    marks = marks.join(video_lengths(marks), on=video, how="left", nulls_equal=True, maintain_order="left")
    marks = with_shapes(grouped(marks, every, sides, scope, settings)).with_row_index("mark")
    chosen = {
        place: parameters(settings.drawings, BY_NAME[place[-1]], *place[:-1])
        for place in marks.select(_PLACE).unique().sort(_PLACE).rows()
    }
    groups = marks.select("group", *scope.unit).unique("group")
    found, members = _clusters(marks, chosen, keep)
    return Clustered(every, groups, _numbered(found), members, chosen, sides)


def _clusters(
    marks: pl.DataFrame, chosen: Mapping[Place, Parameters], keep: KeepOfMark | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The clusters of all marks, with `group` and geometry, and the marks with their `cluster`."""
    batches: dict[tuple[str, Parameters], list[Place]] = {}
    for place, parameters_of_place in chosen.items():
        batches.setdefault((place[-1], parameters_of_place), []).append(place)
    found = [pl.DataFrame(schema=_CLUSTERS)]
    members = [marks.clear().with_columns(cluster=pl.lit(0, pl.Int64))]
    for (name, each), places in batches.items():
        wanted = pl.DataFrame(places, schema={column: marks.schema[column] for column in _PLACE}, orient="row")
        of_shape = marks.join(wanted, on=_PLACE, how="semi", nulls_equal=True) if len(batches) > 1 else marks
        # Numbers go on from one shape to the next.
        before = sum(each.height for each in found)
        own, own_members = _of_shape(of_shape, BY_NAME[name], each, keep)
        numbers = [name for name in ("cluster", "track") if name in own.columns]
        found.append(own.with_columns(pl.col(numbers) + before))
        members.append(own_members.with_columns(pl.col("cluster") + before))
    return pl.concat(found, how="diagonal_relaxed"), pl.concat(members)


def _of_shape(
    marks: pl.DataFrame, shape: Shape, chosen: Parameters, keep: KeepOfMark | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The clusters of marks of one shape, numbered in `cluster`, and the marks with this number."""
    first = [name for name in shape.columns[:2] if name != "points"]
    marks = marks.sort(["group", *first, *_ORDER])
    least = _least(marks["n_classifications"].to_numpy(), chosen)
    # Clicks are candidates one by one.
    labels = np.arange(marks.height) if shape is CLICK else _labels(marks, shape, chosen, least)
    marks = marks.with_columns(cluster=labels)
    members = Members(labels)
    geometry = centres(shape, marks, members, _by_place(marks, keep)).with_columns(
        cluster=np.arange(members.count),
        group=marks["group"].gather(members.first),
        unit=marks["unit"].gather(members.first),
        n_marks=members.sizes,
        n_members=members.sizes,
        frame=_frames(marks, members),
        video_seconds=marks["video_seconds"].gather(members.first),
        is_candidate=(members.sizes < least[members.first]) | (shape is CLICK),
    )
    geometry = geometry.with_columns(series=marks["series"].gather(members.first))
    if chosen.tracks and shape is not CLICK:
        geometry = _with_tracks(geometry, shape, marks[members.first], chosen)
    if "start_time" in geometry.columns:
        geometry = geometry.with_columns(start_seconds=pl.col("start_time") * pl.col("video_seconds"))
    geometry = geometry.drop("video_seconds").join(tools_of(marks), on="cluster", how="left")
    ids = marks.group_by("cluster").agg(classification_ids=pl.col("classification_id").sort())
    geometry = geometry.join(ids, on="cluster", how="left")
    return geometry.join(details_of(marks), on="cluster", how="left"), marks


def _by_place(marks: pl.DataFrame, keep: KeepOfMark | None) -> Keep | None:
    """The same by the place of a mark in place of its number."""
    if keep is None:
        return None
    numbers, seen = marks["mark"], marks["n_classifications"]
    return lambda place, covered: keep(numbers[place], seen[place], covered)


def _with_tracks(clusters: pl.DataFrame, shape: Shape, marks: pl.DataFrame, chosen: Parameters) -> pl.DataFrame:
    """Clusters with `track`, null for candidates; `marks` are one of each cluster."""
    kept = np.flatnonzero(~clusters["is_candidate"].to_numpy())
    of_kept, marks = clusters[kept], marks[kept]
    times = of_kept["start_time"].fill_null(np.nan) if "start_time" in of_kept.columns else None
    places = Places(
        of_kept["series"].to_numpy(),
        of_kept["frame"].to_numpy().astype(np.int64),
        np.full(len(kept), np.nan) if times is None else times.to_numpy(),
        _eps_time(marks, chosen),
    )
    tracks = linked(shape.metric(of_kept), _eps(marks, chosen), places)
    # The number of the first cluster of a track, which no other shape has.
    firsts = of_kept["cluster"].to_numpy()[np.unique(tracks, return_index=True)[1]]
    numbered = of_kept.select("cluster").with_columns(track=firsts[tracks])
    return clusters.join(numbered, on="cluster", how="left", maintain_order="left")


def _labels(marks: pl.DataFrame, shape: Shape, chosen: Parameters, least: Integers) -> Integers:
    """The cluster of each mark."""
    metric = shape.metric(marks)
    if marks["start_time"].null_count() < marks.height:
        # Tools for images and for videos may be together here; they are in different groups.
        metric = Timed(metric, marks["start_time"].fill_null(0).to_numpy(), _eps_time(marks, chosen))
    groups, volunteers, classifications = (
        marks[name].to_numpy().astype(np.int64) for name in ("group", "volunteer", "classification_id")
    )
    every = Marks(groups, volunteers, classifications, metric, _eps(marks, chosen), least)
    # The density of HDBSCAN has no largest distance.
    return clusters(every, _ALGORITHMS[chosen.algorithm], bounded=chosen.algorithm != "hdbscan")


def _least(n_classifications: Integers, chosen: Parameters) -> Integers:
    """The number of volunteers that a cluster needs."""
    # Rounding must not make three of ten more than .3.
    share: Integers = np.ceil(chosen.min_detection * n_classifications - 1e-9).astype(np.int64)
    return np.maximum(share, chosen.min_volunteers)


def _eps(marks: pl.DataFrame, chosen: Parameters) -> Floats:
    """The largest distance of neighbours for each mark: pixels, or 1 - IoU."""
    return chosen.eps * (marks["side"].to_numpy() if chosen.eps_unit == SHARE else np.ones(marks.height))


def _eps_time(marks: pl.DataFrame, chosen: Parameters) -> Floats:
    """The largest difference of start times for each mark, as a fraction of the video."""
    seconds = pl.lit(chosen.eps_seconds, pl.Float64) / pl.col("video_seconds")
    return marks.select(pl.coalesce(seconds, pl.lit(chosen.eps_time, pl.Float64))).to_series().to_numpy()


def _frames(marks: pl.DataFrame, members: Members) -> pl.Series:
    """The frame of each cluster: the commonest one, of equally common ones the first."""
    if not marks["own_frame"].null_count():
        return marks["frame"].gather(members.first)
    by_cluster = marks.group_by("cluster").agg(pl.col("frame").mode().min())
    return by_cluster.sort("cluster")["frame"]


def _numbered(found: pl.DataFrame) -> pl.DataFrame:
    """Clusters with `cluster_index`."""
    x, y = (
        pl.coalesce(
            axis,
            pl.mean_horizontal(f"{axis}1", f"{axis}2"),
            pl.col("points").list.eval(pl.element().struct.field(axis)).list.min(),
        )
        for axis in ("x", "y")
    )
    order = ["group", pl.col("n_members").neg(), x, y]
    ranked = with_track_index(found.sort(order, nulls_last=True, maintain_order=True), [x, y])
    return ranked.with_columns(
        cluster_index=pl.int_range(pl.len(), dtype=pl.Int32).over("group"),
        details=pl.coalesce("details", pl.lit([], dtype=_CLUSTERS["details"])),
    )


_OF_A_CLUSTER = (
    *(
        "frame",
        "start_seconds",
        "tool_index",
        "tool_type",
        "tool_label",
        "n_marks",
        "n_members",
        "classification_ids",
        "is_candidate",
        "tools",
        "iou",
    ),
    *Measures._fields,
)
_CLUSTERS = pl.Schema(
    {
        "group": pl.UInt32(),
        "cluster": pl.Int64(),
        "track": pl.Int64(),
        "series": pl.Int64(),
        **{
            name: dtype
            for name, dtype in _TABLE.dtypes.items()
            if name in (*_OF_A_CLUSTER, *_DRAWN) or name.endswith("_std")
        },
    }
)
