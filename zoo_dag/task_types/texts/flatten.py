"""Texts: text and textFromSubject (docs/exports.md, Texts), one row per text."""

from typing import Any

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_text, is_blank


def flatten(element: Element) -> list[tuple[Any, ...]]:
    """One row of `status, text`: the text as written, a number as its shortest text, all else as JSON text."""
    value = element.value
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    status = "blank" if is_blank(value) else "answered" if is_text else "malformed"
    return [(status, None if value is None else as_text(value))]
