"""The task types of the demo: how each is configured and how its answers are exported.

What a volunteer answers is kept as the front ends send it (indices of answers); `exported` turns it into what the
export shows, as the server does. A new task type is a subclass of `Task`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmarks.demo.export_form import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(ABC):
    """What all task types have in common."""

    task_type: ClassVar[str]

    key: str
    """The key of the task in its workflow, such as `T0`."""

    @abstractmethod
    def definition(self) -> Json:
        """The entry in the `tasks` column: texts are replaced by keys of `strings`."""

    @abstractmethod
    def strings(self) -> Json:
        """The task's texts for the `strings` column."""

    @abstractmethod
    def exported(self, value: Any, new_classifier: bool) -> Iterator[Json]:
        """The elements that an answer adds to the `annotations` column."""

    def parts(self, value: Any) -> Iterator[tuple["Task", Any]]:
        """This task with its answer; those inside, where it has several."""
        yield self, value

    def n_rows(self, value: Any) -> int:
        """How many rows of a flattened table an answer becomes."""
        return max(1, len(value)) if isinstance(value, list | tuple) else 1

    def n_blank(self, value: Any) -> int:
        """How many of these rows are blank."""
        return int(value is None or (isinstance(value, str | list | tuple) and not value))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTask(Task):
    """What tasks with a list of answers have in common."""

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

    def strings(self) -> Json:
        """The task's texts; this project has written no help."""
        texts: Json = {f"{self.key}.answers.{index}.label": label for index, label in enumerate(self.answers)}
        if self.question is not None:
            texts |= {f"{self.key}.help": None, f"{self.key}.question": self.question}
        return texts

    def exported(self, value: Any, new_classifier: bool) -> Iterator[Json]:
        """One element with the labels of the answers, in the key order of the server."""
        yield {"task": self.key, "task_label": self.question, "value": self.labels(value)}

    @abstractmethod
    def labels(self, value: Any) -> str | list[str] | None:
        """What stands for an answer in the export."""


class SingleTask(QuestionTask):
    """A question with one answer: its index, or None where it was left blank."""

    __slots__ = ()
    task_type = "single"

    def labels(self, value: int | None) -> str | None:
        """The label of the answer."""
        return None if value is None else self.answers[value]


class MultipleTask(QuestionTask):
    """A question with any number of answers: their indices in the order of ticking."""

    __slots__ = ()
    task_type = "multiple"

    def labels(self, value: Sequence[int]) -> list[str]:
        """The labels of the answers."""
        return [self.answers[index] for index in value]


class ShortcutTask(MultipleTask):
    """A button that ends the classification at once; only the old classifier shows it."""

    __slots__ = ()
    task_type = "shortcut"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComboTask(Task):
    """Several tasks on one page; the answer is that of every child, by key."""

    task_type = "combo"

    children: tuple[Task, ...]

    def definition(self) -> Json:
        """The entry in the `tasks` column; the children have their own entries."""
        return {
            "type": self.task_type,
            "tasks": [child.key for child in self.children],
            "loosen_requirements": True,
        }

    def strings(self) -> Json:
        """None: a combo has no texts besides those of its children."""
        return {}

    def exported(self, value: Mapping[str, Any], new_classifier: bool) -> Iterator[Json]:
        """One nested element; the new classifier knows no combos and sends the children."""
        elements = [
            element for child, answer in self.parts(value) for element in child.exported(answer, new_classifier)
        ]
        if new_classifier:
            yield from elements
        else:
            yield {"task": self.key, "task_label": None, "value": elements}

    def parts(self, value: Mapping[str, Any]) -> Iterator[tuple[Task, Any]]:
        """The children with their answers."""
        for child in self.children:
            yield child, value[child.key]
