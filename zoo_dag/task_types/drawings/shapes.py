"""The shapes of marks by their columns, and the distance between two marks of a shape.

Distances of points, lines, circles, triangles, fans and paths are in pixels: the root of the mean squared distance
of their characteristic points, so that one `eps` means about the same for all of them.

- point: itself; full-width and full-height line: its only coordinate;
- line: its two ends; path: points evenly spaced along it; drawn in the one direction or the other is the same;
- circle: its centre and its radius, as three coordinates;
- triangle: its three corners, whichever comes first; it has equal sides, and looks the same after 120 degrees;
- fan: its apex and the two ends of its arc;
- click: a mark without a size, of a tool that draws something of a size; it is never clustered.

Boxes, ellipses, turned boxes and outlines overlap (`overlap`), and so do spans, which are columns of a picture or
ranges of a light curve: overlap has no unit, and days are no pixels. Marks on videos are neighbours only where
they start at about the same time, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.clustering.boxes import Boxes, spans
from zoo_dag.clustering.dbscan import Flags, Floats, Integers, Metric
from zoo_dag.task_types.drawings.overlap import Areas, ellipses, enclosed, turned_boxes

# Points along a path by which it is compared and averaged.
PATH_POINTS = 32


@dataclass(frozen=True)
class Shape:
    """A shape: the columns that it needs, the metric of its marks, and the period of `angle`.

    `overlap_eps` is the setting for the largest distance where that is overlap. `swapped` are two columns that
    change places where a mark is turned by the period.
    """

    name: str
    columns: tuple[str, ...]
    metric: Callable[[pl.DataFrame], Metric]
    overlap_eps: str | None = None
    period: float = 360.0
    swapped: tuple[str, str] | None = None

    @property
    def overlaps(self) -> bool:
        """Whether the distance of its marks is 1 - IoU."""
        return self.overlap_eps is not None

    @property
    def has_area(self) -> bool:
        """Whether its marks cover an area of a picture."""
        return self.overlap_eps == _OVERLAP


class Distances:
    """Distances in pixels between marks by their characteristic points. A metric.

    `forms` (form, coordinate, mark) are the forms in which a mark looks the same; the first is compared with all
    forms of the other. `points` is the number of points that the coordinates make.
    """

    def __init__(self, forms: Sequence[Sequence[Floats]], points: int = 1, axis: Floats | None = None) -> None:
        """`axis` is a coordinate that is the same in all forms, and differs by no more than the distance."""
        self._forms = forms
        self._points = points
        self._axis = forms[0][0] if axis is None else axis

    def interval(self, eps: Floats) -> tuple[Floats, Floats]:
        """From the axis on by `eps`, and by more than rounding can take away."""
        return self._axis, self._axis + eps + 1e-9 * (eps + np.abs(self._axis))

    def _squared(self, first: Integers, second: Integers) -> Floats:
        smallest = np.full(len(first), np.inf)
        for form in self._forms:
            squared = np.zeros(len(first))
            for one, other in zip(self._forms[0], form, strict=True):
                difference = one[first] - other[second]
                squared += difference * difference
            np.minimum(smallest, squared, out=smallest)
        return smallest / self._points

    def distance(self, first: Integers, second: Integers) -> Floats:
        """The distance of each pair of marks in pixels."""
        return np.sqrt(self._squared(first, second))

    def near(self, first: Integers, second: Integers, eps: Floats) -> Flags:
        """Whether each pair is at most `eps` of the pair apart, in pixels."""
        # Squares, so that integer distances of exactly `eps` are not lost by rounding.
        return self._squared(first, second) <= eps * eps


class Timed:
    """A metric that keeps marks apart that start at different times, as fractions of the video. A metric."""

    def __init__(self, metric: Metric, start_time: Floats, eps_time: Floats) -> None:
        """Marks that start more than their `eps_time` apart are infinitely far apart."""
        self._metric = metric
        self._start_time = start_time
        self._eps_time = eps_time

    def interval(self, eps: Floats) -> tuple[Floats, Floats]:
        """That of the metric."""
        return self._metric.interval(eps)

    def _together(self, first: Integers, second: Integers) -> Flags:
        # Times have five decimals, and their differences are not exact.
        late: Flags = np.abs(self._start_time[first] - self._start_time[second]) <= self._eps_time[first] + 1e-9
        return late

    def distance(self, first: Integers, second: Integers) -> Floats:
        """That of the metric where the times are near."""
        return np.where(self._together(first, second), self._metric.distance(first, second), np.inf)

    def near(self, first: Integers, second: Integers, eps: Floats) -> Flags:
        """Whether each pair is near in space and in time."""
        return self._metric.near(first, second, eps) & self._together(first, second)


def _columns(marks: pl.DataFrame, *names: str) -> list[Floats]:
    return [marks[name].to_numpy() for name in names]


def _plain(*names: str) -> Callable[[pl.DataFrame], Metric]:
    return lambda marks: Distances([_columns(marks, *names)])


def _points(xs: list[Floats], ys: list[Floats], orders: Sequence[Sequence[int]]) -> Distances:
    """A metric of points; a mark looks the same in each of the orders."""
    forms = [[*(xs[place] for place in order), *(ys[place] for place in order)] for order in orders]
    # The mean of the points is the same in every order.
    return Distances(forms, len(xs), np.mean(xs, axis=0))


def _line(marks: pl.DataFrame) -> Metric:
    x1, y1, x2, y2 = _columns(marks, "x1", "y1", "x2", "y2")
    return _points([x1, x2], [y1, y2], ((0, 1), (1, 0)))


def _path(marks: pl.DataFrame) -> Metric:
    along = evenly_spaced(marks["points"])
    order = range(PATH_POINTS)
    return _points(list(along[:, :, 0].T), list(along[:, :, 1].T), (order, order[::-1]))


def _triangle(marks: pl.DataFrame) -> Metric:
    x, y, r, angle = _columns(marks, "x", "y", "r", "angle")
    turns = [np.radians(angle + turn) for turn in (0, 120, 240)]
    xs, ys = [x + r * np.cos(turn) for turn in turns], [y + r * np.sin(turn) for turn in turns]
    return _points(xs, ys, ((0, 1, 2), (1, 2, 0), (2, 0, 1)))


def _fan(marks: pl.DataFrame) -> Metric:
    x, y, r, angle, spread = _columns(marks, "x", "y", "r", "angle", "spread")
    sides = [np.radians(angle + side * spread / 2) for side in (-1, 1)]
    xs, ys = [x + r * np.cos(side) for side in sides], [y + r * np.sin(side) for side in sides]
    return _points([x, *xs], [y, *ys], ((0, 1, 2),))


def _span(marks: pl.DataFrame) -> Metric:
    return spans(*_columns(marks, "x", "width"))


def _box(marks: pl.DataFrame) -> Metric:
    return Boxes(*_columns(marks, "x", "y", "width", "height"))


def _ellipse(marks: pl.DataFrame) -> Metric:
    return Areas(ellipses(*_columns(marks, "x", "y", "rx", "ry", "angle")))


def _turned_box(marks: pl.DataFrame) -> Metric:
    return Areas(turned_boxes(*_columns(marks, "x", "y", "width", "height", "angle")))


def _outline(marks: pl.DataFrame) -> Metric:
    return Areas(enclosed(*coordinates(marks["points"])))


_OVERLAP = "eps_overlap"
_SIZES = ("width", "height", "r", "rx", "ry")
CLICK = Shape("click", ("x", "y", *_SIZES), _plain("x", "y"))
# In the order of evaluation: the first shape whose columns a mark has is its shape. The angle of an
# ellipse has half a turn as period, and a quarter where its axes change places.
SHAPES = (
    Shape("outline", ("points",), _outline, _OVERLAP),
    Shape("path", ("points",), _path),
    Shape("line", ("x1", "y1", "x2", "y2"), _line),
    Shape("ellipse", ("x", "y", "rx", "ry", "angle"), _ellipse, _OVERLAP, 90.0, ("rx", "ry")),
    Shape("fan", ("x", "y", "r", "angle", "spread"), _fan),
    Shape("triangle", ("x", "y", "r", "angle"), _triangle, period=120.0),
    Shape("circle", ("x", "y", "r"), _plain("x", "y", "r")),
    Shape("turned_box", ("x", "y", "width", "height", "angle"), _turned_box, _OVERLAP, 90.0, ("width", "height")),
    Shape("box", ("x", "y", "width", "height"), _box, _OVERLAP),
    Shape("span", ("x", "width"), _span, "eps_span"),
    Shape("point", ("x", "y"), _plain("x", "y")),
    Shape("horizontal_line", ("y",), _plain("y")),
    Shape("vertical_line", ("x",), _plain("x")),
)
BY_NAME = {shape.name: shape for shape in (*SHAPES, CLICK)}


def is_closed() -> pl.Expr:
    """Whether a path was closed by its volunteer; a polygon always is."""
    return (pl.col("closed") | (pl.col("tool_type") == "polygon")).fill_null(False)


def shape_of(outline: pl.Expr) -> pl.Expr:
    """The name of the shape of each mark, null where it has none; `outline` says whether a path is an outline."""
    without_size = pl.any_horizontal(pl.col(size) == 0 for size in _SIZES)
    named: Any = (
        pl.when(without_size)
        .then(pl.when(pl.col("x").is_finite()).then(pl.lit(CLICK.name)))
        .when(pl.col("points").is_not_null())
        .then(pl.when(outline).then(pl.lit("outline")).otherwise(pl.lit("path")))
    )
    for shape in SHAPES[2:]:
        has = [pl.col(column).is_not_null() & pl.col(column).is_finite() for column in shape.columns]
        named = named.when(pl.all_horizontal(has)).then(pl.lit(shape.name))
    shape_name: pl.Expr = named
    return shape_name


def coordinates(points: pl.Series) -> tuple[Floats, Integers]:
    """The points (n, 2) of all paths, one after the other, and how many points each path has."""
    flat = points.explode(empty_as_null=False).struct
    stacked = np.column_stack((flat.field("x").to_numpy(), flat.field("y").to_numpy()))
    return stacked, points.list.len().to_numpy().astype(np.int64)


def evenly_spaced(points: pl.Series) -> Floats:
    """PATH_POINTS points along each path, ends included, as an array (path, point, coordinate)."""
    flat, lengths = coordinates(points)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    steps = np.hypot(*np.diff(flat, axis=0, prepend=flat[:1]).T)
    starts = np.cumsum(lengths) - lengths
    steps[starts] = 0
    walked = np.cumsum(steps)
    walked -= walked[starts][owner]
    ends = starts + lengths - 1
    wanted = np.linspace(0, 1, PATH_POINTS) * walked[ends][:, None]
    # All paths lie one behind the other, so that one search finds the places in all of them.
    stride = walked.max(initial=0) * 2 + 1
    after = np.searchsorted(walked + owner * stride, wanted + np.arange(len(lengths))[:, None] * stride)
    after = np.clip(after, (starts + (lengths > 1))[:, None], ends[:, None])
    before = np.maximum(after - 1, starts[:, None])
    gap = walked[after] - walked[before]
    share = np.divide(wanted - walked[before], gap, out=np.zeros_like(wanted), where=gap > 0)
    spaced: Floats = flat[before] + np.clip(share, 0, 1)[:, :, None] * (flat[after] - flat[before])
    return spaced
