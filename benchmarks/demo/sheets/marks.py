"""Marks: what is drawn, how volunteers draw it, and how either generation of the classifier writes it.

Numbers are in pixels of the image, angles in degrees clockwise, `x` and `y` a centre, as in `drawing_annotations`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from benchmarks.demo.export_form import Json

NOISE = 4.0
"""Standard deviation of a volunteer's hand in pixels."""
ANGLE_NOISE = 3.0

_CENTRED = ("circle", "ellipse", "rectangle", "rotateRectangle")
_TURNED_AXES = {"ellipse": ("rx", "ry"), "rotateRectangle": ("width", "height")}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of a drawing task, with at most one question about each mark."""

    type: str
    label: str
    question: str = ""
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark, or the object that it marks."""

    tool: Tool
    numbers: Mapping[str, float] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    answer: int | None = None
    """The answer to the question of the tool, by index."""


def drawn(mark: Mark, random: Random) -> Mark:
    """The mark as a volunteer draws it."""
    numbers = {
        name: value + random.gauss(0, ANGLE_NOISE if name == "angle" else NOISE)
        for name, value in mark.numbers.items()
    }
    points = mark.points
    if mark.tool.type == "freehandLine":
        points = _resampled(points, random.randint(15, 30))
    if mark.tool.type == "polygon" and random.random() < 0.5:
        # One corner more, where there is none.
        first, second = points[:2]
        points = (first, ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2), *points[1:])
    shaken = tuple((x + random.gauss(0, NOISE), y + random.gauss(0, NOISE)) for x, y in points)
    return _in_another_form(replace(mark, numbers=numbers, points=shaken), random)


def _in_another_form(mark: Mark, random: Random) -> Mark:
    """Some draw a line from its other end, or draw an ellipse or a turned box with its axes in the other order."""
    if random.random() < 0.7:
        return mark
    numbers = dict(mark.numbers)
    if mark.tool.type == "line":
        numbers = {f"{name}{3 - end}": numbers[f"{name}{end}"] for end in (2, 1) for name in "xy"}
    elif mark.tool.type in _TURNED_AXES:
        first, second = _TURNED_AXES[mark.tool.type]
        numbers |= {first: numbers[second], second: numbers[first], "angle": numbers["angle"] + 90}
    points = mark.points[::-1] if mark.tool.type == "freehandLine" else mark.points
    return replace(mark, numbers=numbers, points=points)


def _resampled(points: tuple[Point, ...], count: int) -> tuple[Point, ...]:
    last = len(points) - 1
    places = [last * step / (count - 1) for step in range(count)]
    return tuple(_between(points, place) for place in places)


def _between(points: tuple[Point, ...], place: float) -> Point:
    before = min(int(place), len(points) - 2)
    share = place - before
    (x1, y1), (x2, y2) = points[before : before + 2]
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)


def object_at(tool: Tool, x: float, y: float, random: Random) -> Mark:
    """A new object of a tool around a place; no wider than 200 pixels."""
    kind = tool.type
    answer = random.randrange(len(tool.answers)) if tool.answers else None
    turn = random.uniform(-80, 80)
    if kind in ("line", "freehandLine"):
        along, across = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        half = random.uniform(60, 95)
        if kind == "line":
            ends = {
                "x1": x - half * along,
                "y1": y - half * across,
                "x2": x + half * along,
                "y2": y + half * across,
            }
            return Mark(tool, ends)
        wave = [(half * (step / 10 - 1), 18 * math.sin(step / 3)) for step in range(21)]
        return Mark(tool, points=tuple((x + u * along - v * across, y + u * across + v * along) for u, v in wave))
    if kind == "polygon":
        corners = random.randint(5, 7)
        spokes = [(2 * math.pi * corner / corners, random.uniform(60, 95)) for corner in range(corners)]
        return Mark(tool, points=tuple((x + r * math.cos(a), y + r * math.sin(a)) for a, r in spokes))
    sizes: dict[str, dict[str, float]] = {
        "point": {},
        "circle": {"r": random.uniform(30, 70)},
        "ellipse": {"rx": random.uniform(70, 95), "ry": random.uniform(35, 55), "angle": turn},
        "rectangle": {"width": random.uniform(90, 160), "height": random.uniform(70, 120)},
        "rotateRectangle": {"width": random.uniform(120, 160), "height": random.uniform(60, 90), "angle": turn},
    }
    return Mark(tool, {"x": x, "y": y, **sizes[kind]}, answer=answer)


def old_form(mark: Mark, random: Random) -> Json:
    """The geometry as the old classifier writes it."""
    numbers = dict(mark.numbers)
    kind = mark.tool.type
    if kind == "circle":
        # Where the handle was: it means nothing.
        numbers["angle"] = random.uniform(-180, 180)
    elif kind == "ellipse":
        numbers["angle"] = -numbers["angle"]
    elif kind in ("rectangle", "rotateRectangle"):
        numbers["x"] -= numbers["width"] / 2
        numbers["y"] -= numbers["height"] / 2
    decimals = 1 if kind == "freehandLine" else 2
    written: Json = _rounded(numbers)
    if mark.points:
        written["points"] = [{"x": round(x, decimals), "y": round(y, decimals)} for x, y in mark.points]
    if kind == "polygon":
        written["closed"] = True
    return written


def new_form(mark: Mark) -> Json:
    """The geometry as the new classifier writes it."""
    centre = {"x": "x_center", "y": "y_center"} if mark.tool.type in _CENTRED else {}
    written: Json = {centre.get(name, name): value for name, value in _rounded(mark.numbers).items()}
    if mark.tool.type == "freehandLine":
        xs, ys = zip(*mark.points, strict=True)
        written |= {"pathX": [round(x, 2) for x in xs], "pathY": [round(y, 2) for y in ys]}
    elif mark.points:
        written["points"] = [{"x": round(x, 2), "y": round(y, 2)} for x, y in mark.points]
    return written


def _rounded(numbers: Mapping[str, float]) -> dict[str, Any]:
    return {name: round(value, 2) for name, value in numbers.items()}
