"""The annotations cell of a classification: whether it is a JSON array, and how many elements it has.

Elements are counted here by a separate rule, so that row accounting can prove that flattening lost none. An
element is an item of the array; each child of a combo task is an element in place of the combo.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from zoo_dag.exports.cells import different, load_json

# If the type of a task is unknown, its value is a list of children unless one has one of these keys.
_NO_CHILD = frozenset(
    {"choice", "select_label", "tool", "toolIndex", "tool_index", "toolType", "labelInformation"}
)


def annotation_columns(cells: pl.Series, task_types: Mapping[str, str | None]) -> pl.DataFrame:
    """Check annotations cells and count their elements; `task_types` are those of the workflow version by task.

    Returns `annotations_problem: String`, a sentence where a cell is not a JSON array, and `n_elements: Int64`,
    null there. Equal cells are read once.
    """
    distinct, places = different(cells)
    problems, counts = (
        zip(*(_read(cell, task_types) for cell in distinct), strict=True) if len(cells) else ((), ())
    )
    read = pl.DataFrame(
        {"annotations_problem": problems, "n_elements": counts},
        schema={"annotations_problem": pl.String, "n_elements": pl.Int64},
    )
    return read[places]


def count_elements(annotations: list[Any], task_types: Mapping[str, str | None]) -> int:
    """The elements of an annotation: its items, but of a combo that was filled in each child."""
    return sum(len(item["value"]) if _has_children(item, task_types) else 1 for item in annotations)


def _has_children(item: Any, task_types: Mapping[str, str | None]) -> bool:
    if not (isinstance(item, dict) and isinstance(item.get("task"), str)):
        return False
    value = item.get("value")
    if not isinstance(value, list) or not value:
        return False
    exported = item.get("taskType") or item.get("task_type")
    task_type = exported if isinstance(exported, str) else task_types.get(item["task"]) or None
    if task_type is not None:
        return task_type == "combo"
    keys: set[str] = set().union(*(child for child in value if isinstance(child, dict)))
    return "task" in keys and not keys & _NO_CHILD


def _read(cell: str | None, task_types: Mapping[str, str | None]) -> tuple[str | None, int | None]:
    """The problem of a cell, or else the number of its elements."""
    if cell is None:
        return "empty, expected a JSON array", None
    try:
        value = load_json(cell)
    except ValueError as error:
        return str(error), None
    if not isinstance(value, list):
        return f"expected a JSON array, found {type(value).__name__}", None
    return None, count_elements(value, task_types)
