"""The task types and the modules that flatten them. A new task type is one module, and one line here."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from zoo_dag.annotations import others, questions
from zoo_dag.annotations.elements import Element


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
    def flatten(self) -> Callable[[Element], Iterator[tuple[Any, ...]]]:
        """Gives the rows of an element; at least one."""


MODULES: tuple[TaskModule, ...] = (questions,)
FALLBACK: TaskModule = others
_BY_TYPE = {task_type: module for module in MODULES for task_type in module.TASK_TYPES}


def module_for(element: Element) -> TaskModule:
    """The module that flattens an element; answers about a mark are no questions of their own."""
    return FALLBACK if element.is_sub_task else _BY_TYPE.get(element.task_type, FALLBACK)
