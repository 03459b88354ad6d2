"""Marks in pixels of the natural image: boxes by their centre, angles clockwise, paths as lists of points."""

import cmath
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.recount.definitions import Definition

GEOMETRY = (
    *("x", "y", "x1", "y1", "x2", "y2", "length", "width", "height", "r", "rx", "ry"),
    *("angle", "spread", "start_time", "points", "closed"),
)
CENTRED = {"circle", "ellipse", "rectangle", "rotateRectangle", "temporalRotateRectangle"}
BOXES = {"rectangle", "rotateRectangle", "temporalRotateRectangle", "grid"}
PATHS = {"polygon", "bezier", "freehandLine", "freehandShape", "freehandSegmentLine", "freehandSegmentShape"}
# The numbers that a tool draws; those of other tools in the same mark mean nothing.
DRAWS = {
    "point": "x y",
    "pointGrid": "x y",
    "temporalPoint": "x y start_time",
    "line": "x1 y1 x2 y2",
    "transcriptionLine": "x1 y1 x2 y2",
    "circle": "x y r",
    "triangle": "x y r angle",
    "ellipse": "x y rx ry angle",
    "anchoredEllipse": "x y rx ry angle",
    "rectangle": "x y width height",
    "grid": "x y width height",
    "rotateRectangle": "x y width height angle",
    "temporalRotateRectangle": "x y width height angle start_time",
    "fan": "x y r angle spread",
    "column": "x width",
    "fullWidthLine": "y",
    "fullHeightLine": "x",
}
# The commonest tool whose marks have these keys; the first that fits.
SHAPES = (
    ("x1 y1 x2 y2", "line"),
    ("rx ry", "ellipse"),
    ("radius rotation spread", "fan"),
    ("width height angle", "rotateRectangle"),
    ("width height", "rectangle"),
    ("width x", "column"),
    ("r", "circle"),
    ("points closed", "polygon"),
    ("points", "freehandLine"),
    ("pathX pathY", "freehandLine"),
    ("x y", "point"),
    ("x_center y_center", "point"),
    ("x", "fullHeightLine"),
    ("y", "fullWidthLine"),
)


def marks(
    element: dict[str, Any], task_type: str, definition: Definition | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    value = element.get("value") or []
    task = (definition.tasks.get(element["task"]) if definition else None) or {}
    for place, mark in enumerate(value):
        tool_index = next((int(mark[key]) for key in ("tool", "toolIndex", "tool_index") if key in mark), None)
        tools = task.get("tools")
        tool = tools[tool_index] if tools and tool_index is not None and 0 <= tool_index < len(tools) else {}
        tool_type = mark.get("toolType") or tool.get("type") or by_shape(mark)
        defined = (
            definition.text(tool.get("label"), f"tool {(tool_index or 0) + 1}") if definition and tool else None
        )
        geometry = geometry_of(mark, tool_type, second="toolIndex" in mark or "tool_index" in mark)
        missing = (
            not geometry["points"]
            if tool_type in PATHS
            else any(geometry[name] is None for name in DRAWS[tool_type].split())
        )
        unknown = tool_index is None or (bool(tools) and not tool)
        yield (
            "malformed" if missing else "unknown_label" if unknown else "answered",
            {
                "mark_index": place,
                "frame": int(mark.get("frame") or 0),
                "tool_index": tool_index,
                "tool_type": tool_type,
                "tool_label": defined if tools else mark.get("tool_label"),
                **geometry,
                "details": details_of(mark, element, place, tool, definition),
                "mark": mark,
            },
        )
    if not value:
        nothing = ("mark_index", "frame", "tool_index", "tool_type", "tool_label", *GEOMETRY, "details", "mark")
        yield "blank", dict.fromkeys(nothing)


def by_shape(mark: dict[str, Any]) -> str:
    return next(tool for keys, tool in SHAPES if mark.keys() >= set(keys.split()))


def geometry_of(mark: dict[str, Any], tool_type: str, *, second: bool) -> dict[str, Any]:
    """The geometry columns of a mark of the first or the second generation."""
    found: dict[str, Any] = dict.fromkeys(GEOMETRY)
    if tool_type in PATHS:
        return found | path_of(mark, tool_type, second=second)
    drawn: dict[str, Any] = {name: number(mark.get(name)) for name in GEOMETRY} | {
        "start_time": number(mark.get("displayTime")),
    }
    if second and tool_type in CENTRED:
        drawn |= {"x": number(mark.get("x_center")), "y": number(mark.get("y_center"))}
    elif tool_type in BOXES | {"column"}:
        for name, size in (("x", "width"), ("y", "height")):
            if drawn[name] is not None and drawn[size] is not None:
                drawn[name] += drawn[size] / 2
    if tool_type == "fan":
        drawn |= {"r": number(mark.get("radius")), "angle": number(mark.get("rotation"))}
    elif not second and tool_type in {"ellipse", "anchoredEllipse", "triangle"} and drawn["angle"] is not None:
        drawn["angle"] = -drawn["angle"]
    for size in ("width", "height", "r", "rx", "ry"):
        drawn[size] = abs(drawn[size]) if drawn[size] is not None else None
    return found | {name: drawn[name] for name in DRAWS[tool_type].split()} | length_and_angle(drawn, tool_type)


def length_and_angle(drawn: dict[str, Any], tool_type: str) -> dict[str, float | None]:
    """Those of a line, the angle clockwise from its start to its end; a click has none."""
    ends = [drawn[name] for name in ("x1", "y1", "x2", "y2")]
    if "x2" not in DRAWS[tool_type] or None in ends:
        return {}
    step = complex(ends[2] - ends[0], ends[3] - ends[1])
    return {"length": abs(step), "angle": math.degrees(cmath.phase(step)) if step else None}


def number(value: Any) -> float | None:
    return None if value is None or isinstance(value, bool) else float(value)


def path_of(mark: dict[str, Any], tool_type: str, *, second: bool) -> dict[str, Any]:
    """The points of a path, and whether it is closed; the first point of a ring is not repeated."""
    if "points" in mark:
        points = [(float(point["x"]), float(point["y"])) for point in mark["points"]]
    else:
        points = [(float(x), float(y)) for x, y in zip(mark["pathX"], mark["pathY"], strict=True)]
    if tool_type == "freehandLine":
        length = sum(math.dist(*ends) for ends in pairwise(points))
        closed = len(points) > 2 and math.dist(points[0], points[-1]) < length / 20
    elif tool_type in {"polygon", "bezier"}:
        closed = bool(second or mark.get("closed") or mark.get("auto_closed"))
    else:
        closed = tool_type.endswith("Shape")
    if tool_type == "bezier":
        points = curve(points, closed=closed)
    if closed and len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return {"points": [{"x": x, "y": y} for x, y in points], "closed": closed}


def curve(points: list[tuple[float, float]], *, closed: bool) -> list[tuple[float, float]]:
    """64 points along each quadratic curve between two vertices; every second point is a control point."""
    ring = [*points, points[0]] if closed and len(points) % 2 == 0 else points
    drawn: list[tuple[float, float]] = []
    for start, control, end in zip(ring[::2], ring[1::2], ring[2::2], strict=False):
        for step in range(64):
            t = step / 64
            parts = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
            corners = list(zip(parts, (start, control, end), strict=True))
            drawn.append((sum(w * p[0] for w, p in corners), sum(w * p[1] for w, p in corners)))
    return [*drawn, ring[-1]]


def details_of(
    mark: dict[str, Any], element: dict[str, Any], place: int, tool: dict[str, Any], definition: Definition | None
) -> list[dict[str, Any]]:
    """The answers about a mark, by the position of the sub-task; one without an answer where it was left blank."""
    beside = [about for about in element["about_marks"] if about["markIndex"] == place]
    said = [(int(about["task"].split(".")[2]), about.get("value"), about.get("taskType")) for about in beside]
    if not said and isinstance(mark.get("details"), list):
        said = [(index, d["value"], None) for index, d in enumerate(mark["details"]) if "value" in d]
    found = []
    for index, value, task_type in sorted(said, key=lambda answer: answer[0]):
        defined = tool.get("details") or []
        sub_task = defined[index] if index < len(defined) else {}
        answers = value if isinstance(value, list) else [value]
        by_shape = "text" if isinstance(value, str) else "multiple" if isinstance(value, list) else "single"
        kind = task_type or sub_task.get("type") or by_shape
        for answer in answers or [None]:
            empty = dict.fromkeys(("answer_index", "answer_label", "text", "number"))
            found.append(
                {"detail_index": index, "detail_type": kind} | empty | detail(answer, kind, sub_task, definition)
            )
    return found


def detail(answer: Any, kind: str, sub_task: dict[str, Any], definition: Definition | None) -> dict[str, Any]:
    """The columns of one answer about a mark that are not null."""
    if answer is None or answer == "":
        return {}
    if kind == "text":
        return {"text": answer}
    if kind == "slider":
        return {"number": float(answer)}
    if kind in {"single", "multiple"}:
        labels = definition.answers(sub_task) if definition else []
        return {"answer_index": answer, "answer_label": labels[answer] if answer < len(labels) else None}
    value = answer.get("selection", answer.get("value"))
    if not answer.get("option"):
        return {"text": value}
    options = sub_task.get("options") or sub_task["selects"][0]["options"]["*"]
    ids = [option if isinstance(option, str) else option["value"] for option in options]
    index = value if isinstance(value, int) else ids.index(value)
    label = options[index] if isinstance(options[index], str) else options[index]["label"]
    return {"answer_index": index, "answer_label": definition.text(label) if definition else label}
