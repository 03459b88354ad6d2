"""Questions: single, multiple and shortcut (docs/exports.md, Questions), one row per answer."""

from collections.abc import Iterator
from typing import Any

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, json_text

# The exporter's text for an index that the definition does not have.
LOST_LABEL = "unknown answer label"


def flatten(element: Element) -> Iterator[tuple[Any, ...]]:
    """Rows of `status, answer_index, answer, n_selected`; a blank answer is one row.

    A label gives its position where it is unique, a position gives its label. The value "unknown answer label"
    and a null inside a list are answers whose label was lost: `unknown_label`, never an option of that name.
    """
    value = element.value
    items = value if isinstance(value, list) else [] if value is None else [value]
    if items == [""] and not (element.definition and element.definition.has_answer_without_text):
        items = []
    rows = list(dict.fromkeys(_answer(element, item) for item in items))
    if not rows:
        yield "blank", None, None, 0
    for status, index, answer in rows:
        yield status, index, answer, len(rows)


def _answer(element: Element, item: Any) -> tuple[str, int | None, str | None]:
    definition = element.definition
    if isinstance(item, str) and item != LOST_LABEL:
        index = definition.index_of(item) if definition else None
        label = definition.answers[index] if definition and index is not None else None
        return "answered", index, item if label is None else label
    if item is None or item == LOST_LABEL:
        return "unknown_label", None, None
    position = as_index(item)
    return ("malformed", None, json_text(item)) if position is None else _answer_at(element, position)


def _answer_at(element: Element, index: int) -> tuple[str, int | None, str | None]:
    """The answer at a position: children of combos and rows without a definition have no labels.

    A label that several answers share gives no position here either, so that all its votes are counted together.
    """
    definition = element.definition
    if definition is None or not definition.answers:
        return "answered", index, None
    if index >= len(definition.answers):
        return "unknown_label", None, None
    label, exported = definition.answers[index], definition.exported_answers[index]
    return "answered", index if exported is None else definition.index_of(exported), label
