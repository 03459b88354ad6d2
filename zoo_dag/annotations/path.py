"""The path of a volunteer through the tasks of a workflow, and the answers that lie beside it.

Who goes back and chooses another answer takes another branch, and the classifier may keep the answers of the
branch that was left. The path is walked from the first task along the answers given. Everything that is not surely
beside it counts: tasks of a page, tasks that no other leads to, tasks where branches join, and all tasks where an
answer is missing on the way.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from zoo_dag.annotations.definitions import Definitions, TaskDefinition
from zoo_dag.annotations.elements import Element, Merged, Rejected
from zoo_dag.annotations.values import as_index


class _Given(NamedTuple):
    """What of an element decides on the path; the answer is a text or a position, null where none matters."""

    task: str
    parent_task: str | None
    definition: TaskDefinition | None
    answer: str | int | None


# The same without the definition, which the task has.
_Key = tuple[str, str | None, str | int | None]


class Paths:
    """The paths through the tasks of a workflow version; one that many volunteers take is walked once."""

    def __init__(self, definitions: Definitions) -> None:
        """Only the definition of the version itself is certain enough; by another one no task is left."""
        self._definitions = definitions
        self._left = lru_cache(maxsize=1 << 12)(self._find_left)

    def left_tasks(self, elements: Iterable[Element | Rejected | Merged]) -> frozenset[str]:
        """The tasks of an annotation that are on a branch which the volunteer left, by the key of the element."""
        if not self._definitions.has_branches:
            return frozenset()
        branching = self._definitions.branching
        # Plain tuples, because there are millions of them.
        given: list[_Key] = []
        for element in elements:
            if isinstance(element, Element):
                task, parent, answer = element.task, element.parent_task, None
                if task in branching or parent in branching:
                    answer = element.value if isinstance(element.value, str) else as_index(element.value)
                given.append((task, parent, answer))
        return self._left(tuple(given))

    def _find_left(self, elements: tuple[_Key, ...]) -> frozenset[str]:
        definitions = self._definitions
        given: dict[str, list[_Given]] = defaultdict(list)
        for task, parent, answer in elements:
            element = _Given(task, parent, definitions.of(task), answer)
            # A child of a combo stands for the combo as well: the second generation has no element for that.
            for each in {task, parent, *definitions.combos_of(task)} - {None}:
                given[str(each)].append(element)
        path = _walk(given, definitions)
        if path is None:
            return frozenset()
        left = (task for task in given if not definitions.led_to(task) & path)
        return frozenset(task for task in left if definitions.led_to(task))


def _walk(given: Mapping[str, list[_Given]], definitions: Definitions) -> set[str] | None:
    """The tasks that the answers lead to; null where one of them is missing or leads to no task."""
    path: set[str] = set()
    waiting = {definitions.first_task}
    while waiting:
        task = waiting.pop()
        definition = definitions.tasks.get(task or "")
        if definition is None:
            return None
        path.add(definition.task)
        following = _following(definition, given.get(definition.task, []))
        if following is None or definition.shortcut in given:
            return None
        waiting |= following - path
    return path


def _following(definition: TaskDefinition, elements: list[_Given]) -> set[str] | None:
    """The tasks that the answers to a task lead to; null where that is not known."""
    if not elements:
        return None
    following = {definition.next} if definition.next else set()
    if definition.task_type == "combo":
        children = [each for element in elements for each in [element.definition] if each]
        return following.union(*(child.leads_to for child in children))
    if not definition.branches:
        return following | definition.leads_to
    for element in elements:
        # Where the volunteer did the task again, each answer may be the last one.
        answer = _answer(definition, element.answer)
        if answer is None:
            return None
        following |= {answer} - {""}
    return following


def _answer(definition: TaskDefinition, value: object) -> str | None:
    """The task that the answer to a single question leads to, "" where it leads to none; null if it is unknown."""
    index = definition.index_of(value) if isinstance(value, str) else as_index(value)
    if index is None or index >= len(definition.following):
        return None
    return definition.following[index] or ""
