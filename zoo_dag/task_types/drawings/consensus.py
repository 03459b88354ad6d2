"""Consensus of drawings: clusters of marks, their mean geometry, and how many volunteers marked them.

Marks are clustered apart for every unit, frame and tool, by the metric that suits their shape (`shapes`), with the
parameters of the settings (`parameters`). Volunteers, not marks, are counted.

Marks that are not `answered` are in no cluster. All counted classifications that saw the task are the denominator
of `detection`, those that marked nothing included.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.consensus.units import Scope, newest, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.drawings.centres import Members, centres
from zoo_dag.task_types.drawings.cluster_details import details_of
from zoo_dag.task_types.drawings.clustering import NOISE, Integers, dbscan
from zoo_dag.task_types.drawings.density import hdbscan, optics
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.outlines import OUTLINES, as_decided, outlines
from zoo_dag.task_types.drawings.parameters import Parameters, parameters
from zoo_dag.task_types.drawings.shapes import BY_NAME, Shape, Timed, shape_of

_TABLE = TABLES["drawing_consensus"]
_ALGORITHMS: dict[str, Callable[..., Integers]] = {"dbscan": dbscan, "optics": optics, "hdbscan": hdbscan}
_TOOL = ("frame", "tool_index", "tool_type")
# The place of marks, which determines the clustering parameters.
_PLACE = ("workflow_id", "task", "tool_index", "shape")
# A fixed order of the marks of a group, independent of the order of the rows and the names of volunteers.
_ORDER = ("classification_id", "annotation_index", "mark_index")
_DRAWN = (*MEASURES, "points", "closed", "details")
# Marks that are clustered together, which bounds memory.
_MARKS_AT_ONCE = 500_000
_POINTS_OF_A_MARK = 8

# Workflow, task, position of the tool, and shape.
Place = tuple[Any, ...]


def drawing_consensus(
    annotations: Annotations,
    _tasks: pl.LazyFrame,
    scope: Scope,
    settings: Settings,
    *,
    at_once: int = _MARKS_AT_ONCE,
) -> Aggregated:
    """Aggregate `drawing_annotations` to `drawing_consensus`, with the columns of `zoo_dag.tables`.

    Clusters of a tool on a frame are numbered by their volunteers, most first, then by their marks, then from left
    to right and from top to bottom. A unit without a cluster keeps one row, with `n_marks` 0. Computed at once,
    some subjects at a time, `at_once` marks or so.

    Takes `outlines` too: which tools draw outlines, by default as the rows themselves say.

    The parameters are one record for each workflow, task, tool and shape: `workflow_id, task, tool_index, shape,
    algorithm, eps, eps_time, min_volunteers, eps_unit`.
    """
    parts: list[pl.DataFrame] = []
    used: dict[Place, Parameters] = {}
    decided = annotations.get(OUTLINES, outlines(annotations)).collect()
    drawn = as_decided(annotations["drawing_annotations"], decided, settings.drawings)
    for part in _some_subjects(drawn, at_once):
        rows, chosen = _of_subjects(part, scope, settings)
        parts.append(rows)
        used |= chosen
    order = [*scope.unit, "frame", "tool_index", "tool_type", "cluster_index"]
    table = TABLES[scope.table("drawing_consensus")]
    return Aggregated(table.conform(pl.concat(parts).sort(order, nulls_last=True).lazy()), _records(used))


def _records(used: Mapping[Place, Parameters]) -> list[dict[str, Any]]:
    """The parameters of each place as records; unknown parts of a place sort first."""
    places = sorted(used, key=lambda place: [(part is not None, part) for part in place])
    return [
        dict(zip(_PLACE, place, strict=True))
        | used[place]._asdict()
        | {"eps_unit": "1 - IoU" if BY_NAME[place[-1]].overlaps else "pixels"}
        for place in places
    ]


def _some_subjects(annotations: pl.LazyFrame, at_once: int) -> Iterator[pl.LazyFrame]:
    """The rows in parts; a subject is in one of them."""
    # A mark needs about as much memory as some points of a path.
    weight = pl.len() + pl.col("points").list.len().sum() // _POINTS_OF_A_MARK
    n_parts = -(-annotations.select(weight).collect().item() // at_once)
    if n_parts <= 1:
        yield annotations
        return
    # The table is read for every part. With three million marks this is a fifth of the time; to keep all parts in
    # memory would take three times as much of it, and to write them to disk is no faster.
    part = pl.col("subject_ids").hash() % n_parts
    for number in range(n_parts):
        yield annotations.filter(part == number)


def _of_subjects(
    rows: pl.LazyFrame, scope: Scope, settings: Settings
) -> tuple[pl.DataFrame, dict[Place, Parameters]]:
    """The table of some subjects, and with which parameters their marks were clustered."""
    key = [*scope.unit, *_TOOL]
    answered = rows.filter(pl.col("status") == "answered")
    labelled = ["workflow_version", "tool_label"]
    columns = list(dict.fromkeys([*key, *labelled, *_ORDER, "user_key", *_DRAWN]))
    every, marks = pl.collect_all([units(rows, scope), answered.select(columns)])
    # Numbered in order, since the rounding of paths depends on their order.
    groups = marks.group_by(key).agg(newest("tool_label", scope)).sort(key).with_row_index("group")
    marks = marks.join(groups.select(*key, "group"), on=key, how="left", nulls_equal=True, maintain_order="left")
    marks = _prepared(marks)
    chosen = {
        place: parameters(settings.drawings, BY_NAME[place[-1]], *place[:-1])
        for place in marks.select(_PLACE).unique().rows()
    }
    clusters = groups.join(_numbered(_clusters(marks, chosen)), on="group").drop("group")
    consensus = every.join(clusters, on=scope.unit, how="left", nulls_equal=True)
    consensus = consensus.with_columns(pl.col("n_marks", "n_members").fill_null(0))
    consensus = consensus.with_columns(detection=pl.col("n_members") / pl.col("n_classifications"))
    return TABLES[scope.table("drawing_consensus")].conform(consensus.lazy()).collect(), chosen


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
    clusters = [pl.DataFrame(schema=_CLUSTERS)]
    for (name, each), places in batches.items():
        wanted = pl.DataFrame(places, schema={column: marks.schema[column] for column in _PLACE}, orient="row")
        of_shape = marks.join(wanted, on=_PLACE, how="semi", nulls_equal=True) if len(batches) > 1 else marks
        clusters.append(_of_shape(of_shape, BY_NAME[name], each))
    return pl.concat(clusters, how="diagonal_relaxed")


def _of_shape(marks: pl.DataFrame, shape: Shape, chosen: Parameters) -> pl.DataFrame:
    """The clusters of marks of one shape."""
    first = [name for name in shape.columns[:2] if name != "points"]
    marks = marks.sort(["group", *first, *_ORDER])
    groups, volunteers = marks["group"].to_numpy().astype(np.int64), marks["volunteer"].to_numpy()
    metric = shape.metric(marks)
    if marks["start_time"].null_count() < marks.height:
        # Tools for images and for videos may be together here; they are in different groups.
        metric = Timed(metric, marks["start_time"].fill_null(0).to_numpy(), chosen.eps_time)
    labels = _ALGORITHMS[chosen.algorithm](groups, volunteers, metric, chosen.eps, chosen.min_volunteers)
    inside = labels != NOISE
    marks = marks.filter(inside).with_columns(cluster=labels[inside])
    members = Members(labels[inside], volunteers[inside])
    geometry = centres(shape, marks, members).with_columns(
        cluster=np.arange(members.count),
        group=groups[inside][members.first()],
        n_marks=members.n_marks,
        n_members=members.n_members,
    )
    return geometry.join(details_of(marks), on="cluster", how="left").drop("cluster")


def _numbered(clusters: pl.DataFrame) -> pl.DataFrame:
    """Clusters with `cluster_index`."""
    x, y = (
        pl.coalesce(
            axis,
            pl.mean_horizontal(f"{axis}1", f"{axis}2"),
            pl.col("points").list.eval(pl.element().struct.field(axis)).list.min(),
        )
        for axis in ("x", "y")
    )
    order = ["group", pl.col("n_members").neg(), pl.col("n_marks").neg(), x, y]
    ranked = clusters.sort(order, nulls_last=True)
    return ranked.with_columns(
        cluster_index=pl.int_range(pl.len(), dtype=pl.Int32).over("group"),
        details=pl.coalesce("details", pl.lit([], dtype=_CLUSTERS["details"])),
    )


_CLUSTERS = pl.Schema(
    {
        "group": pl.UInt32(),
        **{
            name: dtype
            for name, dtype in _TABLE.dtypes.items()
            if name in ("n_marks", "n_members", "iou", *_DRAWN) or name.endswith("_std")
        },
    }
)
