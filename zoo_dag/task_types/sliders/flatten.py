"""Sliders (docs/exports.md, Sliders), one row per value; only the first generation of the classifier has them."""

from typing import Any

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_number, is_blank


def flatten(element: Element) -> list[tuple[Any, ...]]:
    """One row of `status, value, untouched`.

    The classifier stores the configured default as text, and a number as soon as the slider was moved: that
    alone distinguishes an untouched slider from one that was moved back to the default.
    """
    value = element.value
    number = as_number(value)
    if number is not None:
        return [("answered", number, isinstance(value, str))]
    return [("blank" if is_blank(value) else "malformed", None, None)]
