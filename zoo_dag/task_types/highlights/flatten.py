"""Highlights in a text (docs/exports.md, Highlights), one row per highlighted passage."""

from typing import Any

from zoo_dag.annotations.definitions import TaskDefinition
from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_count, as_index, as_text, is_blank, json_text


def flatten(element: Element) -> list[tuple[Any, ...]]:
    """Rows of `status, start, end, text, label, color`; an element without highlights is one blank row.

    `end` is as exported: sources disagree whether it is the last character or the one after it, so a length is
    better taken from `text`. A passage without a text, or that starts nowhere in it, is malformed.
    """
    value = element.value
    items = value if isinstance(value, list) else [] if is_blank(value) else [value]
    if not items:
        return [("blank", None, None, None, None, None)]
    return [_highlight(item, element.definition) for item in items]


def _highlight(item: Any, definition: TaskDefinition | None) -> tuple[Any, ...]:
    if not isinstance(item, dict):
        return "malformed", None, None, json_text(item), None, None
    start, end, text = as_index(item.get("start")), as_count(item.get("end")), item.get("text")
    if start is None or end is None or not isinstance(text, str):
        # The complete item, because the columns cannot hold it.
        text, status = json_text(item), "malformed"
    else:
        status = "answered"
    label, color = _label(item.get("labelInformation"), definition)
    return status, start, end, text, label, color


def _label(information: Any, definition: TaskDefinition | None) -> tuple[str | None, str | None]:
    """Label and colour as exported; where only the colour is, the one label of the task that has it."""
    if not isinstance(information, dict):
        return (None if information is None else as_text(information)), None
    label, color = information.get("label"), information.get("color")
    if label is None and color is not None and definition is not None:
        named = [option.label for option in definition.options if option.kind == "label" and option.id == color]
        label = named[0] if len(named) == 1 else None
    return None if label is None else as_text(label), None if color is None else as_text(color)
