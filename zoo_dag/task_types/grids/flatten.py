"""Grids (docs/exports.md, Grids of subjects): each subject that was shown is asked yes or no."""

from collections.abc import Collection, Iterator
from typing import Any

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, as_subject, json_text

SELECTED, NOT_SELECTED = "selected", "not selected"
# The task types of sub-tasks whose answers have a table with one row for each subject.
SUB_TASKS = frozenset({"single", "multiple", "text", "dropdown-simple"})


def cells(element: Element, shown: Collection[int]) -> Iterator[tuple[int | None, tuple[Any, ...]]]:
    """Rows of `status, answer_index, answer, n_selected`, each with the subject that it is about.

    Every subject shown has one: `selected` (position 1) or `not selected` (0); `[]` says that nothing stands out,
    null is blank. A cell without a position is malformed, and so is, in a row without a subject, one of a subject
    that was not shown.
    """
    value = element.value
    if value is None or not isinstance(value, list):
        row = ("blank", None, None, 0) if value is None else ("malformed", None, json_text(value), 0)
        yield from ((subject, row) for subject in sorted(shown))
        return
    found: dict[int, Any] = {}
    strays = []
    for cell in value:
        subject = as_subject(cell.get("subject")) if isinstance(cell, dict) else None
        if subject in shown and subject is not None:
            found[subject] = cell
        else:
            strays.append(cell)
    n = len(found)
    for subject in sorted(shown):
        if subject not in found:
            yield subject, ("answered", 0, NOT_SELECTED, n)
        elif as_index(found[subject].get("index")) is None:
            yield subject, ("malformed", None, json_text(found[subject]), n)
        else:
            yield subject, ("answered", 1, SELECTED, n)
    yield from ((None, ("malformed", None, json_text(cell), n)) for cell in strays)
