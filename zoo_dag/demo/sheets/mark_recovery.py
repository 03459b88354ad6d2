"""Which marks of a consensus are which true objects."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import shapely
from shapely import affinity

from zoo_dag.demo.sheets.marks import Mark
from zoo_dag.demo.sheets.subjects import Line

NEAR = 15.0
"""How far a point or a path may be off, in pixels."""
NEAR_LINE = 40.0
"""How far the ends of a transcribed line may be off, in pixels: volunteers do not agree where a line ends."""
LEAST_OVERLAP = 0.5

Row = Mapping[str, Any]
_T = TypeVar("_T")


class Match(NamedTuple, Generic[_T]):
    """A true thing and the row that finds it; `error` is their distance in pixels, or their overlap."""

    true: _T
    found: Row
    error: float


def matched_marks(true: Sequence[Mark], found: Sequence[Row]) -> list[Match[Mark]]:
    """Objects of one tool and the clusters that find them, each once: within NEAR pixels, or by LEAST_OVERLAP."""
    if true and _is_area(true[0]):
        matches = _pairs(true, found, lambda thing, row: 1 - _overlap(_area(_told(thing)), _area(row)))
        return [Match(*pair[:2], 1 - pair.error) for pair in matches if pair.error < 1 - LEAST_OVERLAP]
    return [match for match in _pairs(true, found, _distance) if match.error <= NEAR]


def matched_lines(true: Sequence[Line], found: Sequence[Row]) -> list[Match[Line]]:
    """Lines of handwriting and the lines that volunteers drew under them, each once."""
    matches = _pairs(true, found, lambda line, row: _distance(line.mark, row))
    return [match for match in matches if match.error <= NEAR_LINE]


def _pairs(true: Sequence[_T], found: Sequence[Row], distance: Callable[[_T, Row], float]) -> list[Match[_T]]:
    """Nearest pairs first; nothing is in two pairs."""
    pairs = sorted(
        (distance(thing, row), place, other) for place, thing in enumerate(true) for other, row in enumerate(found)
    )
    left, unused = set(range(len(true))), set(range(len(found)))
    matches = []
    for error, place, other in pairs:
        if place in left and other in unused:
            left.remove(place)
            unused.remove(other)
            matches.append(Match(true[place], found[other], error))
    return matches


def _is_area(mark: Mark) -> bool:
    return mark.tool.type in ("circle", "ellipse", "rectangle", "rotateRectangle", "polygon")


def _told(mark: Mark) -> Row:
    """A true object with the columns of the consensus."""
    return {**mark.numbers, "points": [{"x": x, "y": y} for x, y in mark.points] or None}


def _area(row: Row) -> shapely.Geometry:
    if row.get("points"):
        return shapely.make_valid(shapely.Polygon([(point["x"], point["y"]) for point in row["points"]]))
    x, y, angle = row["x"], row["y"], row.get("angle") or 0.0
    if row.get("width") is not None:
        width, height = row["width"] / 2, row["height"] / 2
        # With y downwards, a turn by a positive angle is clockwise.
        return affinity.rotate(shapely.box(x - width, y - height, x + width, y + height), angle, origin=(x, y))
    rx, ry = (row["r"], row["r"]) if row.get("r") is not None else (row["rx"], row["ry"])
    return affinity.rotate(affinity.scale(shapely.Point(x, y).buffer(1.0, 32), rx, ry), angle, origin=(x, y))


def _overlap(one: shapely.Geometry, other: shapely.Geometry) -> float:
    common = float(one.intersection(other).area)
    return common / (float(one.area) + float(other.area) - common)


def _distance(mark: Mark, row: Row) -> float:
    """Between points; between the ends of lines, the farther pair; the largest between two paths."""
    numbers = mark.numbers
    if mark.points:
        path = shapely.LineString([(point["x"], point["y"]) for point in row["points"]])
        return float(shapely.hausdorff_distance(shapely.LineString(mark.points), path))
    if "x1" in numbers:
        ends = [[(side[f"x{end}"], side[f"y{end}"]) for end in (1, 2)] for side in (numbers, row)]
        return min(max(map(math.dist, ends[0], other)) for other in (ends[1], ends[1][::-1]))
    return math.dist((numbers["x"], numbers["y"]), (row["x"], row["y"]))
