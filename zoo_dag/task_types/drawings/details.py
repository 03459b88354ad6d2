"""Answers about marks: the column `details` of drawings, alike for both generations.

The first generation has them inside the mark, in the order of the tool's sub-tasks; the second as separate
elements that `elements` joins to the mark. Both write positions of answers and values of options, never labels;
the labels come from the definition of the task. A sub-task left blank is one entry without an answer; a choice of
several answers is one entry for each, and so is each select of a dropdown. An option whose label is unknown has
its value as label, so that only typed texts are texts.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from zoo_dag.annotations.definitions import TaskDefinition
from zoo_dag.annotations.elements import SubTask
from zoo_dag.annotations.values import as_index, as_number, as_text, is_blank, json_text
from zoo_dag.task_types.dropdowns.flatten import selected
from zoo_dag.task_types.dropdowns.selects import UNDEFINED, selects

# Fields of the column: position and type of the sub-task, position and label of the answer, text, number.
Entry = tuple[int, str | None, int | None, str | None, str | None, float | None]
_DROPDOWNS = frozenset({"dropdown", "dropdown-simple"})
_NO_ENTRIES: tuple[Entry, ...] = ()
_FEW = frozenset({str, int})
_OF_A_SELECT = frozenset({"selection", "value", "option", "option_index", "label", "select_label"})


def read_details(
    mark: dict[str, Any], definition: TaskDefinition | None, joined: Sequence[SubTask]
) -> tuple[Entry, ...]:
    """The answers about a mark, entries of the column; takes the mark as exported and the answers joined to it."""
    label, entries = mark.get("tool_label"), _NO_ENTRIES
    if joined:
        for sub_task in sorted(joined, key=lambda each: each.detail_index) if len(joined) > 1 else joined:
            body, drawn_with = sub_task.body, (definition, sub_task.tool_index, label)
            entries += _entries(sub_task.detail_index, body.get("taskType"), body.get("value"), drawn_with)
        return entries
    details = mark.get("details")
    tool = (definition, mark.get("tool", mark.get("toolIndex")), label)
    # The mobile app writes a number.
    for index, detail in enumerate(details if isinstance(details, list) else ()):
        if isinstance(detail, dict):
            if "value" not in detail and "task" in detail:
                # A reference of the second generation to a missing answer.
                continue
            value = detail if "option" in detail else detail.get("value", detail or None)
        else:
            value = detail
        entries += _entries(index, None, value, tool)
    return entries


# The tool that drew a mark: the definition of the task, and position and label as exported.
_Tool = tuple[TaskDefinition | None, Any, Any]


def _place(index: int, tool: _Tool) -> str:
    """The place of a sub-task in the definition."""
    definition, position, label = tool
    return f"tools.{definition.tool_of(position, label) if definition else position}.details.{index}"


def _entries(index: int, exported_type: Any, value: Any, tool: _Tool) -> tuple[Entry, ...]:
    """Entries for one sub-task; `exported_type` is its type where the answer names it."""
    # Few different answers, many marks. True is equal to 1, and 1.0 too, so only these types are distinguished.
    if type(value) in _FEW and type(tool[1]) is int and (tool[2] is None or type(tool[2]) is str):
        return _of_few(index, exported_type if type(exported_type) is str else None, value, tool)
    return tuple(_read_entries(index, exported_type, value, tool))


@lru_cache(maxsize=1 << 12)
def _of_few(index: int, exported_type: str | None, value: str | int, tool: _Tool) -> tuple[Entry, ...]:
    return tuple(_read_entries(index, exported_type, value, tool))


def _read_entries(index: int, exported_type: Any, value: Any, tool: _Tool) -> Iterator[Entry]:
    definition, place = tool[0], _place(index, tool)
    options = definition.by_path if definition else {}
    configured = options.get(place)
    kind = (
        exported_type if isinstance(exported_type, str) else configured.id if configured else _type_by_shape(value)
    )
    if kind in _DROPDOWNS and not is_blank(value) and value != []:
        chosen = _selected(value, place, definition, simple=kind == "dropdown-simple")
        yield from ((index, kind, position, label, text, None) for position, label, text in chosen)
        return
    for position, text, number in _answers(kind, value):
        option = None if position is None else options.get(f"{place}.answers.{position}")
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
    if is_blank(value) or value == []:
        yield None, None, None
    elif kind == "slider" and as_number(value) is not None:
        yield None, None, as_number(value)
    elif kind == "text":
        yield None, as_text(value), None
    else:
        for item in value if isinstance(value, list) else [value]:
            position = as_index(item)
            number = as_number(item) if position is None and not isinstance(item, str) else None
            unread = position is None and number is None and item is not None
            yield position, as_text(item) if unread else None, number


def _selected(
    value: Any, place: str, definition: TaskDefinition | None, *, simple: bool
) -> Iterator[tuple[int | None, str | None, str | None]]:
    """Position, label and typed text of each select of a dropdown; `place` is the path of the sub-task."""
    known = selects(definition, place) if definition else ()
    for number, item in enumerate(value if isinstance(value, list) else [value]):
        entry = item if isinstance(item, dict) else {"value": item}
        if not entry.keys() <= _OF_A_SELECT:
            yield None, None, json_text(entry)
            continue
        select = known[number] if number < len(known) else UNDEFINED
        found = selected(number, entry, select, simple=simple or isinstance(value, dict))
        label = found.option_value if found.option_label is None else found.option_label
        yield found.option_index, label, found.free_text
