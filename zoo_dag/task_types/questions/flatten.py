"""Questions: single, multiple and shortcut (docs/exports.md, Questions), one row per answer."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from zoo_dag.annotations.definitions import TaskDefinition
from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, json_text

# The exporter's text for an index that the definition does not have.
LOST_LABEL = "unknown answer label"
_TEXTS = frozenset({str})


def flatten(element: Element) -> Sequence[tuple[Any, ...]]:
    """Rows of `status, answer_index, answer, n_selected`; a blank answer is one row.

    A label gives its position where it is unique, a position gives its label. The value "unknown answer label"
    and a null inside a list are answers whose label was lost: `unknown_label`, never an option of that name.
    """
    value = element.value
    items = value if isinstance(value, list) else [] if value is None else [value]
    if _TEXTS.issuperset(map(type, items)):
        return _of_texts(element.definition, tuple(items))
    return _rows(element.definition, items)


# Few different answers, many elements.
@lru_cache(maxsize=1 << 12)
def _of_texts(definition: TaskDefinition | None, items: tuple[str, ...]) -> Sequence[tuple[Any, ...]]:
    return _rows(definition, items)


def _rows(definition: TaskDefinition | None, items: Sequence[Any]) -> list[tuple[Any, ...]]:
    if len(items) == 1 and items[0] == "" and not (definition and definition.has_answer_without_text):
        items = []
    answers = list(dict.fromkeys(_answer(definition, item) for item in items))
    return [(*answer, len(answers)) for answer in answers] or [("blank", None, None, 0)]


def _answer(definition: TaskDefinition | None, item: Any) -> tuple[str, int | None, str | None]:
    if isinstance(item, str) and item != LOST_LABEL:
        index = definition.index_of(item) if definition else None
        label = definition.answers[index] if definition and index is not None else None
        return "answered", index, item if label is None else label
    if item is None or item == LOST_LABEL:
        return "unknown_label", None, None
    position = as_index(item)
    return ("malformed", None, json_text(item)) if position is None else _answer_at(definition, position)


def _answer_at(definition: TaskDefinition | None, index: int) -> tuple[str, int | None, str | None]:
    """The answer at a position: children of combos and rows without a definition have no labels.

    A label that several answers share gives no position here either, so that all its votes are counted together.
    """
    if definition is None or not definition.answers:
        return "answered", index, None
    if index >= len(definition.answers):
        return "unknown_label", None, None
    label, exported = definition.answers[index], definition.exported_answers[index]
    return "answered", index if exported is None else definition.index_of(exported), label
