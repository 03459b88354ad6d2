"""Task types learned from the answers, for a version without a definition.

Without a workflows export `"value": []` may be a question or a drawing left blank, and `"value": "Yes"` an answer
or a text. The denominators need to know which, and other classifications of the version show it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import polars as pl

from zoo_dag.annotations.element_types import UNKNOWN, type_by_order
from zoo_dag.annotations.elements import Element, Merged, Rejected
from zoo_dag.annotations.values import as_index, as_number, is_blank

# Until then the server wrote the label of a question after its answer (docs/exports.md, Annotations).
_LABELS_LAST_UNTIL = datetime(2016, 10, 1, tzinfo=UTC)
_LABEL_FIRST = r'"task_label":\s*(?:null|"(?:[^"\\]|\\.)*"),\s*"value":'
# Fewer texts than these do not show whether they repeat.
_ENOUGH_TEXTS = 10


def labels_are_last(classifications: pl.LazyFrame) -> bool:
    """Whether the export is so old that the label of a question stands after its answer, as that of a text does.

    Takes `created_at` and `annotations`. So it is where all classifications are from before October 2016, and none
    has a label before an answer: later exports of these classifications do.
    """
    newest = classifications.select(pl.col("created_at").max()).collect().item()
    if newest is None or newest >= _LABELS_LAST_UNTIL:
        return False
    return not classifications.select(pl.col("annotations").str.contains(_LABEL_FIRST).any()).collect().item()


class TypeLearner:
    """Counts the task types of elements, to learn those of the tasks."""

    def __init__(self, *, labels_last: bool = False) -> None:
        """Nothing is known yet; `labels_last` says where the labels of questions are (`labels_are_last`)."""
        self._labels_last = labels_last
        self._types: dict[str, Counter[str]] = defaultdict(Counter)
        self._unclear: dict[str, _Values] = defaultdict(_Values)

    def count(self, elements: Iterable[Element | Rejected | Merged], times: int) -> bool:
        """Count the elements of an annotation that occurs `times` times. Returns whether all types are known."""
        known = True
        for element in elements:
            if isinstance(element, Element):
                if element.task_type == UNKNOWN:
                    known = False
                    order = type_by_order(element.body, self._labels_last)
                    self._unclear[element.task].add(element.value, order, times)
                # A combo that was filled in has its children as elements; a blank combo is not a question itself.
                elif element.task_type != "combo":
                    self._types[element.task][element.task_type] += times
        return known

    def commonest(self) -> dict[str, str]:
        """The most common type of each task, else the type that its values suggest.

        Equal counts are decided by name, not by the order of the rows.
        """
        suggested = {task: values.task_type() for task, values in self._unclear.items()}
        commonest = {task: max(sorted(counts), key=counts.__getitem__) for task, counts in self._types.items()}
        return {task: kind for task, kind in suggested.items() if kind} | commonest


class _Values:
    """The values of a task of which no element shows the type (docs/exports.md, Annotations)."""

    def __init__(self) -> None:
        self._n: Counter[str] = Counter()
        self._texts: set[int] = set()
        self._orders: Counter[str] = Counter()

    def add(self, value: Any, order: str | None, times: int) -> None:
        """Add a value that occurs `times` times, and the type that the order of its keys shows."""
        if is_blank(value):
            self._orders.update({order: times} if order else {})
            return
        if isinstance(value, str):
            self._n["texts"] += times
            self._texts.add(hash(value))
            self._add_number(as_number(value), times, "numeric texts", "fractional texts")
        else:
            self._add_number(as_number(value), times, "numbers", "fractions")

    def _add_number(self, number: float | None, times: int, kind: str, no_position: str) -> None:
        self._n[kind] += times if number is not None else 0
        self._n[no_position] += times if number is not None and as_index(number) is None else 0

    def task_type(self) -> str | None:
        """The type that the values suggest, if any.

        A slider has fractions, or both numbers and texts of numbers: its default is a text. Answers repeat; texts
        do not. Numbers alone may be positions of answers as well as values of a slider.
        """
        n = self._n
        only_numbers = n["texts"] == n["numeric texts"]
        if n["fractions"] or (only_numbers and (n["fractional texts"] or (n["texts"] and n["numbers"]))):
            return "slider"
        if not n["texts"]:
            # Nobody answered the task, or only by numbers.
            return (
                max(sorted(self._orders), key=self._orders.__getitem__)
                if self._orders and not n["numbers"]
                else None
            )
        different = len(self._texts) * 2 > n["texts"] >= _ENOUGH_TEXTS
        return "text" if different and not n["numbers"] else "single"
