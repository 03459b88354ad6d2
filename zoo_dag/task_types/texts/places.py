"""Where the text about a mark stands: the line that stands for the mark, so that texts can be grouped as lines.

- a line is the line itself; a point, a line without a length;
- boxes, circles, triangles and fans: their middle line, from the left edge to the right one; a turned box or an
  ellipse that is long, the middle line along it;
- paths: the middle line of the box around them;
- a full-height line or a column is at the top edge of the picture, a full-width line at the left edge.

The height of an area across that line is how far people may be apart who mean the same area.
"""

import polars as pl

# Tools whose marks are lines of a page.
LINE_TOOLS = ("line", "transcriptionLine")
# The shape of a turned area, longer side by shorter side, from which its text runs along it.
_LONG = 1.5


def line_of_mark() -> list[pl.Expr]:
    """`x1, y1, x2, y2` and `height` of each mark in pixels of the natural image; what is no area has height 0.

    Takes rows of `drawing_annotations` with coordinates.
    """
    left, top, right, bottom = (_edge(axis, side) for side in ("min", "max") for axis in ("x", "y"))
    x, y = pl.coalesce("x", 0.0), pl.coalesce("y", 0.0)
    across, down = _size("width", "rx"), _size("height", "ry")
    longer, shorter = pl.max_horizontal(across, down), pl.min_horizontal(across, down)
    is_long = pl.col("angle").is_not_null() & (longer >= _LONG * shorter) & (shorter > 0)
    # Degrees clockwise, with y downwards; an area that is longer down than across runs along its other axis.
    along = pl.col("angle") + pl.when(across < down).then(90.0).otherwise(0.0)
    slope = pl.when(is_long).then(along).otherwise(0.0)
    length = pl.when(pl.col("angle").is_null()).then(across).otherwise(longer)
    half_x, half_y = length / 2 * slope.radians().cos(), length / 2 * slope.radians().sin()
    is_path, middle = pl.col("points").is_not_null(), (top + bottom) / 2
    height = pl.when(is_long).then(shorter).otherwise(down)
    return [
        _first("x1", pl.when(is_path).then(left), x - half_x),
        _first("y1", pl.when(is_path).then(middle), y - half_y),
        _first("x2", pl.when(is_path).then(right), x + half_x),
        _first("y2", pl.when(is_path).then(middle), y + half_y),
        pl.when(pl.col("x1").is_not_null())
        .then(0.0)
        .when(is_path)
        .then(pl.when(pl.col("closed")).then(bottom - top).otherwise(0.0))
        .otherwise(height)
        .alias("height"),
    ]


def _first(column: str, of_path: pl.Expr, of_area: pl.Expr) -> pl.Expr:
    return pl.coalesce(column, of_path, of_area).alias(column)


def _edge(axis: str, side: str) -> pl.Expr:
    values = pl.col("points").list.eval(pl.element().struct.field(axis))
    return values.list.min() if side == "min" else values.list.max()


def _size(of_box: str, of_ellipse: str) -> pl.Expr:
    """The size of an area along one of its axes, 0 where it has none."""
    return pl.coalesce(of_box, pl.col(of_ellipse) * 2, pl.col("r") * 2, 0.0)
