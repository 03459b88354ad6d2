"""Consensus of drawings: clusters of marks, their mean geometry, and how many volunteers marked them.

Marks are clustered apart for every unit, frame and tool, by the metric that suits their shape (`shapes`), with the
parameters of the settings (`parameters`); tools may be together. A volunteer is at most once in a cluster. Every
mark is in one. Those with too few volunteers are candidates, and so is each click without a size with a tool that
draws something of a size, since others drew the same thing.

Marks that are not `answered`, or lie outside of the picture, are in no cluster. All counted classifications that
saw the task are the denominator of `detection`, those that marked nothing included.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.consensus.pictures import SIZE
from zoo_dag.consensus.units import Scope, newest, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.drawings.centres import Members, centres
from zoo_dag.task_types.drawings.cluster_details import details_of
from zoo_dag.task_types.drawings.cluster_tools import tools_of
from zoo_dag.task_types.drawings.clustering import Floats, Integers, Marks, dbscan
from zoo_dag.task_types.drawings.coverage import Measures
from zoo_dag.task_types.drawings.density import hdbscan, optics
from zoo_dag.task_types.drawings.frames import estimated_sides, inside
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.outlines import OUTLINES, as_decided
from zoo_dag.task_types.drawings.parameters import SHARE, Parameters, are_together, parameters
from zoo_dag.task_types.drawings.shapes import BY_NAME, CLICK, Shape, Timed, shape_of
from zoo_dag.task_types.drawings.splitting import clusters
from zoo_dag.task_types.drawings.typed_details import typed_options, with_typed_options

_TABLE = TABLES["drawing_consensus"]
_ALGORITHMS = {"dbscan": dbscan, "optics": optics, "hdbscan": hdbscan}
_TOOL = ("frame", "tool_index", "tool_type")
# The tool by which marks are apart, null where tools are together.
_OWN_TOOL = ("own_index", "own_type")
# The place of marks, which determines the clustering parameters.
_PLACE = ("workflow_id", "task", "own_index", "shape")
_RECORD = ("workflow_id", "task", "tool_index", "shape")
# A fixed order of the marks of a group, independent of the order of the rows and the names of volunteers.
_ORDER = ("classification_id", "annotation_index", "mark_index")
_DRAWN = ("unit", *MEASURES, "points", "closed", "details")
# The names of what is decided over all subjects, among the tables that `drawing_consensus` takes.
SIDES, TYPED_OPTIONS = "estimated_sides", "typed_options"

# Workflow, task, position of the tool, and shape.
Place = tuple[Any, ...]


def drawing_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `drawing_annotations` to `drawing_consensus`, with the columns of `zoo_dag.tables`.

    Clusters of a tool on a frame are numbered by their volunteers, most first, then from left to right and from
    top to bottom. A unit without marks keeps one row, with `n_marks` 0. Computed at once.

    Takes `outlines` too, which tools draw outlines, and what `decide` returns.

    The parameters are one record for each workflow, task, tool and shape: `workflow_id, task, tool_index` (null
    for tools that are together), `shape, algorithm, eps, eps_unit, eps_time, min_volunteers, min_detection`, and
    `estimated_side` of pictures whose size is missing where the parameters depend on it.
    """
    outlined, sides, options = pl.collect_all([annotations[name] for name in (OUTLINES, SIDES, TYPED_OPTIONS)])
    drawn = as_decided(annotations["drawing_annotations"], outlined, settings.drawings)
    rows, used = _of_subjects(drawn, options, sides, scope, settings)
    order = [*scope.unit, "frame", "tool_index", "tool_type", "cluster_index"]
    return Aggregated(rows.sort(order, nulls_last=True).lazy(), _records(used, sides))


def decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Annotations:
    """`estimated_sides` of pictures whose size is missing, and `typed_options` of questions about marks."""
    rows = annotations["drawing_annotations"]
    return {SIDES: estimated_sides(rows).lazy(), TYPED_OPTIONS: typed_options(inside(rows), tasks, scope)}


def _records(used: Mapping[Place, Parameters], sides: pl.DataFrame) -> list[dict[str, Any]]:
    """The parameters of each place as records; unknown parts of a place sort first."""
    places = sorted(used, key=lambda place: [(part is not None, part) for part in place])
    estimated = dict(sides.iter_rows())
    return [
        dict(zip(_RECORD, place, strict=True))
        | used[place]._asdict()
        | {"estimated_side": estimated.get(place[0]) if used[place].eps_unit == SHARE else None}
        for place in places
    ]


def _of_subjects(
    rows: pl.LazyFrame, options: pl.DataFrame, sides: pl.DataFrame, scope: Scope, settings: Settings
) -> tuple[pl.DataFrame, dict[Place, Parameters]]:
    """The table of some subjects, and with which parameters their marks were clustered."""
    labelled = ["workflow_version", "tool_label"]
    columns = list(dict.fromkeys([*scope.unit, *_TOOL, *labelled, *_ORDER, "user_key", *_DRAWN, *SIZE]))
    every, marks = pl.collect_all([units(rows, scope), inside(rows).select(columns)])
    marks = with_typed_options(marks, options, scope)
    marks = _prepared(_grouped(marks, every, sides, scope, settings))
    chosen = {
        place: parameters(settings.drawings, BY_NAME[place[-1]], *place[:-1])
        for place in marks.select(_PLACE).unique().sort(_PLACE).rows()
    }
    groups = marks.select("group", *scope.unit, "frame").unique("group")
    found = groups.join(_numbered(_clusters(marks, chosen)), on="group").drop("group")
    consensus = every.join(found, on=scope.unit, how="left", nulls_equal=True)
    consensus = consensus.with_columns(pl.col("n_marks", "n_members").fill_null(0))
    # NumPy, because Polars divides by a column of one value through its reciprocal.
    detection = consensus["n_members"].to_numpy() / consensus["n_classifications"].to_numpy()
    return consensus.with_columns(detection=pl.Series(detection, dtype=pl.Float64)), chosen


def _grouped(
    marks: pl.DataFrame, every: pl.DataFrame, sides: pl.DataFrame, scope: Scope, settings: Settings
) -> pl.DataFrame:
    """Marks with the `group` they are clustered in, and what holds for it.

    Adds _OWN_TOOL, `n_classifications`, and `side`, the larger side of the frame in pixels.
    """
    tool, group = [*scope.unit, *_TOOL], [*scope.unit, "frame", *_OWN_TOOL]
    tools = marks.group_by(tool).agg(newest("tool_label", scope))
    place = ("workflow_id", "task", "tool_index")
    places = tools.select(place).unique()
    together = [are_together(settings.drawings, *each) for each in places.iter_rows()]
    places = places.with_columns(together=pl.Series(together, dtype=pl.Boolean))
    tools = tools.join(places, on=place, nulls_equal=True).with_columns(
        pl.when(~pl.col("together")).then(column).alias(own)
        for own, column in zip(_OWN_TOOL, ("tool_index", "tool_type"), strict=True)
    )
    # Numbered in order, since the rounding of paths depends on their order.
    groups = tools.select(group).unique().sort(group).with_row_index("group")
    groups = groups.join(every.select(*scope.unit, "n_classifications"), on=scope.unit, nulls_equal=True)
    groups = groups.join(sides, on="workflow_id", how="left")
    tools = tools.join(groups, on=group, nulls_equal=True).drop("together")
    side = pl.max_horizontal("frame_width", "frame_height").fill_null(pl.col("estimated_side"))
    return (
        marks.drop("tool_label")
        .join(tools, on=tool, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(side=side)
    )


def _prepared(marks: pl.DataFrame) -> pl.DataFrame:
    """Marks with their shape, and with numbers in place of volunteers; marks without a shape are left out."""
    volunteer = pl.col("user_key").fill_null("").rank("dense").cast(pl.Int64)
    shaped = marks.with_columns(volunteer=volunteer, shape=shape_of(pl.col("closed")))
    return shaped.filter(pl.col("shape").is_not_null())


def _clusters(marks: pl.DataFrame, chosen: Mapping[Place, Parameters]) -> pl.DataFrame:
    """The clusters of all marks, with `group` and geometry."""
    batches: dict[tuple[str, Parameters], list[Place]] = {}
    for place, parameters_of_place in chosen.items():
        batches.setdefault((place[-1], parameters_of_place), []).append(place)
    found = [pl.DataFrame(schema=_CLUSTERS)]
    for (name, each), places in batches.items():
        wanted = pl.DataFrame(places, schema={column: marks.schema[column] for column in _PLACE}, orient="row")
        of_shape = marks.join(wanted, on=_PLACE, how="semi", nulls_equal=True) if len(batches) > 1 else marks
        found.append(_of_shape(of_shape, BY_NAME[name], each))
    return pl.concat(found, how="diagonal_relaxed")


def _of_shape(marks: pl.DataFrame, shape: Shape, chosen: Parameters) -> pl.DataFrame:
    """The clusters of marks of one shape."""
    first = [name for name in shape.columns[:2] if name != "points"]
    marks = marks.sort(["group", *first, *_ORDER])
    least = _least(marks["n_classifications"].to_numpy(), chosen)
    # Clicks are candidates one by one.
    labels = np.arange(marks.height) if shape is CLICK else _labels(marks, shape, chosen, least)
    marks = marks.with_columns(cluster=labels)
    members = Members(labels)
    geometry = centres(shape, marks, members).with_columns(
        cluster=np.arange(members.count),
        group=marks["group"].gather(members.first),
        unit=marks["unit"].gather(members.first),
        n_marks=members.sizes,
        n_members=members.sizes,
        is_candidate=(members.sizes < least[members.first]) | (shape is CLICK),
    )
    geometry = geometry.join(tools_of(marks), on="cluster", how="left")
    return geometry.join(details_of(marks), on="cluster", how="left").drop("cluster")


def _labels(marks: pl.DataFrame, shape: Shape, chosen: Parameters, least: Integers) -> Integers:
    """The cluster of each mark."""
    metric = shape.metric(marks)
    if marks["start_time"].null_count() < marks.height:
        # Tools for images and for videos may be together here; they are in different groups.
        metric = Timed(metric, marks["start_time"].fill_null(0).to_numpy(), chosen.eps_time)
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
    ranked = found.sort(order, nulls_last=True, maintain_order=True)
    return ranked.with_columns(
        cluster_index=pl.int_range(pl.len(), dtype=pl.Int32).over("group"),
        details=pl.coalesce("details", pl.lit([], dtype=_CLUSTERS["details"])),
    )


_OF_A_CLUSTER = (
    *("tool_index", "tool_type", "tool_label", "n_marks", "n_members", "is_candidate", "tools", "iou"),
    *Measures._fields,
)
_CLUSTERS = pl.Schema(
    {
        "group": pl.UInt32(),
        **{
            name: dtype
            for name, dtype in _TABLE.dtypes.items()
            if name in (*_OF_A_CLUSTER, *_DRAWN) or name.endswith("_std")
        },
    }
)
