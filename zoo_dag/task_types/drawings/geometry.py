"""Geometry of marks, one form for both generations of the classifier (docs/exports.md, Geometry of marks).

Lengths are pixels of the natural image, y downwards; angles are degrees clockwise; times are fractions of the
video. Spans on light curves are in the unit of the subject's data. Boxes and columns are given by their centre:
the first generation exports the corner, the second the centre; crops have their corner, spans their centre.
Sizes are never negative. A line has its length and its angle as well; a full-width line has only `y`, a
full-height line only `x`. The angle of a circle is where its handle was left: it means nothing, only the first
generation exports it, and it is dropped.

The generation is decided mark by mark, since one workflow version may hold marks of both.
"""

from collections.abc import Collection

import polars as pl

from zoo_dag.tables import geometry
from zoo_dag.task_types.drawings import paths

# Numbers that a mark may hold, by the names of the export.
FIELDS = (
    "x",
    "y",
    "x_center",
    "y_center",
    "x1",
    "y1",
    "x2",
    "y2",
    "width",
    "height",
    "r",
    "rx",
    "ry",
    "angle",
    "radius",
    "rotation",
    "spread",
    "displayTime",
)
# Numbers of a normalised mark; with `points` and `closed` the geometry columns of `drawing_annotations`.
MEASURES = geometry.MEASURES

_LINE = ("x1", "y1", "x2", "y2")
_BOX = ("x", "y", "width", "height")
# The columns of the marks of each tool; a mark without all of them is malformed.
TOOLS: dict[str, tuple[str, ...]] = {
    "point": ("x", "y"),
    "pointGrid": ("x", "y"),
    "temporalPoint": ("x", "y", "start_time"),
    "line": _LINE,
    "transcriptionLine": _LINE,
    "circle": ("x", "y", "r"),
    "triangle": ("x", "y", "r", "angle"),
    "ellipse": ("x", "y", "rx", "ry", "angle"),
    "anchoredEllipse": ("x", "y", "rx", "ry", "angle"),
    "rectangle": _BOX,
    "grid": _BOX,
    "crop": _BOX,
    "rotateRectangle": (*_BOX, "angle"),
    "temporalRotateRectangle": (*_BOX, "angle", "start_time"),
    "fan": ("x", "y", "r", "angle", "spread"),
    "column": ("x", "width"),
    "graph2dRangeX": ("x", "width"),
    "fullWidthLine": ("y",),
    "fullHeightLine": ("x",),
    **dict.fromkeys(paths.TOOLS, ("points",)),
}
_SHAPE = pl.Enum(list(TOOLS))
_CORNERED = ("rectangle", "grid", "crop", "rotateRectangle", "temporalRotateRectangle")
# The tools that mark the data of a subject, not a picture.
_OF_DATA = ("graph2dRangeX",)
_COUNTER_CLOCKWISE = ("triangle", "ellipse", "anchoredEllipse")


def normalised(marks: pl.DataFrame) -> pl.DataFrame:
    """`tool_type`, `unit`, MEASURES, `points`, `closed` and `complete` of marks, row by row.

    Takes FIELDS as exported, `points`, `closed`, `auto_closed`, `tool_type` (null if unknown), `only_tool` (the
    one that the task type has, null if it has several), and `second`, whether the mark is of the second
    generation. A mark whose tool is unknown is read by its shape, and gets the tool type of that shape. `unit` is
    `pixels` or `data`. `complete` says whether all columns of the shape are there.
    """
    exported_type = pl.coalesce("only_tool", "tool_type").cast(_SHAPE, strict=False)
    # Non-numeric and infinite values become null, but do not count as absent.
    numbers = (pl.when(pl.col(field).is_finite()).then(field).alias(field) for field in FIELDS)
    shaped = marks.with_columns(*numbers, shape=exported_type, only_x=_only("x"), only_y=_only("y"))
    if shaped["shape"].null_count():
        shaped = shaped.with_columns(shape=pl.coalesce(exported_type, _by_shape().cast(_SHAPE)))
    drawn = set(shaped["shape"].unique().drop_nulls())
    shaped = paths.with_curves(shaped, drawn)
    columns = shaped.select(
        "shape",
        pl.coalesce("tool_type", pl.col("shape").cast(pl.String)).alias("tool_type"),
        pl.when(_is(_OF_DATA, drawn)).then(pl.lit("data")).otherwise(pl.lit("pixels")).alias("unit"),
        *(_of_tools(column, value, drawn) for column, value in _measures(drawn).items()),
        pl.lit(None, pl.Float64).alias("length"),
        *paths.ring(drawn),
    )
    return columns.with_columns(*_of_lines(drawn), complete=_complete(drawn))


def _only(axis: str) -> pl.Expr:
    """Whether a mark has one coordinate and nothing else that could give it a shape."""
    others = (pl.col(field).is_null() for field in FIELDS if field not in (axis, "displayTime"))
    return pl.col(axis).is_finite().fill_null(False) & pl.all_horizontal(others)


def _is(tools: Collection[str], drawn: Collection[str]) -> pl.Expr:
    """Whether a mark is of one of the tools; only tools that occur are compared."""
    wanted = [tool for tool in tools if tool in drawn]
    return pl.col("shape").is_in(pl.Series(wanted, dtype=_SHAPE).implode()) if wanted else pl.lit(False)


def _having(column: str) -> list[str]:
    return [tool for tool, columns in TOOLS.items() if column in columns]


def _of_tools(column: str, value: pl.Expr, drawn: Collection[str]) -> pl.Expr:
    """The value where the tool has such a column; stray keys of other tools are ignored."""
    tools = _having(column)
    if not any(tool in drawn for tool in tools):
        return pl.lit(None, pl.Float64).alias(column)
    return pl.when(_is(tools, drawn)).then(value).alias(column)


def _measures(drawn: Collection[str]) -> dict[str, pl.Expr]:
    cornered = _is((*_CORNERED, "column"), drawn)
    turned = _is(_COUNTER_CLOCKWISE, drawn) & ~pl.col("second")
    return {
        "x": pl.coalesce("x_center", pl.when(cornered).then(pl.col("x") + pl.col("width") / 2).otherwise("x")),
        "y": pl.coalesce(
            "y_center",
            pl.when(_is(_CORNERED, drawn)).then(pl.col("y") + pl.col("height") / 2).otherwise("y"),
        ),
        **{column: pl.col(column) for column in _LINE},
        # A size is negative where a mark was drawn from another corner; the centre is the same.
        **{column: pl.col(column).abs() for column in ("height", "rx", "ry", "spread")},
        # A span is never drawn from another corner: a negative width is an error.
        "width": pl.when(~_is(_OF_DATA, drawn) | (pl.col("width") >= 0)).then(pl.col("width").abs()),
        "r": pl.coalesce("r", "radius").abs(),
        "angle": pl.when(_is(["fan"], drawn))
        .then("rotation")
        # Subtracted from zero, because there is a negative zero.
        .when(turned)
        .then(0.0 - pl.col("angle"))
        .otherwise("angle"),
        "start_time": pl.col("displayTime"),
    }


def _of_lines(drawn: Collection[str]) -> list[pl.Expr]:
    """Length and angle of lines; a line without a length has no angle."""
    if not any(tool in drawn for tool in _having("x2")):
        return []
    run, fall = pl.col("x2") - pl.col("x1"), pl.col("y2") - pl.col("y1")
    length = (run.pow(2) + fall.pow(2)).sqrt()
    angle = pl.when(length > 0).then(pl.arctan2(fall, run).degrees())
    return [length.alias("length"), pl.coalesce("angle", angle).alias("angle")]


def _complete(drawn: Collection[str]) -> pl.Expr:
    """Whether a mark has a known shape and every column of it."""
    missing = [
        _is([shape], drawn) & pl.any_horizontal(pl.col(column).is_null() for column in columns)
        for shape, columns in TOOLS.items()
        if shape in drawn
    ]
    return pl.col("shape").is_not_null() & ~pl.any_horizontal(missing or [pl.lit(False)])


def _by_shape() -> pl.Expr:
    """The tool for the fields of a mark; of tools with the same fields, the most common one."""

    def has(*fields: str) -> pl.Expr:
        return pl.all_horizontal(pl.col(field).is_not_null() for field in fields)

    placed = has("x", "y") | has("x_center", "y_center")
    timed = has("displayTime")
    return (
        pl.when(has("points"))
        .then(paths.by_shape())
        .when(has(*_LINE))
        .then(pl.lit("line"))
        .when(placed & has("rx", "ry"))
        .then(pl.lit("ellipse"))
        .when(placed & has("radius", "spread"))
        .then(pl.lit("fan"))
        .when(placed & has("width", "height", "angle"))
        .then(pl.when(timed).then(pl.lit("temporalRotateRectangle")).otherwise(pl.lit("rotateRectangle")))
        .when(placed & has("width", "height"))
        .then(pl.lit("rectangle"))
        .when(placed & has("r"))
        .then(pl.lit("circle"))
        .when(has("x", "width"))
        .then(pl.lit("column"))
        .when(placed)
        .then(pl.when(timed).then(pl.lit("temporalPoint")).otherwise(pl.lit("point")))
        .when("only_x")
        .then(pl.lit("fullHeightLine"))
        .when("only_y")
        .then(pl.lit("fullWidthLine"))
    )
