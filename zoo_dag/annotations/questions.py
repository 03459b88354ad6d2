"""Questions: single, multiple and shortcut (EXPORTS 1.6.1 to 1.6.3), one row per answer given."""

from collections.abc import Iterator
from typing import Any

import orjson

from zoo_dag.annotations.elements import Element

TABLE = "question_annotations"
TASK_TYPES = ("single", "multiple", "shortcut")

# What the exporter writes for an index that the definition does not have.
LOST_LABEL = "unknown answer label"


def flatten(element: Element) -> Iterator[tuple[Any, ...]]:
    """Rows of `status, answer_index, answer, n_selected`; a blank answer is one row.

    A label gives its position where it is unique, a position gives its label. The value "unknown answer label"
    and a null inside a list are answers whose label was lost: `unknown_label`, never an option of that name.
    """
    value = element.value
    items = value if isinstance(value, list) else [] if value is None else [value]
    if items == [""] and not (element.definition and "" in element.definition.answers):
        items = []
    rows = list(dict.fromkeys(_answer(element, item) for item in items))
    if not rows:
        yield "blank", None, None, 0
    for status, index, answer in rows:
        yield status, index, answer, len(rows)


def _answer(element: Element, item: Any) -> tuple[str, int | None, str | None]:
    definition = element.definition
    if isinstance(item, str) and item != LOST_LABEL:
        return "answered", definition.index_of(item) if definition else None, item
    if item is None or item == LOST_LABEL:
        return "unknown_label", None, None
    if isinstance(item, int | float) and not isinstance(item, bool) and item == int(item) and item >= 0:
        return _answer_at(element, int(item))
    return "malformed", None, orjson.dumps(item).decode()


def _answer_at(element: Element, index: int) -> tuple[str, int | None, str | None]:
    """The answer at a position: children of combos and rows without a definition have no labels."""
    if element.definition is None or not element.definition.answers:
        return "answered", index, None
    if index < len(element.definition.answers):
        return "answered", index, element.definition.answers[index]
    return "unknown_label", None, None
