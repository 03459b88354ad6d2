"""The type of a task, from an element, the definition, or the shape of values."""

from typing import Any

from tests.recount.definitions import Definition

KIND_OF = {
    "single": "question",
    "multiple": "question",
    "shortcut": "question",
    "dropdown": "dropdown",
    "dropdown-simple": "dropdown",
    "survey": "survey",
    "drawing": "drawing",
    "transcription": "drawing",
    "text": "text",
    "textFromSubject": "text",
    "slider": "slider",
    "highlighter": "highlight",
    "unknown": "other",
}


def type_by_itself(element: dict[str, Any], definition: Definition | None) -> str | None:
    """The type that an element has by what it says, by its definition, or by the shape of its value."""
    said = element.get("taskType") or element.get("task_type")
    defined = definition.type_of(element["task"]) if definition else None
    found: str | None = said or defined or type_by_shape(element)
    return "dropdown-simple" if said == "dropdown" else found


def type_by_shape(element: dict[str, Any]) -> str | None:
    value = element.get("value")
    if isinstance(value, list) and value:
        if all(isinstance(item, str) for item in value):
            return "multiple"
        if isinstance(value[0], dict):
            return type_of_items(value[0])
    if isinstance(value, dict):
        return "dropdown-simple" if {"select_label", "selection"} & value.keys() else None
    if isinstance(value, str) and "task_label" in element:
        # The server writes the label of a question before its value, that of a text after it.
        order = list(element)
        return "single" if order.index("task_label") < order.index("value") else "text"
    return None


def type_of_items(item: dict[str, Any]) -> str | None:
    shapes = {
        "survey": {"choice"},
        "dropdown": {"select_label", "option"},
        "drawing": {"tool", "toolIndex", "tool_index"},
        "highlighter": {"labelInformation"},
    }
    return next((task_type for task_type, keys in shapes.items() if keys & item.keys()), None)


def type_by_values(values: list[Any]) -> str | None:
    """The type of a task from all its values, where nothing else says it."""
    said = [value for value in values if value not in (None, "", [])]
    numbers = [value for value in said if is_number(value)]
    texts = [value for value in said if isinstance(value, str)]
    if said and len(numbers) == len(said) and any(float(value) % 1 or float(value) < 0 for value in numbers):
        return "slider"
    if said and len(texts) == len(said) and not numbers:
        repeated = len(texts) - len(set(texts))
        return "text" if len(texts) >= 10 and repeated < len(texts) / 2 else "single"
    return None


def is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool | list | dict) and float(value) == float(value)
    except (TypeError, ValueError):
        return False
