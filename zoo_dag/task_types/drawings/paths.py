"""Marks that are paths: polygons, curves and freehand lines (docs/exports.md, Geometry of marks).

`points` are the vertices. The first generation lists them, the second has two parallel lists for freehand lines.
The first point of a ring is not repeated at its end: `closed` says that it is a ring. A freehand line that ends in
its very first point is one, since the second generation has no other tool to draw around something freely. Every
second point of a bezier curve is a control point, no vertex; control points are only in the mark as exported.
"""

from collections.abc import Collection, Sequence
from typing import Any

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


def ring(drawn: Collection[str]) -> tuple[pl.Expr, pl.Expr]:
    """`points` without control points and without a repeated first point, and `closed`.

    Takes the columns `shape`, `points`, `closed` and `auto_closed`.
    """
    if not any(tool in drawn for tool in TOOLS):
        return pl.lit(None, POINTS).alias("points"), pl.lit(None, pl.Boolean).alias("closed")
    shape = pl.col("shape").cast(pl.String)
    is_closed = pl.coalesce(pl.when("auto_closed").then(True), "closed", True)
    closed = (
        pl.when(shape.is_in(_RINGS))
        .then(True)
        .when(shape.is_in(_RINGS_UNLESS_OPEN))
        .then(is_closed)
        .when(shape.is_in(TOOLS))
        .then(_returns(pl.col("points")))
    )
    vertices = (
        pl.when(shape == "bezier")
        .then(pl.col("points").list.gather_every(2))
        .when(shape.is_in(TOOLS))
        .then("points")
    )
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
