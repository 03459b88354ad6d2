"""The form of an object on a picture: the box around it, its outline, or the point that it is.

Formats of computer vision know upright boxes, outlines and points. A circle and an ellipse are the box around
them. What reaches beyond the edge of its frame is cut there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, pi, radians, sin
from typing import Any

import polars as pl
import shapely

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Form:
    """A form in pixels: the upright box from its top left corner, and the area of the object.

    `rings` are the outlines of its pieces, empty for what is known as a box only. The box of a point has no size.
    """

    x: float
    y: float
    width: float
    height: float
    area: float
    rings: tuple[Ring, ...] = ()

    @property
    def is_point(self) -> bool:
        """Whether it has no size."""
        return self.width == 0 and self.height == 0


def has_form() -> pl.Expr:
    """Whether a mark is of a tool that `form_of` knows: Boolean. Takes the columns that `form_of` takes."""
    on_picture = pl.col("start_time").is_null() & pl.col("unit").ne_missing("data")
    return (on_picture & (pl.col("tool_type").is_in([*_FORMS]) | pl.col("closed"))).fill_null(value=False)


def form_of(mark: Mapping[str, Any]) -> Form | None:
    """The form of a mark or of a cluster of marks; None for what has none, or lies outside of its frame.

    Takes `tool_type, unit`, the geometry columns, and `width_of_frame, height_of_frame`.
    """
    frame = (mark["width_of_frame"], mark["height_of_frame"])
    if mark["closed"]:
        points = mark["points"] or ()
        return _outline([(point["x"], point["y"]) for point in points], frame) if len(points) > 2 else None
    make = _FORMS.get(mark["tool_type"])
    is_placed = mark["x"] is not None and mark["y"] is not None
    return make(mark, frame) if make and is_placed else None


def box_around(point: Form, side: float, frame: Sequence[float]) -> Form | None:
    """An upright box with these sides around a point."""
    return _upright(point.x - side / 2, point.y - side / 2, point.x + side / 2, point.y + side / 2, frame)


def _point(mark: Mapping[str, Any], frame: Sequence[float]) -> Form | None:
    x, y = mark["x"], mark["y"]
    return Form(x, y, 0.0, 0.0, 0.0) if 0 <= x <= frame[0] and 0 <= y <= frame[1] else None


def _box(mark: Mapping[str, Any], frame: Sequence[float]) -> Form | None:
    if not mark["width"] or not mark["height"]:
        return None
    angle = radians(mark["angle"] or 0.0)
    across, down = mark["width"] / 2, mark["height"] / 2
    corners = [
        (mark["x"] + dx * cos(angle) - dy * sin(angle), mark["y"] + dx * sin(angle) + dy * cos(angle))
        for dx, dy in ((-across, -down), (across, -down), (across, down), (-across, down))
    ]
    return _outline(corners, frame)


def _circle(mark: Mapping[str, Any], frame: Sequence[float]) -> Form | None:
    return _ellipse({**mark, "rx": mark["r"], "ry": mark["r"]}, frame)


def _ellipse(mark: Mapping[str, Any], frame: Sequence[float]) -> Form | None:
    x, y, rx, ry = mark["x"], mark["y"], mark["rx"], mark["ry"]
    if not rx or not ry:
        return None
    angle = radians(mark["angle"] or 0.0)
    across = hypot(rx * cos(angle), ry * sin(angle))
    down = hypot(rx * sin(angle), ry * cos(angle))
    form = _upright(x - across, y - down, x + across, y + down, frame)
    return form and replace(form, area=min(pi * rx * ry, form.area))


def _upright(left: float, top: float, right: float, bottom: float, frame: Sequence[float]) -> Form | None:
    left, right = max(left, 0.0), min(right, frame[0])
    top, bottom = max(top, 0.0), min(bottom, frame[1])
    width, height = right - left, bottom - top
    return Form(left, top, width, height, width * height) if width > 0 and height > 0 else None


def _outline(ring: Ring, frame: Sequence[float]) -> Form | None:
    polygon = shapely.Polygon(ring)
    left, top, right, bottom = polygon.bounds
    if left >= 0 and top >= 0 and right <= frame[0] and bottom <= frame[1]:
        pieces: list[Ring] = [ring]
        area = polygon.area
    else:
        cut = shapely.clip_by_rect(polygon, 0, 0, *frame)
        pieces = [list(each.exterior.coords)[:-1] for each in _polygons(cut)]
        area = cut.area
    if not pieces or area <= 0:
        return None
    xs, ys = zip(*(point for piece in pieces for point in piece), strict=True)
    return Form(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), area, tuple(pieces))


def _polygons(geometry: shapely.Geometry) -> Iterator[shapely.Polygon]:
    """The polygons of a geometry, the largest first."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, shapely.Polygon) and part.area > 0]
    yield from sorted(parts, key=lambda part: -part.area)


_FORMS: Mapping[str, Callable[[Mapping[str, Any], Sequence[float]], Form | None]] = {
    "point": _point,
    "pointGrid": _point,
    "rectangle": _box,
    "grid": _box,
    "crop": _box,
    "rotateRectangle": _box,
    "circle": _circle,
    "ellipse": _ellipse,
    "anchoredEllipse": _ellipse,
}
