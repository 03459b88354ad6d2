"""The task types and the modules that flatten them. A new task type is one module, and one line here."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import polars as pl

from zoo_dag.annotations.elements import Element
from zoo_dag.task_types.drawings import flatten as drawings
from zoo_dag.task_types.dropdowns import flatten as dropdowns
from zoo_dag.task_types.highlights import flatten as highlights
from zoo_dag.task_types.others import flatten as others
from zoo_dag.task_types.questions import flatten as questions
from zoo_dag.task_types.sliders import flatten as sliders
from zoo_dag.task_types.surveys import flatten as surveys
from zoo_dag.task_types.texts import flatten as texts


class TaskModule(Protocol):
    """A module that flattens some task types.

    `flatten` gives, for an element, rows of `status` followed by the table's own columns in their order.
    """

    @property
    def TABLE(self) -> str:  # noqa: N802
        """The table that the rows go to."""

    @property
    def TASK_TYPES(self) -> tuple[str, ...]:  # noqa: N802
        """The task types that the module flattens."""

    @property
    def flatten(self) -> Callable[[Element], Iterable[tuple[Any, ...]]]:
        """Gives the rows of an element; at least one."""


class RowReader(Protocol):
    """Makes columns of rows that are too many, or too large, to be kept until all are there."""

    def read(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Read some rows."""

    def frame(self) -> pl.DataFrame:
        """`status` and the table's own columns of all rows read."""


MODULES: tuple[TaskModule, ...] = (
    questions,
    dropdowns,
    surveys,
    drawings,
    texts,
    sliders,
    highlights,
)
FALLBACK: TaskModule = others
# Tables whose module makes columns of its rows itself, since there are so many of them.
FRAMES: dict[str, Callable[[Sequence[tuple[Any, ...]]], pl.DataFrame]] = {
    surveys.TABLE: surveys.frame,
}
# Tables whose rows are read some at a time.
READERS: dict[str, Callable[[], RowReader]] = {drawings.TABLE: drawings.MarkReader}
_BY_TYPE = {task_type: module for module in MODULES for task_type in module.TASK_TYPES}


def module_for(element: Element) -> TaskModule:
    """The module that flattens an element; answers about a mark are no questions of their own."""
    return FALLBACK if element.is_sub_task else _BY_TYPE.get(element.task_type, FALLBACK)
