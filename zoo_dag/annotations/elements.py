"""The elements of an annotation and the task type of each (EXPORTS 1.4, 1.7): decided once, here.

A combo task is no element of its own: its children are, so that both generations of the classifier give the
same elements for the same answers. Elements are numbered in the order of the export, children one by one.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from zoo_dag.annotations.definitions import Definitions, TaskDefinition

_SUB_TASK = re.compile(r"^.+\.(\d+\.\d+|cell\.\d+\.subtask\.\d+)$")
# What these mean depends on the definition of the task; the other types tell what they are.
_NEEDS_DEFINITION = frozenset({"single", "multiple", "shortcut", "text", "slider", "combo", "unknown"})


class Element(NamedTuple):
    """An element of an annotation: what a volunteer gave for one task."""

    position: int
    task: str
    parent_task: str | None
    task_type: str
    value: Any
    body: dict[str, Any]
    definition: TaskDefinition | None

    @property
    def label(self) -> str | None:
        """Question or instruction: of the definition, else as exported."""
        if self.definition and self.definition.label is not None:
            return self.definition.label
        label = self.body.get("task_label")
        return label if isinstance(label, str) else None

    @property
    def is_sub_task(self) -> bool:
        """An answer of the second generation about a mark or a cell, such as `T0.1.2`."""
        return bool(_SUB_TASK.match(self.task)) and self.definition is None


class Rejected(NamedTuple):
    """An element that no table can take, and why."""

    position: int
    reason: str
    found: str


class Merged(NamedTuple):
    """A drawing element that repeats an earlier one to the letter: the mobile app sends one for each tool."""

    position: int


def elements(annotations: list[Any], definitions: Definitions) -> Iterator[Element | Rejected | Merged]:
    """The elements of an annotation in order, the children of combos in the place of the combo."""
    drawings: list[dict[str, Any]] = []
    for position, (parent, body) in enumerate(_leaves(annotations, definitions)):
        found = _element(position, parent, body, definitions)
        if isinstance(found, Element) and found.task_type == "drawing" and parent is None:
            if body in drawings:
                yield Merged(position)
                continue
            drawings.append(body)
        yield found


def _leaves(annotations: list[Any], definitions: Definitions) -> Iterator[tuple[str | None, Any]]:
    for item in annotations:
        if isinstance(item, dict) and isinstance(item.get("task"), str):
            value = item.get("value")
            # The editor cannot nest combos, so a combo inside a combo stays whole.
            if isinstance(value, list) and value and task_type(item, definitions) == "combo":
                yield from ((item["task"], child) for child in value)
                continue
        yield None, item


def _element(position: int, parent: str | None, body: Any, definitions: Definitions) -> Element | Rejected:
    if not isinstance(body, dict):
        return Rejected(position, "expected an object with a task, found a bare value", _json(body))
    task = body.get("task")
    if not isinstance(task, str):
        error = body.get("error")
        reason = f"exported with the error: {error}" if isinstance(error, str) else "no task key"
        return Rejected(position, f"{reason}; expected an object with a task", _json(body))
    definition = definitions.tasks.get(task)
    kind = task_type(body, definitions)
    element = Element(position, task, parent, kind, body.get("value"), body, definition)
    foreign = definition is None and definitions.complete and not element.is_sub_task
    if foreign and kind in _NEEDS_DEFINITION:
        return Rejected(position, f"task_not_in_version: the workflow version has no task {task}", _json(body))
    return element


def task_type(body: dict[str, Any], definitions: Definitions) -> str:
    """The task type of an element with a task key (EXPORTS 1.7).

    As it says itself, else of its definition, else by the shape of its value, else what other classifications of
    the version tell of the task.
    """
    task = body["task"]
    said = body.get("taskType") or body.get("task_type")
    if not isinstance(said, str):
        definition = definitions.tasks.get(task)
        said = definition.task_type if definition else _by_shape(body) or definitions.learned.get(task, "unknown")
    # One select of the first generation's dropdown, answered in the second one.
    return "dropdown-simple" if said == "dropdown" and isinstance(body.get("value"), dict) else said


def _by_shape(body: dict[str, Any]) -> str | None:
    value = body.get("value")
    if isinstance(value, list):
        return _list_type(value)
    if isinstance(value, dict):
        if "select_label" in value or "selection" in value:
            return "dropdown-simple"
        if value.get("type") == "FeatureCollection":
            return "geoDrawing"
        return "crop" if {"x", "y", "width", "height"} <= value.keys() else None
    if (value is None or isinstance(value, str)) and {"task_label", "value"} <= body.keys():
        # The server writes the label of a text last, that of a question before the value.
        keys = list(body)
        return "text" if keys.index("task_label") > keys.index("value") else "single"
    return None


def _list_type(items: list[Any]) -> str | None:
    objects = [item for item in items if isinstance(item, dict)]
    keys: set[str] = set().union(*objects)
    for key, found in (
        ("choice", "survey"),
        ("select_label", "dropdown"),
        ("tool", "drawing"),
        ("toolIndex", "drawing"),
        ("labelInformation", "highlighter"),
        ("task", "combo"),
    ):
        if key in keys:
            return found
    if {"index", "subject"} <= keys:
        return "subjectGroupComparison"
    texts = all(isinstance(item, str) or item is None for item in items)
    return "multiple" if items and texts else None


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
