"""Elements of task types that have no table of their own: kept whole, as JSON text."""

from collections.abc import Iterator
from typing import Any

import orjson

from zoo_dag.annotations.elements import Element

TABLE = "other_annotations"
TASK_TYPES: tuple[str, ...] = ()

_ENVELOPE = frozenset({"task", "task_label", "task_type", "taskType", "value"})


def flatten(element: Element) -> Iterator[tuple[Any, ...]]:
    """One row of `status, value`.

    `value` is the element's value; where the element says more than its value, such as the mark that an answer
    belongs to, it is the whole element.
    """
    blank = element.value is None or element.value in ("", []) or element.task_type == "combo"
    more = element.body.keys() - _ENVELOPE
    yield "blank" if blank else "answered", orjson.dumps(element.body if more else element.value).decode()
