"""The task types of the demo: how each is configured and how its answers are exported.

A new task type is a class with the methods of `Task`. What a volunteer answers is kept
as the front ends send it (indices of answers); `exported` turns it into what the export
shows, as the server does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]


class Task(Protocol):
    """What every task type of the demo can do."""

    @property
    def key(self) -> str:
        """The key of the task in its workflow, such as `T0`."""
        ...

    @property
    def children(self) -> tuple["Task", ...]:
        """The tasks inside this one."""
        ...

    def definition(self) -> Json:
        """The entry in the `tasks` column: texts are replaced by keys of `strings`."""
        ...

    def strings(self) -> dict[str, str | None]:
        """The task's texts for the `strings` column."""
        ...

    def exported(self, value: Any, new_classifier: bool) -> Iterator[Json]:
        """The elements that an answer adds to the `annotations` column."""
        ...

    def blanks(self, value: Any) -> Iterator[str]:
        """The keys of the tasks that an answer leaves blank."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTask:
    """What tasks with a list of answers have in common."""

    task_type: ClassVar[str]
    children: ClassVar[tuple[Task, ...]] = ()

    key: str
    answers: tuple[str, ...]
    question: str | None = None
    """Shortcut tasks have none."""
    following: Mapping[int, str] = field(default_factory=dict)
    """For single questions: the next task, by index of the answer."""
    shortcut: str = ""
    """The key of the shortcut task that is offered on the same page."""

    def definition(self) -> Json:
        """The entry in the `tasks` column."""
        answers = [self._answer_definition(index) for index in range(len(self.answers))]
        entry: Json = {"type": self.task_type, "answers": answers, "question": None}
        if self.question is not None:
            entry |= {"help": f"{self.key}.help", "question": f"{self.key}.question", "required": False}
        if self.shortcut:
            entry["unlinkedTask"] = self.shortcut
        return entry

    def _answer_definition(self, index: int) -> Json:
        label = {"label": f"{self.key}.answers.{index}.label"}
        return label | {"next": self.following[index]} if index in self.following else label

    def strings(self) -> dict[str, str | None]:
        """The task's texts; this project has written no help."""
        texts: dict[str, str | None] = {
            f"{self.key}.answers.{index}.label": label for index, label in enumerate(self.answers)
        }
        if self.question is not None:
            texts |= {f"{self.key}.help": None, f"{self.key}.question": self.question}
        return texts

    def element(self, value: Any) -> Json:
        """One element, in the key order of the server."""
        return {"task": self.key, "task_label": self.question, "value": value}


class SingleTask(QuestionTask):
    """A question with one answer: its index, or None where it was left blank."""

    __slots__ = ()
    task_type = "single"

    def exported(self, value: int | None, new_classifier: bool) -> Iterator[Json]:
        """One element with the label of the answer."""
        yield self.element(None if value is None else self.answers[value])

    def blanks(self, value: int | None) -> Iterator[str]:
        """This task, where no answer was chosen."""
        if value is None:
            yield self.key


class MultipleTask(QuestionTask):
    """A question with any number of answers: their indices in the order of ticking."""

    __slots__ = ()
    task_type = "multiple"

    def exported(self, value: Sequence[int], new_classifier: bool) -> Iterator[Json]:
        """One element with the labels of the answers."""
        yield self.element([self.answers[index] for index in value])

    def blanks(self, value: Sequence[int]) -> Iterator[str]:
        """This task, where nothing was ticked."""
        if not value:
            yield self.key


class ShortcutTask(MultipleTask):
    """A button that ends the classification at once; only the old classifier shows it."""

    __slots__ = ()
    task_type = "shortcut"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComboTask:
    """Several tasks on one page; the answer is that of every child, by key."""

    key: str
    children: tuple[Task, ...]

    def definition(self) -> Json:
        """The entry in the `tasks` column; the children have their own entries."""
        return {"type": "combo", "tasks": [child.key for child in self.children], "loosen_requirements": True}

    def strings(self) -> dict[str, str | None]:
        """A combo has no text of its own."""
        return {}

    def exported(self, value: Mapping[str, Any], new_classifier: bool) -> Iterator[Json]:
        """One nested element; the new classifier knows no combos and sends the children."""
        elements = [
            element for child in self.children for element in child.exported(value[child.key], new_classifier)
        ]
        if new_classifier:
            yield from elements
        else:
            yield {"task": self.key, "task_label": None, "value": elements}

    def blanks(self, value: Mapping[str, Any]) -> Iterator[str]:
        """The children that were left blank."""
        for child in self.children:
            yield from child.blanks(value[child.key])
