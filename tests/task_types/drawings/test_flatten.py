"""Drawings of both generations: geometry, tools, frames, sub-tasks, and marks that make no sense."""

import json
from typing import Any

import orjson
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import classification_row, metadata
from tests.task_types.drawings.builders import (
    SUB_TASKS,
    V1_MARKS,
    V1_TOOLS,
    V2_MARKS,
    answer,
    defined,
    detail,
    drawing,
    drawn,
    mark,
    rows_of,
    said,
)
from tests.task_types.samples import flat, sample
from zoo_dag.tables import TABLES
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.paths import CURVE_POINTS

GALLERY = defined(*V1_TOOLS)
NESTS = defined("point", "rectangle", details=SUB_TASKS)
POINT = {"x": 1, "y": 2, "tool": 0, "frame": 0}


def geometry(row: dict[str, Any]) -> dict[str, Any]:
    """The geometry columns of a row."""
    return {column: row[column] for column in (*MEASURES, "points", "closed") if row[column] is not None}


def points(*places: tuple[float, float]) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in places]


def curve(*path: tuple[float, float]) -> list[dict[str, float]]:
    """Points along quadratic Bezier curves through every second point of a path."""
    found = [path[0]]
    for start, control, end in zip(path[::2], path[1::2], path[2::2], strict=False):
        for t in (number / CURVE_POINTS for number in range(1, CURVE_POINTS + 1)):
            weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
            x, y = (
                sum(w * place[axis] for w, place in zip(weights, (start, control, end), strict=True))
                for axis in (0, 1)
            )
            found.append((x, y))
    return [{"x": pytest.approx(x), "y": pytest.approx(y)} for x, y in found]


def test_every_tool_of_the_first_generation() -> None:
    rows = drawn(V1_MARKS, workflow=GALLERY)
    assert {row["status"] for row in rows} == {"answered"}
    assert [row["tool_type"] for row in rows] == list(V1_TOOLS)
    assert [row["tool_label"] for row in rows] == [f"Tool {number}" for number in range(15)]
    assert [geometry(row) for row in rows] == [
        {"x": 12.5, "y": 40},
        {
            "x1": 1,
            "x2": 30.2,
            "y1": 2,
            "y2": 44,
            "length": pytest.approx(51.1531),
            "angle": pytest.approx(55.1915),
        },
        {"x": 50, "y": 60, "r": 9.2},
        {"x": 50, "y": 60, "rx": 20, "ry": 10, "angle": -15},
        {"x": 25, "y": 26, "width": 30, "height": 12},
        {"x": 25, "y": 26, "width": 30, "height": 12, "angle": 45},
        {"x": 5, "y": 6, "r": 8, "angle": -90},
        {"x": 5, "y": 6, "r": 40, "angle": 300, "spread": 25},
        {"x": 24.5, "width": 25},
        {"y": 77},
        {"points": points((0, 0), (9, 0), (9, 9)), "closed": True},
        {"points": curve((0, 0), (4, -3), (9, 0)), "closed": True},
        {"points": points((0.1, 0.2), (1.4, 2.2)), "closed": False},
        {"x": 40, "y": 10, "width": 80, "height": 20},
        {"x": 33, "y": 48},
    ]


def test_both_generations_give_the_same_rows() -> None:
    tools = {mark["toolIndex"] for mark in V2_MARKS}
    first = drawn([mark for mark in V1_MARKS if mark["tool"] in tools], workflow=GALLERY)
    second = drawn(V2_MARKS, workflow=GALLERY)
    for row in (*first, *second):
        del row["mark"]
    assert first == second


def test_both_generations_give_the_same_answers_about_marks() -> None:
    details = [{"value": 1}, {"value": [0, 2]}, {"value": "grey"}]
    first = [drawing([{**POINT, "details": details}])]
    second = [
        drawing([{"x": 1, "y": 2, "frame": 0, "toolType": "point", "toolIndex": 0, "details": []}]),
        answer("T0.0.0", 0, 1),
        answer("T0.0.1", 0, [0, 2], "multiple"),
        answer("T0.0.2", 0, "grey", "text"),
    ]
    ours, theirs = (rows_of(flat(annotation, workflows=[NESTS]))[0] for annotation in (first, second))
    assert {**ours, "mark": None} == {**theirs, "mark": None}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"toolType": "temporalPoint", "x": 4, "y": 5, "displayTime": 0.36}, {"x": 4, "y": 5, "start_time": 0.36}),
        (
            {
                "toolType": "temporalRotateRectangle",
                "x_center": 3,
                "y_center": 2,
                "width": 9,
                "height": 8,
                "angle": 0,
                "displayTime": 0.5,
                "displayTimeStamp": "0:10",
            },
            {"x": 3, "y": 2, "width": 9, "height": 8, "angle": 0, "start_time": 0.5},
        ),
        (
            {"toolType": "transcriptionLine", "x1": 1, "y1": 2, "x2": 3, "y2": 4},
            {"x1": 1, "y1": 2, "x2": 3, "y2": 4, "length": pytest.approx(8**0.5), "angle": pytest.approx(45)},
        ),
        ({"toolType": "fullHeightLine", "x": 7, "y": 480}, {"x": 7}),
    ],
)
def test_tools_that_only_one_generation_has(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    row = mark(**fields, toolIndex=0)
    assert row["tool_type"] == fields["toolType"]
    assert row["status"] == "answered"
    assert geometry(row) == expected


@pytest.mark.parametrize(
    ("fields", "tool"),
    [
        ({"x": 1, "y": 2}, "point"),
        ({"x1": 1, "y1": 2, "x2": 3, "y2": 4}, "line"),
        ({"x": 1, "y": 2, "r": 3, "angle": 9}, "circle"),
        ({"x": 1, "y": 2, "rx": 3, "ry": 4, "angle": 9}, "ellipse"),
        ({"x": 1, "y": 2, "width": 3, "height": 4}, "rectangle"),
        ({"x": 1, "y": 2, "width": 3, "height": 4, "angle": 9}, "rotateRectangle"),
        ({"x": 1, "y": 2, "radius": 3, "rotation": 4, "spread": 9}, "fan"),
        ({"x": 1, "width": 3}, "column"),
        ({"points": points((0, 0), (1, 1)), "closed": False}, "polygon"),
        ({"points": points((0, 0), (1, 1))}, "freehandLine"),
        ({"points": points((0, 0), (1, 1), (0, 0))}, "freehandShape"),
    ],
)
def test_without_a_definition_the_shape_determines_the_tool(fields: dict[str, Any], tool: str) -> None:
    row = mark(**fields, tool=3, tool_label="As exported")
    assert said(row, "tool_type", "tool_index", "tool_label", "status") == {
        "tool_type": tool,
        "tool_index": 3,
        "tool_label": "As exported",
        "status": "answered",
    }


def test_a_tool_that_nobody_knows_is_read_by_its_shape() -> None:
    row = mark(toolType="magicWand", toolIndex=0, x=1, y=2)
    assert said(row, "tool_type", "x", "y", "status") == {
        "tool_type": "magicWand",
        "x": 1,
        "y": 2,
        "status": "answered",
    }


def test_a_blank_drawing_is_one_row() -> None:
    for value in ([], None):
        (row,) = drawn(value, workflow=NESTS)
        assert row["status"] == "blank"
        own = set(TABLES["drawing_annotations"].dtypes.names()[16:]) - {"frame_width", "frame_height"}
        assert not any(row[column] is not None for column in own)


def test_numbers_are_floats_whatever_the_first_mark_says() -> None:
    first, second = drawn([{**POINT, "y": 101}, {**POINT, "y": 101.5}], workflow=NESTS)
    assert (first["y"], second["y"]) == (101.0, 101.5)
    assert isinstance(first["y"], float)


def test_a_repeated_task_is_kept_and_a_mobile_duplicate_is_not() -> None:
    one, other = drawing([POINT]), drawing([{**POINT, "x": 5}])
    found = flat([one, other], [one, one], workflows=[NESTS])
    assert [(row["classification_id"], row["annotation_index"], row["x"]) for row in rows_of(found)] == [
        (1001, 0, 1),
        (1001, 1, 5),
        (1002, 0, 1),
    ]
    assert found.row_accounting()["merged"] == 1


def test_answers_about_marks_go_to_the_nearest_drawing_before_them() -> None:
    mark = {"x": 1, "y": 2, "frame": 0, "toolType": "point", "toolIndex": 0, "details": []}
    twice = [drawing([mark]), answer("T0.0.0", 0, 0), drawing([{**mark, "x": 9}]), answer("T0.0.0", 0, 1)]
    rows = rows_of(flat(twice, workflows=[NESTS]))
    assert [row["details"][0]["answer_label"] for row in rows] == ["No eggs", "Some eggs"]


def test_boxes_have_their_centre() -> None:
    first = mark(GALLERY, x=10, y=20, width=30, height=12, tool=4)
    second = mark(GALLERY, x_center=25, y_center=26, width=30, height=12, toolIndex=4, toolType="rectangle")
    assert geometry(first) == geometry(second) == {"x": 25, "y": 26, "width": 30, "height": 12}


def test_angles_are_clockwise() -> None:
    ellipse = {"rx": 20, "ry": 10}
    first = mark(GALLERY, x=1, y=2, angle=15, tool=3, **ellipse)
    second = mark(GALLERY, x_center=1, y_center=2, angle=-15, toolType="ellipse", toolIndex=3, **ellipse)
    assert first["angle"] == second["angle"] == -15
    assert str(mark(GALLERY, x=1, y=2, angle=0, tool=3, **ellipse)["angle"]) == "0.0"
    box = {"width": 1, "height": 1, "angle": 45}
    first = mark(GALLERY, x=1, y=2, tool=5, **box)
    second = mark(GALLERY, x_center=1, y_center=2, toolType="rotateRectangle", toolIndex=5, **box)
    assert first["angle"] == second["angle"] == 45


@pytest.mark.parametrize("index", ["toolIndex", "tool_index"])
def test_labels_missing_in_the_second_generation_come_from_the_definition(index: str) -> None:
    row = mark(NESTS, x=1, y=2, toolType="point", tool_label=None, **{index: 0})
    assert said(row, "tool_index", "tool_label", "status") == {
        "tool_index": 0,
        "tool_label": "Tool 0",
        "status": "answered",
    }


@pytest.mark.parametrize("tool", [-1, 99])
def test_a_tool_out_of_range_gets_no_label(tool: int) -> None:
    row = mark(NESTS, x=1, y=2, tool=tool, tool_label="Tool 1")
    assert said(row, "tool_index", "tool_label", "status", "tool_type", "x") == {
        "tool_index": tool,
        "tool_label": None,
        "status": "unknown_label",
        "tool_type": "point",
        "x": 1,
    }


@pytest.mark.parametrize("tool", [None, "left", True, 0.5, [0], 2**40, 1e300])
def test_a_tool_that_is_no_position_gets_none(tool: Any) -> None:
    row = mark(NESTS, x=1, y=2, tool=tool, tool_label="Tool 1")
    assert said(row, "tool_index", "tool_label", "status") == {
        "tool_index": None,
        "tool_label": None,
        "status": "unknown_label",
    }


def test_answers_inside_the_mark() -> None:
    details = [{"value": 1}, {"value": [0, 2]}, {"value": None}]
    row = mark(NESTS, **POINT, details=details)
    assert row["details"] == [
        detail(0, "single", answer_index=1, answer_label="Some eggs"),
        detail(1, "multiple", answer_index=0, answer_label="Twigs"),
        detail(1, "multiple", answer_index=2, answer_label="Moss"),
        detail(2, "text"),
    ]


@pytest.mark.parametrize("details", [[], 0, None, {}, "text"])
def test_no_answers_inside_the_mark(details: Any) -> None:
    assert mark(NESTS, **POINT, details=details)["details"] == []
    assert mark(NESTS, **POINT)["details"] == []


def test_sub_tasks_of_other_types() -> None:
    sub_tasks = [{"type": "slider"}, {"type": "dropdown"}, {"type": "dropdown-simple", "options": ["Red", "Blue"]}]
    dropdown = [
        {"value": "3f9c", "option": True},
        {"value": 1982, "option": True},
        {"value": None, "option": False},
    ]
    details = [{"value": "0.4"}, {"value": dropdown}, {"selection": 1}]
    row = mark(defined("point", details=sub_tasks), **POINT, details=[*details[:2], {"value": details[2]}])
    assert row["details"] == [
        detail(0, "slider", number=0.4),
        detail(1, "dropdown", answer_label="3f9c"),
        detail(1, "dropdown", answer_label="1982"),
        detail(1, "dropdown"),
        detail(2, "dropdown-simple", answer_index=1, answer_label="Blue"),
    ]


KINDS = {"*": [{"label": "Feline", "value": "3f9c"}, {"label": "Canine", "value": "17bb"}]}
YEARS = {"*": [{"label": "1982", "value": 1982}]}
ANIMAL = {
    "type": "dropdown",
    "instruction": "What is it?",
    "selects": [{"title": "Animal", "allowCreate": True, "options": KINDS}, {"title": "Born", "options": YEARS}],
}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            [{"value": "3f9c", "option": True}, {"value": 1982, "option": True}],
            [{"answer_index": 0, "answer_label": "Feline"}, {"answer_index": 0, "answer_label": "1982"}],
        ),
        ([{"value": "17bb"}], [{"answer_index": 1, "answer_label": "Canine"}]),
        ([{"value": "3f9c0", "option": False}], [{"text": "3f9c0"}]),
        ([{"value": "00ff", "option": True}], [{"answer_label": "00ff"}]),
        ([{"value": None, "option": False}, {"value": "", "option": False}], [{}, {}]),
        ([{"other": 1}], [{"text": '{"other":1}'}]),
        ([], [{}]),
        (None, [{}]),
    ],
)
def test_a_dropdown_about_a_mark_of_the_first_generation(entries: Any, expected: list[dict[str, Any]]) -> None:
    row = mark(defined("point", details=[ANIMAL]), **POINT, details=[{"value": entries}])
    assert row["details"] == [detail(0, "dropdown", **answer) for answer in expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"selection": 1, "option": True}, {"answer_index": 1, "answer_label": "Canine"}),
        ({"selection": 7, "option": True}, {"answer_index": 7}),
        ({"selection": "3f9c0", "option": False}, {"text": "3f9c0"}),
        ({"value": "3f9c", "option_index": 0, "option": True}, {"answer_index": 0, "answer_label": "Feline"}),
        (None, {}),
    ],
)
def test_a_dropdown_about_a_mark_of_the_second_generation(value: Any, expected: dict[str, Any]) -> None:
    annotation = [drawing(second_generation(0)), answer("T0.0.0", 0, value, "dropdown-simple")]
    (row,) = rows_of(flat(annotation, workflows=[defined("point", details=[ANIMAL])]))
    assert row["details"] == [detail(0, "dropdown-simple", **expected)]


def test_without_a_definition_an_option_about_a_mark_differs_from_a_typed_text() -> None:
    entries = [{"value": "3f9c", "option": True}, {"value": "my own", "option": False}]
    assert mark(**POINT, details=[{"value": entries}])["details"] == [
        detail(0, "dropdown", answer_label="3f9c"),
        detail(0, "dropdown", text="my own"),
    ]


def second_generation(*tools: int) -> list[dict[str, Any]]:
    return [{"x": 1, "y": 2, "frame": 0, "details": [], "toolType": "point", "toolIndex": tool} for tool in tools]


def test_answers_beside_the_mark() -> None:
    marks = second_generation(0, 0, 1, 1)
    marks[3]["details"] = [{"task": "T0.1.2"}]
    annotation = [drawing(marks), answer("T0.1.2", 3, "grey", "text"), answer("T0.0.0", 1, 0)]
    found = flat(annotation, workflows=[NESTS])
    assert [row["details"] for row in rows_of(found)] == [
        [],
        [detail(0, "single", answer_index=0, answer_label="No eggs")],
        [],
        [detail(2, "text", text="grey")],
    ]
    assert found.row_accounting()["merged"] == 2
    assert found.tables["other_annotations"].is_empty()


@pytest.mark.parametrize(
    "orphan",
    [
        answer("T0.0.0", 4, 1),
        answer("T0.0.0", -1, 1),
        answer("T0.0.0", "0", 1),
        answer("T0.0.0", True, 1),
        answer("T0.0.0", None, 1),
        answer("T9.0.0", 0, 1),
        # The mark 0 is of another tool.
        answer("T0.1.0", 0, 1),
        {"task": "T0.0.0", "value": 1, "taskType": "single"},
    ],
)
def test_an_answer_without_its_mark_is_set_aside(orphan: dict[str, Any]) -> None:
    found = flat([drawing(second_generation(0)), orphan], [orphan], workflows=[NESTS])
    assert [row["details"] for row in rows_of(found)] == [[]]
    assert found.quarantine.height == 2
    assert found.quarantine["reason"].str.starts_with("sub_task_without_mark").all()
    assert json.loads(found.quarantine["found"][0]) == orphan


def test_the_mark_is_identified_by_task_and_position() -> None:
    annotation = [
        drawing(second_generation(0)),
        drawing(second_generation(0), "T1"),
        answer("T1.0.0", 0, 1),
        answer("T0.0.0", 0, 0),
    ]
    rows = rows_of(flat(annotation, workflows=[defined("point", details=SUB_TASKS, tasks=("T0", "T1"))]))
    assert [(row["task"], row["details"][0]["answer_index"]) for row in rows] == [("T0", 0), ("T1", 1)]


def test_freehand_lines_of_both_forms() -> None:
    tool = {"toolType": "freehandLine", "toolIndex": 0}
    listed = mark(**tool, points=points((0.1, 0.2), (1.4, 2)))
    parallel = mark(**tool, pathX=[0.1, 1.4], pathY=[0.2, 2])
    assert geometry(listed) == geometry(parallel) == {"points": points((0.1, 0.2), (1.4, 2)), "closed": False}


@pytest.mark.parametrize(
    "path",
    [
        {"pathX": [1, 2], "pathY": [1]},
        {"pathX": [1, "2"], "pathY": [1, 2]},
        {"pathX": [1], "pathY": None},
        {"pathX": [], "pathY": []},
        {"points": []},
        {"points": [{"x": 1}]},
        {"points": [{"x": 1, "y": None}]},
        {"points": [1]},
        {"points": {"x": 1, "y": 2}},
        {},
    ],
)
def test_a_path_that_makes_no_sense(path: dict[str, Any]) -> None:
    fields = {"toolType": "freehandLine", "toolIndex": 0, **path}
    row = mark(**fields)
    assert (row["status"], row["points"]) == ("malformed", None)
    assert json.loads(row["mark"]) == fields


RING = ((0, 0), (9, 0), (9, 9))


@pytest.mark.parametrize(
    ("tool", "fields", "closed"),
    [
        ("polygon", {"closed": False, "auto_closed": True}, True),
        ("polygon", {"closed": True}, True),
        ("polygon", {}, True),
        ("polygon", {"closed": False}, False),
        ("freehandShape", {}, True),
        ("freehandSegmentShape", {"auto_closed": True}, True),
        ("freehandSegmentLine", {"auto_closed": True}, None),
        ("freehandLine", {}, None),
    ],
)
@pytest.mark.parametrize("repeated", [False, True])
def test_a_ring_is_closed_once(tool: str, fields: dict[str, Any], closed: bool | None, repeated: bool) -> None:
    listed = points(*RING, *RING[:1]) if repeated else points(*RING)
    row = mark(defined(tool), tool=0, points=listed, **fields)
    # A line that nobody calls closed is a ring where it comes back to its start.
    ring = repeated if closed is None else closed
    assert row["closed"] is ring
    assert row["points"] == (points(*RING) if ring else listed)


CURVED = ((600, 500), (600, 600), (500, 600), (400, 600), (400, 500), (400, 400), (500, 400), (600, 400))


def test_a_bezier_curve_is_the_curve_that_was_drawn() -> None:
    row = mark(defined("bezier"), tool=0, closed=True, points=points(*CURVED))
    # The ring closes with the last control point, and does not repeat its first point.
    assert row["points"] == curve(*CURVED, CURVED[0])[:-1]
    outline = shapely.Polygon([(point["x"], point["y"]) for point in row["points"]])
    assert outline.area == pytest.approx(20_000 + 40_000 / 3, rel=1e-3)
    assert '"x":400,"y":400' in row["mark"]


@pytest.mark.parametrize(
    ("fields", "path", "along"),
    [
        ({"closed": True}, CURVED[:3], CURVED[:3]),
        ({"closed": False}, CURVED[:5], CURVED[:5]),
        # The control point of a curve that was never drawn.
        ({"closed": False}, CURVED[:4], CURVED[:3]),
        ({"closed": False, "auto_closed": True}, CURVED[:4], (*CURVED[:4], CURVED[0])),
        ({"closed": False}, CURVED[:1], CURVED[:1]),
    ],
)
def test_open_and_closed_bezier_curves(fields: dict[str, Any], path: Any, along: Any) -> None:
    row = mark(defined("bezier"), tool=0, points=points(*path), **fields)
    ring = fields["closed"] or "auto_closed" in fields
    assert row["closed"] is ring
    assert row["points"] == (curve(*along)[:-1] if along[-1] == along[0] and len(along) > 1 else curve(*along))


def around(gap: float) -> tuple[tuple[float, float], ...]:
    """A square of 100 pixels, drawn from its corner, that ends `gap` pixels below it."""
    return ((0, 0), (100, 0), (100, 100), (0, 100), (0, gap))


@pytest.mark.parametrize("tool", ["freehandLine", "freehandSegmentLine"])
@pytest.mark.parametrize(("gap", "closed"), [(5, True), (18, True), (22, False), (60, False)])
def test_a_line_that_ends_near_its_start_is_closed(tool: str, gap: float, closed: bool) -> None:
    row = mark(defined(tool), tool=0, points=points(*around(gap)))
    assert (row["closed"], row["points"]) == (closed, points(*around(gap)))


@pytest.mark.parametrize("path", [((1, 1),), ((1, 1), (1, 2))])
def test_one_or_two_points_are_no_ring(path: Any) -> None:
    assert mark(defined("freehandLine"), tool=0, points=points(*path))["closed"] is False


@pytest.mark.parametrize("sign", [1, -1])
def test_sizes_are_positive_whichever_corner_a_mark_was_drawn_from(sign: int) -> None:
    corner = {"x": 10, "y": 20} if sign > 0 else {"x": 40, "y": 32}
    size = {"width": sign * 30, "height": sign * 12}
    box = {"x": 25, "y": 26, "width": 30, "height": 12}
    assert geometry(mark(GALLERY, tool=4, **corner, **size)) == box
    assert geometry(mark(GALLERY, tool=5, angle=45, **corner, **size)) == box | {"angle": 45}
    second = {"toolType": "rectangle", "toolIndex": 4, "x_center": 25, "y_center": 26}
    assert geometry(mark(GALLERY, **second, **size)) == box
    assert geometry(mark(GALLERY, tool=8, x=corner["x"], width=size["width"])) == {"x": 25, "width": 30}
    assert geometry(mark(GALLERY, tool=2, x=1, y=2, r=sign * 9)) == {"x": 1, "y": 2, "r": 9}
    ellipse = mark(GALLERY, tool=3, x=1, y=2, rx=sign * 9, ry=-4, angle=0)
    assert geometry(ellipse) == {"x": 1, "y": 2, "rx": 9, "ry": 4, "angle": 0}


@pytest.mark.parametrize(
    ("ends", "length", "angle"),
    [
        ((10, 20, 13, 24), 5.0, 53.13010235415598),
        ((13, 24, 10, 20), 5.0, -126.86989764584402),
        ((10, 20, 10, 12), 8.0, -90.0),
        ((10, 20, 3, 20), 7.0, 180.0),
        ((10, 20, 10, 20), 0.0, None),
    ],
)
@pytest.mark.parametrize("tool", ["line", "transcriptionLine", None])
def test_a_line_has_a_length_and_an_angle(
    tool: str | None, ends: tuple[float, ...], length: float, angle: float | None
) -> None:
    kind = {"toolType": tool} if tool else {}
    row = mark(**dict(zip(("x1", "y1", "x2", "y2"), ends, strict=True)), toolIndex=0, frame=0, **kind)
    assert (row["length"], row["angle"]) == (length, pytest.approx(angle) if angle is not None else None)


def test_only_lines_have_a_length_and_stray_numbers_are_none() -> None:
    row = mark(x=1, y=2, x1=3, y1=4, x2=5, y2=6, length=9, toolType="point", toolIndex=0, frame=0)
    assert (row["x"], row["length"], row["angle"]) == (1, None, None)
    row = mark(x1=3, y1=4, x2=None, y2=6, toolType="line", toolIndex=0, frame=0)
    assert (row["status"], row["length"], row["angle"]) == ("malformed", None, None)


@pytest.mark.parametrize(("axis", "tool"), [("x", "fullHeightLine"), ("y", "fullWidthLine")])
def test_one_coordinate_alone_is_a_line_across_the_picture(axis: str, tool: str) -> None:
    row = mark(tool=0, frame=0, tool_label="Edge", **{axis: 100})
    assert said(row, "tool_type", "status") == {"tool_type": tool, "status": "answered"}
    assert geometry(row) == {axis: 100}


@pytest.mark.parametrize(
    "fields", [{"x": 1, "y": "left"}, {"x": 1, "r": 3}, {"y": 1, "height": 3}, {"x": "left"}, {}]
)
def test_one_coordinate_beside_others_is_no_line(fields: dict[str, Any]) -> None:
    assert mark(tool=0, **fields)["status"] == "malformed"


def test_a_stray_key_of_a_column_is_ignored() -> None:
    exported = {"0": 0, "x": 12, "tool": 8, "frame": 0, "width": 25}
    row = mark(GALLERY, **exported)
    # The export has the left edge.
    assert geometry(row) == {"x": 24.5, "width": 25}
    assert json.loads(row["mark"]) == exported


def test_a_mark_outside_the_image_is_kept() -> None:
    assert geometry(mark(NESTS, x=-5, y=1e6, tool=0)) == {"x": -5, "y": 1e6}


@pytest.mark.parametrize("x", [..., None, "", "left", "inf", "nan", True, [1], {"a": 1}])
def test_a_mark_without_coordinates_is_malformed(x: Any) -> None:
    fields = {"y": 2, "tool": 0} if x is ... else {"x": x, "y": 2, "tool": 0}
    row = mark(NESTS, **fields)
    assert said(row, "status", "x", "y", "tool_label") == {
        "status": "malformed",
        "x": None,
        "y": 2,
        "tool_label": "Tool 0",
    }
    assert json.loads(row["mark"]) == fields


@pytest.mark.parametrize("other", [True, [1], "left", "1e999", 7])
def test_the_text_of_a_number_is_one_whatever_other_marks_hold(other: Any) -> None:
    row, _ = drawn([{"x": "1.5", "y": 2, "tool": "0"}, {"x": other, "y": 1, "tool": 0}], workflow=NESTS)
    assert (row["status"], row["x"], row["tool_label"]) == ("answered", 1.5, "Tool 0")


@pytest.mark.parametrize("other", [True, [1], 7])
def test_a_label_that_is_no_text_is_none_whatever_other_marks_hold(other: Any) -> None:
    row, named = drawn([{**POINT, "tool_label": 1982}, {**POINT, "x": other, "tool_label": "Nest"}])
    assert (row["tool_label"], named["tool_label"]) == (None, "Nest")


@pytest.mark.parametrize(
    "mark", [{}, {"points": [], "details": []}, {"task": 1, "cell": 2, "status": 3, "mark": 4}]
)
def test_a_mark_with_none_of_the_fields_that_are_read_is_kept(mark: dict[str, Any]) -> None:
    (row,) = drawn([mark], workflow=NESTS)
    assert (row["status"], json.loads(row["mark"])) == ("malformed", mark)


@pytest.mark.parametrize("value", [0, "text", True, 1.5])
def test_what_is_no_mark_is_kept(value: Any) -> None:
    for rows in (drawn(value, workflow=NESTS), drawn([value], workflow=NESTS)):
        assert [(row["status"], row["mark_index"], json.loads(row["mark"])) for row in rows] == [
            ("malformed", 0, value)
        ]


def test_a_missing_frame_is_the_first() -> None:
    rows = drawn(
        [{"x": 1, "y": 2, "tool": 0, **frame} for frame in ({}, {"frame": 1}, {"frame": None})], workflow=NESTS
    )
    assert [row["frame"] for row in rows] == [0, 1, 0]
    (row,) = drawn([{**POINT, "frame": "left"}], workflow=NESTS)
    assert (row["frame"], row["status"]) == (None, "malformed")


def test_the_size_of_the_image_is_not_needed() -> None:
    sizes: tuple[Any, ...] = ([None], {"naturalWidth": 1}, [])
    assert [geometry(row) for row in drawn(*([{**POINT, "size": size}] for size in sizes), workflow=NESTS)] == [
        {"x": 1, "y": 2}
    ] * 3


@pytest.mark.parametrize("gallery", [V1_MARKS, V2_MARKS], ids=["first generation", "second generation"])
def test_marks_are_in_pixels_of_the_picture_whatever_the_size_of_the_screen(gallery: list[dict[str, Any]]) -> None:
    natural = {"naturalWidth": 1600, "naturalHeight": 1200}
    screens: list[Any] = [
        [{**natural, "clientWidth": 1600, "clientHeight": 1200}],
        [{**natural, "clientWidth": 400.5, "clientHeight": 300.375}],
        [{"naturalWidth": 400, "naturalHeight": 300, "clientWidth": 800, "clientHeight": 600}, None],
        {**natural, "clientWidth": 360, "clientHeight": 270},
        [None],
    ]
    rows = [
        classification_row(
            number,
            annotations=[drawing(gallery)],
            metadata=metadata(session=f"{number}", subject_dimensions=screen),
        )
        for number, screen in enumerate(screens, 1)
    ]
    found = sample(rows, [defined(*V1_TOOLS)]).tables["drawing_annotations"]
    columns = [*MEASURES, "points", "closed", "frame", "mark_index", "status"]
    of_each = [found.filter(classification_id=1000 + number).select(columns) for number in range(1, 6)]
    assert all(one.equals(of_each[0]) for one in of_each)
    (box,) = of_each[0].filter(pl.col("width") == 30, pl.col("angle").is_null()).to_dicts()
    assert (box["x"], box["y"], box["height"]) == (25, 26, 12)


def test_positions_of_answers_are_labelled_with_the_labels_of_their_sub_task() -> None:
    row = mark(NESTS, x=1, y=2, width=3, height=4, tool=1, details=[{"value": 0}, {"value": [1]}])
    assert [entry["answer_label"] for entry in row["details"]] == ["No eggs", "Mud"]
    undefined = mark(**POINT, details=[{"value": 0}, {"value": [1]}])
    assert undefined["details"] == [detail(0, "single", answer_index=0), detail(1, "multiple", answer_index=1)]
    lost = mark(NESTS, **POINT, details=[{"value": 7}, {"value": "text"}])
    assert lost["details"] == [detail(0, "single", answer_index=7), detail(1, "multiple", text="text")]


def test_transcribed_lines_have_their_text_in_the_details() -> None:
    line = {"x1": 10, "x2": 400, "y1": 50, "y2": 52, "frame": 0, "toolType": "transcriptionLine", "toolIndex": 0}
    annotation = [
        {"task": "T0", "value": [{**line, "details": [{"task": "T0.0.0"}]}], "taskType": "transcription"},
        answer("T0.0.0", 0, "Dear [unclear]Sir[/unclear]", "text"),
    ]
    workflow = defined(
        "transcriptionLine", kind="transcription", details=[{"type": "text", "instruction": "Write"}]
    )
    (row,) = rows_of(flat(annotation, workflows=[workflow]))
    assert said(row, "task_type", "tool_label", "x1", "y2", "details") == {
        "task_type": "transcription",
        "tool_label": "Tool 0",
        "x1": 10,
        "y2": 52,
        "details": [detail(0, "text", text="Dear [unclear]Sir[/unclear]")],
    }


def test_marks_of_many_chunks_and_generations_keep_their_order() -> None:
    marks = [
        {"x": number, "y": 0, "tool": number % 2, "frame": 0, "width": 2, "height": 2} for number in range(2500)
    ]
    marks[1200] = {"toolType": "freehandLine", "toolIndex": 0, "pathX": [1, 2], "pathY": [3, 4]}
    marks[1700] = {**POINT, "details": [{"value": 1}]}
    rows = drawn(marks, [POINT], workflow=NESTS)
    assert [row["mark_index"] for row in rows] == [*range(2500), 0]
    assert rows[2499]["x"] == 2500
    assert rows[1200]["points"] == points((1, 3), (2, 4))
    assert rows[1700]["details"][0]["answer_label"] == "Some eggs"
    assert [orjson.loads(row["mark"]) for row in rows] == [*marks, POINT]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "T0", "T0.0.0", "point", "1", "zoo_dag:next mark"])
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["x", "y", "value", "task", "selection", "option", "points"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
SAMPLES: tuple[list[Any], ...] = (
    [drawing([*V1_MARKS, {**POINT, "details": [{"value": 1}, {"value": [0, 2]}, {"value": "grey"}]}])],
    [drawing(list(V2_MARKS)), answer("T0.0.0", 0, 1), answer("T0.0.2", 0, {"selection": 1, "option": True})],
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in children for found in paths_of(child, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], by)
    return changed


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_json_in_place_of_any_part_gives_rows_or_quarantine(data: st.DataObject) -> None:
    annotation: list[Any] = json.loads(json.dumps(data.draw(st.sampled_from(SAMPLES))))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in paths_of(annotation) if path]))
        annotation = replaced(annotation, path, data.draw(json_values))
    found = flat(annotation, workflows=data.draw(st.sampled_from([[], [defined(*V1_TOOLS, details=SUB_TASKS)]])))
    accounting = found.row_accounting()
    assert accounting["balanced"]
    assert accounting["rows_in"] >= len(annotation) or any(
        isinstance(item, dict) and isinstance(item.get("value"), list) for item in annotation
    )


def test_a_text_of_invisible_characters_about_a_mark_is_blank() -> None:
    row = mark(NESTS, **POINT, details=[{"value": None}, {"value": []}, {"value": "\u200b "}])
    assert row["details"] == [detail(0, "single"), detail(1, "multiple"), detail(2, "text")]


def test_every_mark_and_every_blank_drawing_has_the_size_of_its_frame() -> None:
    marks = [{**POINT, "frame": 0}, {**POINT, "frame": 1}, {**POINT, "frame": 5}]
    rows = drawn(marks, [], workflow=NESTS)
    # Each classification was shown one frame of this size.
    assert [said(row, "frame", "frame_width", "frame_height") for row in rows] == [
        {"frame": 0, "frame_width": 1600.0, "frame_height": 1200.0},
        {"frame": 1, "frame_width": None, "frame_height": None},
        {"frame": 5, "frame_width": None, "frame_height": None},
        {"frame": None, "frame_width": 1600.0, "frame_height": 1200.0},
    ]
