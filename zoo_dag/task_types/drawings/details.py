"""Answers about marks: the column `details` of drawings, alike for both generations.

The first generation has them inside the mark, in the order of the tool's sub-tasks; the second as elements of
their own that `elements` joins to the mark. Both write positions of answers, never labels; the labels come from
the definition of the task. A sub-task left blank is one entry without an answer; a choice of several answers is
one entry for each.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from zoo_dag.annotations.definitions import TaskDefinition
from zoo_dag.annotations.elements import SubTask
from zoo_dag.annotations.values import as_index, as_number, as_text, json_text

# Fields of the column: position and type of the sub-task, position and label of the answer, text, number.
Entry = tuple[int, str | None, int | None, str | None, str | None, float | None]


def read_details(
    mark: dict[str, Any], definition: TaskDefinition | None, joined: Sequence[SubTask]
) -> tuple[Entry, ...]:
    """The answers about a mark, entries of the column; takes the mark as exported and the answers joined to it."""
    return tuple(_of_elements(joined, definition) if joined else _of_mark(mark, definition))


def _of_elements(joined: Sequence[SubTask], definition: TaskDefinition | None) -> Iterator[Entry]:
    for sub_task in sorted(joined, key=lambda each: each.detail_index):
        place = f"tools.{sub_task.tool_index}.details.{sub_task.detail_index}"
        exported_type = sub_task.body.get("taskType")
        yield from _entries(sub_task.detail_index, exported_type, sub_task.body.get("value"), place, definition)


def _of_mark(mark: dict[str, Any], definition: TaskDefinition | None) -> Iterator[Entry]:
    details, tool = mark.get("details"), mark.get("tool", mark.get("toolIndex"))
    # The mobile app writes a number.
    for index, detail in enumerate(details if isinstance(details, list) else ()):
        if isinstance(detail, dict) and "value" not in detail and "task" in detail:
            # A reference of the second generation to a missing answer.
            continue
        value = detail.get("value", detail or None) if isinstance(detail, dict) else detail
        yield from _entries(index, None, value, f"tools.{tool}.details.{index}", definition)


def _entries(
    index: int, exported_type: Any, value: Any, place: str, definition: TaskDefinition | None
) -> Iterator[Entry]:
    """Entries for one sub-task; `exported_type` is its type where the answer names it."""
    options = definition.by_path if definition else {}
    configured = options.get(place)
    kind = (
        exported_type if isinstance(exported_type, str) else configured.id if configured else _type_by_shape(value)
    )
    for position, text, number in _answers(kind, value):
        option = None
        if position is not None:
            # Questions have answers, dropdowns have options.
            option = options.get(f"{place}.answers.{position}") or options.get(f"{place}.options.{position}")
        yield index, kind, position, option.label if option else None, text, number


def _type_by_shape(value: Any) -> str | None:
    """The type of a sub-task without a definition, where its answer can be of one type only."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "dropdown-simple"
    if isinstance(value, list) and value:
        return "dropdown" if isinstance(value[0], dict) else "multiple"
    return "single" if as_index(value) is not None else None


def _answers(kind: str | None, value: Any) -> Iterator[tuple[int | None, str | None, float | None]]:
    """Position, text and number of each answer; anything unexpected is kept as text."""
    if value is None or value in ("", []):
        yield None, None, None
    elif kind == "slider" and as_number(value) is not None:
        yield None, None, as_number(value)
    elif kind == "text":
        yield None, as_text(value), None
    elif kind == "dropdown" and isinstance(value, list):
        for select in value:
            yield None, _chosen_text(select), None
    elif isinstance(value, dict):
        yield _selected(value)
    else:
        for item in value if isinstance(value, list) else [value]:
            position = as_index(item)
            number = as_number(item) if position is None and not isinstance(item, str) else None
            unread = position is None and number is None and item is not None
            yield position, as_text(item) if unread else None, number


def _chosen_text(select: Any) -> str | None:
    """The answer of one select of the first generation's dropdown: the value of the option, or free text."""
    if isinstance(select, dict) and "value" in select:
        select = select["value"]
    return None if select is None else as_text(select)


def _selected(value: dict[str, Any]) -> tuple[int | None, str | None, float | None]:
    """The option of a dropdown-simple, by its position, or the text that was typed instead."""
    chosen = value.get("selection", value.get("option_index", value.get("value")))
    position = as_index(chosen) if value.get("option") is not False else None
    if chosen is None:
        return None, None if value.keys() <= {"selection", "option", "value"} else json_text(value), None
    return position, as_text(chosen) if position is None else None, None
