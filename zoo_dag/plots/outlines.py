"""Marks as strokes of an SVG: each shape drawn schematically, in whole pixels, with few characters."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Mark = Mapping[str, Any]
Point = tuple[float, float]
# The smallest part of an image that is shown, in pixels, and the room around the marks.
_SMALLEST = 60.0
_ROOM = 0.08


class View(NamedTuple):
    """The part of an image that is shown, and by how much it is made smaller."""

    left: float
    top: float
    width: float
    height: float
    scale: float

    def place(self, x: float, y: float) -> tuple[int, int]:
        """Where a point of the image lies in the picture."""
        return round((x - self.left) * self.scale), round((y - self.top) * self.scale)

    def length(self, pixels: float) -> int:
        """A length in the picture, at least 1."""
        return max(round(abs(pixels) * self.scale), 1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return round(self.width * self.scale), round(self.height * self.scale)


class Stroke(NamedTuple):
    """What a pen draws: from where, the moves that follow, and where it is at the end."""

    start: tuple[int, int]
    moves: str
    end: tuple[int, int]


def view_of(marks: Iterable[Mark], width: int, height: int) -> View:
    """The part of the image that holds all marks with some room around them, to fit `width` and `height`."""
    corners = [corner for mark in marks for corner in _corners(mark)]
    xs = [x for x, _ in corners if x is not None] or [0.0]
    ys = [y for _, y in corners if y is not None] or [0.0]
    room = max(max(xs) - min(xs), max(ys) - min(ys), _SMALLEST) * _ROOM
    wide, high = max(xs) - min(xs) + 2 * room, max(ys) - min(ys) + 2 * room
    return View(min(xs) - room, min(ys) - room, wide, high, min(width / wide, height / high))


def frame(view: View) -> Stroke:
    """The border of the picture."""
    width, height = view.size
    return Stroke((0, 0), f"h{width}v{height}h-{width}z", (0, 0))


def path(strokes: Iterable[Stroke]) -> str:
    """One path of all strokes; the pen goes from one to the next by the shorter command."""
    drawn, (x, y) = "", (0, 0)
    for (to_x, to_y), moves, end in strokes:
        jump, go = f"M{_pair(to_x, to_y)}", f"m{_pair(to_x - x, to_y - y)}"
        drawn += (go if drawn and len(go) < len(jump) else jump) + moves
        x, y = end
    return drawn


def dot(mark: Mark, view: View) -> Stroke:
    """The middle of a mark, as a line of no length, which round pens draw as a dot."""
    corners = _corners(mark)
    xs = [x for x, _ in corners if x is not None] or [view.left]
    ys = [y for _, y in corners if y is not None] or [view.top]
    place = view.place((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    return Stroke(place, "h0", place)


def outline(mark: Mark, view: View, points: int) -> Stroke:
    """The shape of a mark; a point is a cross. Paths have `points` points at most.

    `mark` has the geometry columns of `drawing_annotations`, and `shape`, as the shapes of drawings name it.
    """
    if mark["shape"] in ("outline", "path"):
        return _polygon(_thinned(_points(mark), points), view, closed=mark["shape"] == "outline")
    return _OUTLINES[mark["shape"]](mark, view)


def _point(mark: Mark, view: View) -> Stroke:
    x, y = view.place(mark["x"], mark["y"])
    return Stroke((x - 4, y), "h8m-4-4v8", (x, y + 4))


def _line(mark: Mark, view: View) -> Stroke:
    return _polygon([(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])], view, closed=False)


def _circle(mark: Mark, view: View) -> Stroke:
    (x, y), r = view.place(mark["x"], mark["y"]), view.length(mark["r"])
    # An arc almost all the way around, and a line of one pixel.
    return Stroke((x - r, y), f"a{r} {r} 0 1 1 0 1z", (x - r, y))


def _ellipse(mark: Mark, view: View) -> Stroke:
    rx, ry, angle = view.length(mark["rx"]), view.length(mark["ry"]), math.radians(mark["angle"])
    x, y = view.place(mark["x"], mark["y"])
    start = round(x - rx * math.cos(angle)), round(y - rx * math.sin(angle))
    # The next pixel, at a right angle to the axis.
    step = _pair(round(-math.sin(angle)), round(math.cos(angle)))
    return Stroke(start, f"a{rx} {ry} {round(mark['angle'])} 1 1 {step}z", start)


def _fan(mark: Mark, view: View) -> Stroke:
    apex, one, other = (view.place(x, y) for x, y in _fan_points(mark))
    r, large = view.length(mark["r"]), int(mark["spread"] > 180)
    side, arc = (_pair(one[0] - apex[0], one[1] - apex[1]), _pair(other[0] - one[0], other[1] - one[1]))
    return Stroke(apex, f"l{side}a{r} {r} 0 {large} 1 {arc}z", apex)


def _box(mark: Mark, view: View) -> Stroke:
    start = view.place(mark["x"] - mark["width"] / 2, mark["y"] - mark["height"] / 2)
    width, height = view.length(mark["width"]), view.length(mark["height"])
    return Stroke(start, f"h{width}v{height}h-{width}z", start)


def _column(mark: Mark, view: View) -> Stroke:
    (x, _), width, (_, bottom) = (
        view.place(mark["x"] - mark["width"] / 2, 0),
        view.length(mark["width"]),
        view.size,
    )
    return Stroke((x, 0), f"v{bottom}h{width}v-{bottom}", (x + width, 0))


def _horizontal_line(mark: Mark, view: View) -> Stroke:
    (_, y), (width, _) = view.place(0, mark["y"]), view.size
    return Stroke((0, y), f"h{width}", (width, y))


def _vertical_line(mark: Mark, view: View) -> Stroke:
    (x, _), (_, height) = view.place(mark["x"], 0), view.size
    return Stroke((x, 0), f"v{height}", (x, height))


_OUTLINES: dict[str, Callable[[Mark, View], Stroke]] = {
    "point": _point,
    "line": _line,
    "circle": _circle,
    "ellipse": _ellipse,
    "fan": _fan,
    "triangle": lambda mark, view: _polygon(_triangle_points(mark), view, closed=True),
    "turned_box": lambda mark, view: _polygon(_box_corners(mark), view, closed=True),
    "box": _box,
    "column": _column,
    "horizontal_line": _horizontal_line,
    "vertical_line": _vertical_line,
}


def _polygon(points: Sequence[Point], view: View, *, closed: bool) -> Stroke:
    # Points that fall on one pixel are one.
    places = list(dict.fromkeys(view.place(x, y) for x, y in points)) if closed else _without_steps(points, view)
    steps = itertools.pairwise(places)
    moves = " ".join(_pair(x - from_x, y - from_y) for (from_x, from_y), (x, y) in steps).replace(" -", "-")
    drawn = f"l{moves}" if moves else "h0"
    return Stroke(places[0], drawn + ("z" if closed else ""), places[0] if closed else places[-1])


def _without_steps(points: Sequence[Point], view: View) -> list[tuple[int, int]]:
    """The points as places, where none is the one before it."""
    places = [view.place(x, y) for x, y in points]
    return [place for number, place in enumerate(places) if number == 0 or place != places[number - 1]]


def _pair(x: int, y: int) -> str:
    return f"{x}{y}" if y < 0 else f"{x} {y}"


def _points(mark: Mark) -> list[Point]:
    return [(point["x"], point["y"]) for point in mark["points"]]


def _thinned(points: Sequence[Point], most: int) -> Sequence[Point]:
    """At most so many of the points, evenly, with both ends."""
    if len(points) <= most:
        return points
    return [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]


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
    """Points that a picture of the mark has to hold; null where a mark runs over the whole image."""
    shape, x, y = mark["shape"], mark["x"], mark["y"]
    if shape in ("outline", "path"):
        return [*_points(mark)]
    if shape == "line":
        return [(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])]
    if shape == "turned_box":
        return [*_box_corners(mark)]
    reach_x = reach_y = max(mark["r"] or 0, mark["rx"] or 0, mark["ry"] or 0)
    if shape in ("box", "column"):
        reach_x, reach_y = mark["width"] / 2, (mark["height"] or 0) / 2
    return [
        (None if x is None else x + side * reach_x, None if y is None else y + side * reach_y) for side in (-1, 1)
    ]
