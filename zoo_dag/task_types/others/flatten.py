"""Elements of task types without a table (docs/exports.md, Other task types): kept as JSON text.

They are subjectGroupComparison with its answers about cells, geoDrawing, volumetric, combos left blank, and the
task types of custom front ends.
"""

from collections.abc import Iterator
from typing import Any

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, is_blank, json_text

_ENVELOPE = frozenset({"task", "task_label", "task_type", "taskType", "value"})
_SHAPES: dict[str, type] = {
    "combo": list,
    "subjectGroupComparison": list,
    "geoDrawing": dict,
    "volumetric": list,
}


def flatten(element: Element) -> Iterator[tuple[Any, ...]]:
    """One row of `status, value`.

    `value` is the element's value; where the element says more than its value, such as the mark that an answer
    belongs to, it is the complete element.
    """
    more = element.body.keys() - _ENVELOPE
    yield _status(element), json_text(element.body if more else element.value)


def _status(element: Element) -> str:
    value = element.value
    if is_blank(value) or value == []:
        return "blank"
    if (element.task_type == "combo" and value == 0) or (isinstance(value, dict) and value.get("features") == []):
        return "blank"
    if element.is_sub_task and ".cell." in element.task and as_index(element.body.get("cellIndex")) is None:
        return "malformed"
    return "answered" if isinstance(value, _SHAPES.get(element.task_type, object)) else "malformed"
