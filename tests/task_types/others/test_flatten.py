"""Task types without a table, rows of `other_annotations`: one complete row per element."""

import json
from typing import Any

import pytest

from tests.builders import workflow_row
from tests.task_types.samples import NO_WORKFLOWS, flat

CELLS = [
    {"index": 6, "subject": "134853", "details": [{"task": "T0.cell.6.subtask.0"}]},
    {"index": 12, "subject": "134637"},
]
POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-9189987.47, 4213962.65]}}
FEATURES = {"type": "FeatureCollection", "features": [POINT | {"properties": {"toolIndex": 0}}]}
VOLUMES = [{"label": "Annotation 1", "points": {"active": [{"x": 1, "y": 1, "z": 1}]}, "threshold": 15}]
LINES = [{"text": "Dear Sir", "type": "text", "startPoint": {"x": 0, "y": 2}, "variants": ["ina"]}]
WORKFLOW = workflow_row(
    tasks={"T0": {"type": "subjectGroupComparison", "question": "T0.question", "details": []}},
    strings={"T0.question": "Which are spirals?"},
)


def others(*elements: dict[str, Any], workflows: Any = NO_WORKFLOWS) -> list[tuple[Any, ...]]:
    table = flat(list(elements), workflows=workflows).tables["other_annotations"]
    return [
        (task, kind, status, json.loads(value))
        for task, kind, status, value in table.select("task", "task_type", "status", "value").rows()
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("subjectGroupComparison", CELLS),
        ("geoDrawing", FEATURES),
        ("volumetric", VOLUMES),
        ("somethingNew", LINES),
    ],
)
def test_an_element_is_one_row_with_its_complete_value(kind: str, value: Any) -> None:
    assert others({"task": "T0", "value": value, "taskType": kind}) == [("T0", kind, "answered", value)]
    assert others({"task": "T0", "value": None, "taskType": kind}) == [("T0", kind, "blank", None)]
    assert others({"task": "T0", "value": "?", "taskType": kind})[0][2] in ("malformed", "answered")


def test_cells_and_answers_about_them_are_kept_completely() -> None:
    answer = {"task": "T0.cell.6.subtask.0", "value": "odd arms", "taskType": "text", "cellIndex": 0}
    rows = others(
        {"task": "T0", "value": CELLS, "taskType": "subjectGroupComparison"}, answer, workflows=[WORKFLOW]
    )
    assert rows == [
        ("T0", "subjectGroupComparison", "answered", CELLS),
        ("T0.cell.6.subtask.0", "text", "answered", answer),
    ]
    position = rows[1][3]["cellIndex"]
    assert int(rows[0][3][position]["subject"]) == 134853, "cellIndex is a position, index the cell of the grid"


def test_an_answer_about_no_cell_is_malformed() -> None:
    stray = {"task": "T0.cell.6.subtask.0", "value": "odd arms", "taskType": "text"}
    assert others(stray, workflows=[WORKFLOW]) == [("T0.cell.6.subtask.0", "text", "malformed", "odd arms")]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (None, "blank"),
        ({"type": "FeatureCollection", "features": []}, "blank"),
        ({"type": "FeatureCollection", "features": [POINT | {"properties": None}]}, "answered"),
        ({"type": "FeatureCollection", "features": [POINT]}, "answered"),
        ({"type": "FeatureCollection", "features": None}, "answered"),
        ([POINT], "malformed"),
    ],
)
def test_geographic_drawings_of_any_form_are_kept(value: Any, status: str) -> None:
    element = {"task": "T0", "value": value, "taskType": "geoDrawing"}
    assert others(element) == [("T0", "geoDrawing", status, value)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("subjectGroupComparison", {"index": 6}),
        ("volumetric", "x"),
        ("combo", {"a": 1}),
    ],
)
def test_a_value_of_another_shape_is_malformed_and_kept(kind: str, value: Any) -> None:
    assert others({"task": "T0", "value": value, "taskType": kind}) == [("T0", kind, "malformed", value)]


@pytest.mark.parametrize("nothing", [[], None, 0])
def test_a_combo_left_blank_is_one_blank_row(nothing: Any) -> None:
    workflow = workflow_row(tasks={"T9": {"type": "combo", "tasks": []}}, strings={})
    assert others({"task": "T9", "task_label": None, "value": nothing}, workflows=[workflow]) == [
        ("T9", "combo", "blank", nothing)
    ]


def test_a_combo_inside_a_combo_is_kept_completely() -> None:
    inner = {"task": "T8", "value": [{"task": "T3", "value": "hi"}]}
    table = flat([{"task": "T9", "value": [inner]}], workflows=NO_WORKFLOWS).tables["other_annotations"]
    rows = table.select("task", "parent_task", "task_type", "status").rows()
    assert rows == [("T8", "T9", "combo", "answered")]


def test_what_an_unknown_front_end_says_besides_its_value_is_kept() -> None:
    element = {"task": "T2", "value": LINES, "tool": "pen", "_key": 0.4}
    assert others(element) == [("T2", "unknown", "answered", element)]
