"""The task type of an element: by its name, its definition, its shape, or the order of its value."""

from typing import Any

from zoo_dag.annotations.definitions import Definitions, TaskDefinition
from zoo_dag.exports.task_options import current_type

UNKNOWN = "unknown"
# Other shapes that elements of a type may have; exports of before 2016-09 have questions in the order of texts.
_SHAPES_OF: dict[str | None, tuple[str, ...]] = {
    "single": ("text",),
    "multiple": ("text",),
    "shortcut": ("multiple", "single", "text"),
    "transcription": ("drawing",),
    "dropdown": ("dropdown-simple",),
    "dropdown-simple": ("dropdown",),
    "textFromSubject": ("text",),
}


def task_type(body: dict[str, Any], definition: TaskDefinition | None, definitions: Definitions) -> str:
    """The task type of an element with a task key (docs/exports.md, Annotations).

    The type that the element names, else that of the `definition` of its task, else by the shape of its value,
    else that of other classifications of the version.
    """
    named = body.get("taskType") or body.get("task_type")
    if isinstance(named, str):
        kind = current_type(named)
    else:
        kind = (
            (definition and _defined_type(definition, body))
            or _by_shape(body, definitions.labels_last)
            or definitions.learned.get(body["task"], UNKNOWN)
        )
    # One select of the first generation's dropdown, answered in the second one.
    return "dropdown-simple" if kind == "dropdown" and isinstance(body.get("value"), dict) else kind


def _defined_type(definition: TaskDefinition, body: dict[str, Any]) -> str | None:
    """The type of the definition; null where that is of another version, and the element is of another type."""
    defined = definition.task_type
    if definition.is_own or defined == "combo":
        return defined
    shape = _by_shape(body, labels_last=False)
    # Children of combos are counted by the definition (`exports.annotation_cells`).
    fits = shape in (None, "combo", defined) or shape in _SHAPES_OF.get(defined, ())
    return defined if fits else None


def _by_shape(body: dict[str, Any], labels_last: bool) -> str | None:
    value = body.get("value")
    if isinstance(value, list):
        return _list_type(value)
    if isinstance(value, dict):
        return _object_type(value)
    return type_by_order(body, labels_last) if isinstance(value, str) else None


def type_by_order(body: dict[str, Any], labels_last: bool) -> str | None:
    """The task type that the order of the keys shows: the server writes the label of a text after the value.

    That of a question stands before it, but for exports in which `labels_last`. Of a null it says less than other
    answers to the task do: the same key order has an answer that several options allow.
    """
    if not {"task_label", "value"} <= body.keys():
        return None
    keys = list(body)
    if keys.index("task_label") < keys.index("value"):
        return "single"
    return None if labels_last else "text"


def _object_type(value: dict[str, Any]) -> str | None:
    if not value.keys().isdisjoint(("select_label", "selection", "option")):
        return "dropdown-simple"
    if "choice" in value:
        return "survey"
    if value.get("type") == "FeatureCollection":
        return "geoDrawing"
    return "crop" if {"x", "y", "width", "height"} <= value.keys() else None


def _list_type(items: list[Any]) -> str | None:
    objects = [item for item in items if isinstance(item, dict)]
    keys: set[str] = set().union(*objects)
    for key, kind in (
        ("choice", "survey"),
        ("select_label", "dropdown"),
        ("tool", "drawing"),
        ("toolIndex", "drawing"),
        ("tool_index", "drawing"),
        ("toolType", "drawing"),
        ("labelInformation", "highlighter"),
        ("task", "combo"),
        # An entry as stored, where the server added no label.
        ("option", "dropdown"),
    ):
        if key in keys:
            return kind
    if {"index", "subject"} <= keys:
        return "subjectGroupComparison"
    texts = all(isinstance(item, str) or item is None for item in items)
    return "multiple" if items and texts else None
