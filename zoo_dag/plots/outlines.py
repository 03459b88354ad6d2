"""Marks as paths of an SVG: each shape drawn schematically, in integer pixels of the picture."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Mark = Mapping[str, Any]
Point = tuple[float, float]
# The smallest part of an image that is shown, in pixels, and the room around the marks.
_SMALLEST = 60.0
_ROOM = 0.08
# The largest number of points of a drawn path.
_POINTS = 12


class View(NamedTuple):
    """The part of an image that is shown, and its scale."""

    left: float
    top: float
    width: float
    height: float
    scale: float

    def place(self, x: float, y: float) -> tuple[int, int]:
        """The place of an image point in the picture."""
        return round((x - self.left) * self.scale), round((y - self.top) * self.scale)

    def length(self, pixels: float) -> int:
        """A length in the picture, at least 1."""
        return max(round(abs(pixels) * self.scale), 1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return round(self.width * self.scale), round(self.height * self.scale)


def view_of(marks: Iterable[Mark], width: int, height: int) -> View:
    """The part of the image that holds all marks with some room around them, to fit `width` and `height`."""
    corners = [corner for mark in marks for corner in _corners(mark)]
    xs = [x for x, _ in corners if x is not None] or [0.0]
    ys = [y for _, y in corners if y is not None] or [0.0]
    room = max(max(xs) - min(xs), max(ys) - min(ys), _SMALLEST) * _ROOM
    wide, high = max(xs) - min(xs) + 2 * room, max(ys) - min(ys) + 2 * room
    return View(min(xs) - room, min(ys) - room, wide, high, min(width / wide, height / high))


def frame(view: View) -> str:
    """The border of the picture."""
    width, height = view.size
    return f"M0 0h{width}v{height}h-{width}z"


def dot(mark: Mark, view: View) -> str:
    """The middle of a mark, as a line of no length, which round pens draw as a dot."""
    corners = _corners(mark)
    xs = [x for x, _ in corners if x is not None] or [view.left]
    ys = [y for _, y in corners if y is not None] or [view.top]
    x, y = view.place((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    return f"M{x} {y}h0"


def outline(mark: Mark, view: View) -> str:
    """The shape of a mark as the data of an SVG path; a point is a cross.

    `mark` has the geometry columns of `drawing_annotations`, and `shape`, as the shapes of drawings are named.
    """
    return _OUTLINES[mark["shape"]](mark, view)


def _point(mark: Mark, view: View) -> str:
    x, y = view.place(mark["x"], mark["y"])
    return f"M{x - 4} {y}h8m-4 -4v8"


def _line(mark: Mark, view: View) -> str:
    return _polygon([(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])], view, closed=False)


def _circle(mark: Mark, view: View) -> str:
    (x, y), r = view.place(mark["x"], mark["y"]), view.length(mark["r"])
    # An arc almost all the way around, and a line of one pixel.
    return f"M{x - r} {y}a{r} {r} 0 1 1 0 1z"


def _ellipse(mark: Mark, view: View) -> str:
    rx, ry, angle = view.length(mark["rx"]), view.length(mark["ry"]), math.radians(mark["angle"])
    x, y = view.place(mark["x"], mark["y"])
    start = f"{round(x - rx * math.cos(angle))} {round(y - rx * math.sin(angle))}"
    # The next pixel, at a right angle to the axis.
    step = f"{round(-math.sin(angle))} {round(math.cos(angle))}"
    return f"M{start}a{rx} {ry} {round(mark['angle'])} 1 1 {step}z"


def _fan(mark: Mark, view: View) -> str:
    apex, one, other = (f"{x} {y}" for x, y in (view.place(*point) for point in _fan_points(mark)))
    r, large = view.length(mark["r"]), int(mark["spread"] > 180)
    return f"M{apex}L{one}A{r} {r} 0 {large} 1 {other}z"


def _box(mark: Mark, view: View) -> str:
    x, y = view.place(mark["x"] - mark["width"] / 2, mark["y"] - mark["height"] / 2)
    width, height = view.length(mark["width"]), view.length(mark["height"])
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _column(mark: Mark, view: View) -> str:
    (x, _), width = view.place(mark["x"] - mark["width"] / 2, 0), view.length(mark["width"])
    _, bottom = view.size
    return f"M{x} 0v{bottom}h{width}v-{bottom}"


def _horizontal_line(mark: Mark, view: View) -> str:
    (_, y), (width, _) = view.place(0, mark["y"]), view.size
    return f"M0 {y}h{width}"


def _vertical_line(mark: Mark, view: View) -> str:
    (x, _), (_, height) = view.place(mark["x"], 0), view.size
    return f"M{x} 0v{height}"


_OUTLINES: dict[str, Callable[[Mark, View], str]] = {
    "point": _point,
    "line": _line,
    "circle": _circle,
    "ellipse": _ellipse,
    "fan": _fan,
    "triangle": lambda mark, view: _polygon(_triangle_points(mark), view),
    "turned_box": lambda mark, view: _polygon(_box_corners(mark), view),
    "box": _box,
    "span": _column,
    "horizontal_line": _horizontal_line,
    "vertical_line": _vertical_line,
    "outline": lambda mark, view: _polygon(_thinned(_points(mark)), view),
    "path": lambda mark, view: _polygon(_thinned(_points(mark)), view, closed=False),
    # A column has no y.
    "click": lambda mark, view: (_vertical_line if mark["y"] is None else _point)(mark, view),
}


def _polygon(points: Sequence[Point], view: View, *, closed: bool = True) -> str:
    places = [view.place(x, y) for x, y in points]
    # Points on the same pixel are one; a pen that does not move would draw nothing.
    distinct = [place for number, place in enumerate(places) if number == 0 or place != places[number - 1]]
    drawn = "L".join(f"{x} {y}" for x, y in distinct)
    return f"M{drawn}{'h0' if len(distinct) == 1 else ''}{'z' if closed else ''}"


def _points(mark: Mark) -> list[Point]:
    return [(point["x"], point["y"]) for point in mark["points"]]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most _POINTS of the points, evenly, with both ends."""
    if len(points) <= _POINTS:
        return points
    return [points[round(place * (len(points) - 1) / (_POINTS - 1))] for place in range(_POINTS)]


def _around(mark: Mark, *turns: float) -> list[Point]:
    """Points on the circle around the centre of a mark, in degrees from its angle."""
    angles = [math.radians(mark["angle"] + turn) for turn in turns]
    return [(mark["x"] + mark["r"] * math.cos(a), mark["y"] + mark["r"] * math.sin(a)) for a in angles]


def _fan_points(mark: Mark) -> list[Point]:
    return [(mark["x"], mark["y"]), *_around(mark, -mark["spread"] / 2, mark["spread"] / 2)]


def _triangle_points(mark: Mark) -> list[Point]:
    return _around(mark, 0, 120, 240)


def _box_corners(mark: Mark) -> list[Point]:
    angle = math.radians(mark["angle"])
    along = (mark["width"] / 2 * math.cos(angle), mark["width"] / 2 * math.sin(angle))
    across = (-mark["height"] / 2 * math.sin(angle), mark["height"] / 2 * math.cos(angle))
    sides = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return [
        (mark["x"] + one * along[0] + other * across[0], mark["y"] + one * along[1] + other * across[1])
        for one, other in sides
    ]


def _corners(mark: Mark) -> list[tuple[float | None, float | None]]:
    """Points that a picture of the mark must contain; null where a mark runs over the entire image."""
    shape, x, y = mark["shape"], mark["x"], mark["y"]
    if shape in ("outline", "path"):
        return [*_points(mark)]
    if shape == "line":
        return [(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])]
    if shape == "turned_box":
        return [*_box_corners(mark)]
    reach_x = reach_y = max(mark["r"] or 0, mark["rx"] or 0, mark["ry"] or 0)
    if shape in ("box", "span"):
        reach_x, reach_y = mark["width"] / 2, (mark["height"] or 0) / 2
    return [
        (None if x is None else x + side * reach_x, None if y is None else y + side * reach_y) for side in (-1, 1)
    ]
