"""Drawings for tests: the tools of both generations of the classifier, and what they give."""

from collections.abc import Sequence
from typing import Any

from tests.builders import Row, workflow_row
from tests.task_types.samples import Sample, flat

Marks = Sequence[Any]

# Tools of the first gallery, in order.
V1_TOOLS = (
    "point",
    "line",
    "circle",
    "ellipse",
    "rectangle",
    "rotateRectangle",
    "triangle",
    "fan",
    "column",
    "fullWidthLine",
    "polygon",
    "bezier",
    "freehandLine",
    "grid",
    "pointGrid",
)
V1_MARKS: tuple[dict[str, Any], ...] = (
    {"x": 12.5, "y": 40, "tool": 0, "frame": 0},
    {"x1": 1, "x2": 30.2, "y1": 2, "y2": 44, "tool": 1, "frame": 0, "details": []},
    {"r": 9.2, "x": 50, "y": 60, "tool": 2, "angle": -33.1, "frame": 0, "details": []},
    {"x": 50, "y": 60, "rx": 20, "ry": 10, "tool": 3, "angle": 15, "frame": 0, "details": []},
    {"x": 10, "y": 20, "tool": 4, "frame": 1, "width": 30, "height": 12, "details": []},
    {"x": 10, "y": 20, "tool": 5, "angle": 45, "frame": 0, "width": 30, "height": 12},
    {"r": 8, "x": 5, "y": 6, "tool": 6, "angle": 90, "frame": 0},
    {"x": 5, "y": 6, "tool": 7, "frame": 0, "radius": 40, "spread": 25, "rotation": 300},
    {"0": 0, "x": 12, "tool": 8, "frame": 0, "width": 25},
    {"x": 640, "y": 77, "tool": 9, "frame": 0},
    {
        "tool": 10,
        "frame": 0,
        "closed": True,
        "points": [{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 9, "y": 9}],
        "auto_closed": True,
    },
    {"tool": 11, "frame": 0, "closed": True, "points": [{"x": 0, "y": 0}, {"x": 4, "y": -3}, {"x": 9, "y": 0}]},
    {"tool": 12, "frame": 0, "points": [{"x": 0.1, "y": 0.2}, {"x": 1.4, "y": 2.2}]},
    {
        "x": 0,
        "y": 0,
        "row": 1,
        "tool": 13,
        "frame": 0,
        "width": 80,
        "column": "a",
        "height": 20,
        "templateID": 0.4,
    },
    {"x": 33, "y": 48, "tool": 14, "frame": 0},
)
# Tools of the first gallery that the second generation has too, as it exports the same marks.
V2_MARKS: tuple[dict[str, Any], ...] = (
    {"x": 12.5, "y": 40, "frame": 0, "details": [], "toolType": "point", "toolIndex": 0},
    {"x1": 1, "x2": 30.2, "y1": 2, "y2": 44, "frame": 0, "details": [], "toolType": "line", "toolIndex": 1},
    {"r": 9.2, "frame": 0, "details": [], "toolType": "circle", "x_center": 50, "y_center": 60, "toolIndex": 2},
    {
        "rx": 20,
        "ry": 10,
        "angle": -15,
        "frame": 0,
        "details": [],
        "toolType": "ellipse",
        "x_center": 50,
        "y_center": 60,
        "toolIndex": 3,
    },
    {
        "frame": 1,
        "width": 30,
        "height": 12,
        "details": [],
        "toolType": "rectangle",
        "x_center": 25,
        "y_center": 26,
        "toolIndex": 4,
    },
    {
        "angle": 45,
        "frame": 0,
        "width": 30,
        "height": 12,
        "details": [],
        "toolType": "rotateRectangle",
        "x_center": 25,
        "y_center": 26,
        "toolIndex": 5,
    },
    {
        "frame": 0,
        "points": [{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 9, "y": 9}],
        "details": [],
        "toolType": "polygon",
        "toolIndex": 10,
    },
    {
        "frame": 0,
        "pathX": [0.1, 1.4],
        "pathY": [0.2, 2.2],
        "details": [],
        "toolType": "freehandLine",
        "toolIndex": 12,
    },
)
# What there is to say of a nest: one answer, several answers, a text.
SUB_TASKS: tuple[dict[str, Any], ...] = (
    {
        "type": "single",
        "question": "Empty?",
        "answers": [{"label": "No eggs"}, {"label": "Some eggs"}],
    },
    {
        "type": "multiple",
        "question": "Made of?",
        "answers": [{"label": "Twigs"}, {"label": "Mud"}, {"label": "Moss"}],
    },
    {"type": "text", "instruction": "Colour?"},
)


def drawing(value: Any, task: str = "T0") -> dict[str, Any]:
    """The element of a drawing task."""
    return {"task": task, "task_label": "Mark them", "value": value}


def answer(key: str, mark_index: Any, value: Any, kind: str = "single") -> dict[str, Any]:
    """An answer of the second generation about a mark."""
    return {"task": key, "value": value, "taskType": kind, "markIndex": mark_index}


def defined(
    *tools: str, details: Sequence[Any] = (), kind: str = "drawing", tasks: Sequence[str] = ("T0",)
) -> Row:
    """A workflow whose tasks are drawings with these tools, labelled Tool 0, Tool 1, all with the sub-tasks."""
    entries = [
        {"type": tool, "label": f"Tool {number}", "details": list(details)} for number, tool in enumerate(tools)
    ]
    return workflow_row(
        tasks={task: {"type": kind, "instruction": "Mark them", "tools": entries} for task in tasks}, strings={}
    )


def drawn(*values: Any, workflow: Row | None = None) -> list[dict[str, Any]]:
    """Rows of the table of drawings left by volunteers, each with one value of the task T0."""
    return rows_of(flat(*([drawing(value)] for value in values), workflows=[workflow] if workflow else []))


def rows_of(sample: Sample) -> list[dict[str, Any]]:
    """Rows of the table of drawings; the row accounting is balanced."""
    assert sample.row_accounting()["balanced"]
    return sample.tables["drawing_annotations"].to_dicts()


def mark(workflow: Row | None = None, **fields: Any) -> dict[str, Any]:
    """The row of one mark."""
    (row,) = drawn([fields], workflow=workflow)
    return row


def said(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    """Some columns of a row."""
    return {column: row[column] for column in columns}


def detail(index: int, kind: str | None, **answer: Any) -> dict[str, Any]:
    """An entry of the column `details`."""
    blank = {"answer_index": None, "answer_label": None, "text": None, "number": None}
    return {"detail_index": index, "detail_type": kind, **blank, **answer}
