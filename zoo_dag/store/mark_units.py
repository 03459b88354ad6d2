"""Marks as fractions of their frame: from 0 at the left and the top to 1 at the right and the bottom.

Widths and what lies along x are divided by the width of the frame, heights and what lies along y by its height;
radii and lengths, which have no axis, by its larger side, of which `drawings.eps_share` is a share; areas by its
area. Angles stay degrees in the picture. The sizes are those of `subject_frames`; what lies on a frame of unknown
size is null.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

_W, _H = pl.col("frame width"), pl.col("frame height")
_LARGER = pl.max_horizontal(_W, _H)
_SIZES: Mapping[str, pl.Expr] = {
    **dict.fromkeys(("x", "x1", "x2", "width"), _W),
    **dict.fromkeys(("y", "y1", "y2", "height"), _H),
    **dict.fromkeys(("length", "r", "rx", "ry", "boundary"), _LARGER),
    "area": _W * _H,
}
_PATHS = ("points", "pieces")
_PLACE = ["workflow_id", "subject_id", "frame"]


class InFractions(NamedTuple):
    """A table with marks as fractions, and the number of rows whose frame has no known size."""

    frame: pl.LazyFrame
    n_unknown: int


def has_marks(columns: pl.Schema) -> bool:
    """Whether a table has places on frames of subjects."""
    return columns.keys() >= {*_PLACE} and bool({"x", "x1", "points"} & columns.keys())


def in_fractions(marks: pl.LazyFrame, frames: pl.LazyFrame) -> InFractions:
    """A table with marks, for which `has_marks`, as fractions; takes `subject_frames` as well.

    `unit` is then `fractions`. What is in the unit of the data of a subject stays so.
    """
    columns = marks.collect_schema()
    sizes = frames.select(*_PLACE, pl.col("width").alias("frame width"), pl.col("height").alias("frame height"))
    sized = marks.join(sizes, on=_PLACE, how="left", maintain_order="left")
    on_frame = pl.col("unit").ne_missing("data") if "unit" in columns else pl.lit(value=True)
    divided = {name: pl.col(name) / size for name, size in _divided(columns).items()}
    divided |= {name: _divided_path(name, columns[name]) for name in _PATHS if name in columns}
    is_place = pl.any_horizontal(pl.col(name).is_not_null() for name in divided)
    n_unknown = sized.select((on_frame & is_place & _W.is_null()).sum()).collect(engine="streaming").item()
    changed = {name: pl.when(on_frame).then(value).otherwise(name) for name, value in divided.items()}
    unit = {"unit": pl.when(on_frame & pl.col("unit").is_not_null()).then(pl.lit("fractions")).otherwise("unit")}
    whole = sized.with_columns(**changed, **(unit if "unit" in columns else {}))
    return InFractions(whole.select(columns.names()), n_unknown)


def _divided(columns: pl.Schema) -> dict[str, pl.Expr]:
    """By what each column of a table is divided."""
    return {name: size for name in columns if (size := _SIZES.get(name.removesuffix("_std"))) is not None}


def _divided_path(name: str, dtype: pl.DataType) -> pl.Expr:
    """The points of paths, or of several of them, as fractions; null where the size is unknown."""

    def divide(rows: pl.Series) -> pl.Series:
        return pl.Series(name, [_divided_points(*row.values()) for row in rows], dtype)

    return pl.struct(name, _W, _H).map_batches(divide, return_dtype=dtype, is_elementwise=True)


def _divided_points(points: list[Any] | None, width: float | None, height: float | None) -> list[Any] | None:
    if points is None or width is None or height is None:
        return None
    return [
        _divided_points(point, width, height)
        if isinstance(point, list)
        else {"x": _share(point["x"], width), "y": _share(point["y"], height)}
        for point in points
    ]


def _share(value: float | None, of: float) -> float | None:
    return None if value is None else value / of
