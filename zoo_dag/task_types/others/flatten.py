"""Elements of task types without a table (docs/exports.md, Other task types): kept as JSON text.

They are subjectGroupComparison where it is not known what it showed, geoDrawing, volumetric, combos left blank,
and the task types of custom front ends.
"""

from typing import Any

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, is_blank, json_text
from zoo_dag.exports.grids import GRID

# Why a grid is kept as it is: without the cells that were not selected, a fraction would be wrong.
MEMBERS_UNKNOWN = "members_unknown"
_ENVELOPE = frozenset({"task", "task_label", "task_type", "taskType", "value"})
_SHAPES: dict[str, type] = {
    "combo": list,
    "subjectGroupComparison": list,
    "geoDrawing": dict,
    "volumetric": list,
}


def flatten(element: Element) -> list[tuple[Any, ...]]:
    """One row of `status, value, reason`.

    `value` is the element's value; where the element says more than its value, such as the mark that an answer
    belongs to, it is the complete element. `reason` says why an element of a grid, or an answer about one of its
    cells, has no table.
    """
    more = element.body.keys() - _ENVELOPE
    unknown = element.task_type == GRID or element.subject is not None
    value = json_text(element.body if more else element.value)
    return [(_status(element), value, MEMBERS_UNKNOWN if unknown else None)]


def _status(element: Element) -> str:
    value = element.value
    if is_blank(value) or value == []:
        return "blank"
    if (element.task_type == "combo" and value == 0) or (isinstance(value, dict) and value.get("features") == []):
        return "blank"
    if element.is_sub_task and ".cell." in element.task and as_index(element.body.get("cellIndex")) is None:
        return "malformed"
    return "answered" if isinstance(value, _SHAPES.get(element.task_type, object)) else "malformed"
