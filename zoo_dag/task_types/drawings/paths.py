"""Marks that are paths: polygons, curves and freehand lines (docs/exports.md, Geometry of marks).

`points` are the vertices. The first generation lists them, the second has two parallel lists for freehand lines.
The first point of a ring is not repeated at its end: `closed` says that it is a ring. A freehand line that ends
near its first point is one, since the second generation has no other tool to draw around something freely.

Every second point of a bezier curve is a control point, which the curve does not pass through: `points` are points
along the curve as it was drawn. Control points are only in the mark as exported.
"""

from collections.abc import Collection, Sequence, Set
from typing import Any

import numpy as np
import polars as pl

TOOLS = (
    "polygon",
    "bezier",
    "freehandLine",
    "freehandShape",
    "freehandSegmentLine",
    "freehandSegmentShape",
)
# Fields of a mark that hold its points, and booleans about them.
FIELDS = ("points", "pathX", "pathY")
FLAGS = ("closed", "auto_closed")
POINTS = pl.List(pl.Struct({"x": pl.Float64(), "y": pl.Float64()}))

# Points along a curve between two vertices: an area is right to a thousandth.
CURVE_POINTS = 64
# The gap between the ends of a freehand line that is a ring, as a share of the length of the line.
_GAP = 0.05
_FREEHAND_LINES = ("freehandLine", "freehandSegmentLine")
_RINGS = ("freehandShape", "freehandSegmentShape")
# The second generation does not say that its polygons are closed; the first says whether they are.
_RINGS_UNLESS_OPEN = ("polygon", "bezier")


def read_points(marks: Sequence[dict[str, Any]]) -> pl.Series:
    """The points of each mark, null where it has none or where they are invalid."""
    rows: list[int] = []
    lengths: list[int] = []
    xs: list[float] = []
    ys: list[float] = []
    for row, mark in enumerate(marks):
        coordinates = _coordinates(mark)
        if coordinates:
            rows.append(row)
            lengths.append(len(coordinates[0]))
            xs += coordinates[0]
            ys += coordinates[1]
    if not rows:
        return pl.Series("points", [None] * len(marks), POINTS)
    owner = pl.DataFrame({"row": rows, "length": lengths}).select(pl.col("row").repeat_by("length")).explode("row")
    flat = owner.with_columns(pl.Series("x", xs, pl.Float64), pl.Series("y", ys, pl.Float64))
    grouped = flat.with_columns(pl.col("row").set_sorted()).group_by("row", maintain_order=True)
    return nested(grouped.agg(points=pl.struct("x", "y")), "points", len(marks))


def nested(grouped: pl.DataFrame, column: str, height: int) -> pl.Series:
    """A column of `height` rows from the values of some of them, whose numbers are in the column `row`."""
    every = pl.DataFrame({"row": pl.int_range(height, eager=True)})
    return every.join(grouped, on="row", how="left", maintain_order="left")[column]


def _coordinates(mark: dict[str, Any]) -> tuple[list[float], list[float]] | None:
    points = mark.get("points")
    xs: Any = mark.get("pathX")
    ys: Any = mark.get("pathY")
    if isinstance(points, list):
        try:
            xs, ys = [point["x"] for point in points], [point["y"] for point in points]
        except (TypeError, KeyError):
            return None
    elif not (isinstance(xs, list) and isinstance(ys, list) and len(xs) == len(ys)):
        return None
    numbers = {float, int}.issuperset(map(type, xs)) and {float, int}.issuperset(map(type, ys))
    return (xs, ys) if xs and numbers else None


def with_curves(marks: pl.DataFrame, drawn: Set[str]) -> pl.DataFrame:
    """Marks with the points along bezier curves in `points`, and with `comes_back`: a path ends near its start.

    Takes the columns `shape`, `points`, `closed` and `auto_closed`; `drawn` are the shapes that occur.
    """
    comes_back = pl.Series("comes_back", [None], pl.Boolean).new_from_index(0, marks.height)
    if not drawn.isdisjoint(_FREEHAND_LINES):
        comes_back = _comes_back(marks["points"])
    if "bezier" in drawn:
        curved = (marks["shape"].cast(pl.String) == "bezier") & marks["points"].is_not_null()
        closed = marks.select(_is_closed()).to_series()
        points = [
            _along(path, is_closed=ring) if curve else path
            for path, ring, curve in zip(marks["points"].to_list(), closed, curved, strict=True)
        ]
        marks = marks.with_columns(pl.Series("points", points, POINTS))
    return marks.with_columns(comes_back)


def _along(path: list[dict[str, float]], *, is_closed: bool) -> list[dict[str, float]]:
    """Points along quadratic Bezier curves: the first vertex, and CURVE_POINTS behind each control point."""
    points = np.array([(point["x"], point["y"]) for point in path])
    vertices, controls = points[::2], points[1::2]
    if len(vertices) == len(controls):
        # The last control point is that of the curve back to the first vertex; an open path has no such curve.
        vertices, controls = (
            (np.concatenate((vertices, vertices[:1])), controls) if is_closed else (vertices, controls[:-1])
        )
    t = np.linspace(0, 1, CURVE_POINTS + 1)[1:, None]
    start, control, end = vertices[:-1, None], controls[:, None], vertices[1:, None]
    curves = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    along = np.concatenate((vertices[:1], curves.reshape(-1, 2)))
    return [{"x": x, "y": y} for x, y in along.tolist()]


def _comes_back(points: pl.Series) -> pl.Series:
    """Whether the ends of each path are near each other, measured by its length."""
    paths = points.to_frame("points").with_row_index("row").filter(pl.col("points").is_not_null())
    flat = paths.explode("points").unnest("points")
    steps = ((pl.col(axis).diff() ** 2).over("row") for axis in ("x", "y"))
    measured = flat.with_columns(step=pl.sum_horizontal(steps).sqrt())
    gaps = ((pl.col(axis).last() - pl.col(axis).first()) ** 2 for axis in ("x", "y"))
    ends = measured.group_by("row", maintain_order=True).agg(
        length=pl.col("step").sum(), gap=pl.sum_horizontal(gaps).sqrt(), n=pl.len()
    )
    # Two points are a line, whatever its length.
    near = (pl.col("gap") <= _GAP * pl.col("length")) & (pl.col("n") > 2)
    return nested(ends.select(pl.col("row").cast(pl.Int64), comes_back=near), "comes_back", len(points))


def _is_closed() -> pl.Expr:
    """Whether a polygon or a bezier curve is closed: the second generation does not say so."""
    return pl.coalesce(pl.when("auto_closed").then(True), "closed", True)


def ring(drawn: Collection[str]) -> tuple[pl.Expr, pl.Expr]:
    """`points` without a repeated first point, and `closed`.

    Takes the columns `shape`, `points`, `closed`, `auto_closed` and `comes_back`.
    """
    if not any(tool in drawn for tool in TOOLS):
        return pl.lit(None, POINTS).alias("points"), pl.lit(None, pl.Boolean).alias("closed")
    shape = pl.col("shape").cast(pl.String)
    closed = (
        pl.when(shape.is_in(_RINGS))
        .then(True)
        .when(shape.is_in(_RINGS_UNLESS_OPEN))
        .then(_is_closed())
        .when(shape.is_in(TOOLS))
        .then(_returns(pl.col("points")) | pl.col("comes_back"))
    )
    vertices = pl.when(shape.is_in(TOOLS)).then("points")
    open_ring = pl.when(closed & _returns(vertices)).then(vertices.list.head(vertices.list.len() - 1))
    return open_ring.otherwise(vertices).alias("points"), closed.alias("closed")


def by_shape() -> pl.Expr:
    """The tool for the fields of a path: polygon where it says whether it is closed, else freehand."""
    freehand = pl.when(_returns(pl.col("points"))).then(pl.lit("freehandShape"))
    return (
        pl.when(pl.col("closed").is_not_null())
        .then(pl.lit("polygon"))
        .otherwise(freehand.otherwise(pl.lit("freehandLine")))
    )


def _returns(points: pl.Expr) -> pl.Expr:
    """Whether the last point repeats the first."""
    first, last = points.list.first().struct, points.list.last().struct
    same = (first.field("x") == last.field("x")) & (first.field("y") == last.field("y"))
    return (points.list.len() > 1) & same
