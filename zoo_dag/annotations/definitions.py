"""Task definitions for annotations: type, label, revision and options, from the table `tasks`."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import polars as pl

from zoo_dag.exports.tasks import numbered


class TaskOption(NamedTuple):
    """An option of a task, from a row of `tasks`; `path` is its place, such as tools.1.details.0."""

    kind: str
    path: str
    position: int
    id: str | None
    label: str | None


@dataclass(frozen=True, eq=False)
class TaskDefinition:
    """A task of a workflow version. Compared by identity, as the key of caches: comparing options is slow."""

    task: str
    task_type: str | None
    label: str | None = None
    revision: str | None = None
    options: tuple[TaskOption, ...] = ()

    @cached_property
    def by_path(self) -> Mapping[str, TaskOption]:
        """Options by their place."""
        return {option.path: option for option in self.options}

    @cached_property
    def answers(self) -> tuple[str | None, ...]:
        """Labels of the answers of a question, in order."""
        return tuple(option.label for option in self.options if option.kind == "answer")

    @cached_property
    def has_answer_without_text(self) -> bool:
        """Whether the label of an answer is empty in the definition; the server then exports an empty text."""
        return any(label == numbered("answer", index) for index, label in enumerate(self.answers))

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        found: dict[str, set[int]] = defaultdict(set)
        for index, label in enumerate(self.answers):
            if label is not None:
                # The server exports a label that is its own key as it is.
                for exported in (label, f"{self.task}.answers.{index}.label"):
                    found[exported].add(index)
                if label == numbered("answer", index):
                    found[""].add(index)
        return {label: next(iter(indices)) for label, indices in found.items() if len(indices) == 1}

    def index_of(self, label: str) -> int | None:
        """Position of an answer by its exported label; null where no answer, or more than one, has this label."""
        return self._positions.get(label)


@dataclass(frozen=True)
class Definitions:
    """The tasks of the version that labelled the annotations, and how this version was matched."""

    match: str = "none"
    tasks: Mapping[str, TaskDefinition] = field(default_factory=dict)
    # Task types by task, learned from the answers where there is no definition.
    learned: Mapping[str, str] = field(default_factory=dict)
    # Whether questions have their label after the answer, as texts have, so that it shows no task type.
    labels_last: bool = False

    def of(self, task: str) -> TaskDefinition | None:
        """The definition of a task.

        Custom front ends name a task by its type, such as `survey`: it is the only task of that type.
        """
        return self.tasks.get(task) or self._only.get(task)

    @cached_property
    def _only(self) -> Mapping[str, TaskDefinition]:
        times = Counter(definition.task_type for definition in self.tasks.values())
        # The children of a combo have their tasks.
        return {
            definition.task_type: definition
            for definition in self.tasks.values()
            if definition.task_type and definition.task_type != "combo" and times[definition.task_type] == 1
        }

    @property
    def complete(self) -> bool:
        """Whether the version has no other tasks than these."""
        return self.match == "exact" and bool(self.tasks)


def read_definitions(tasks: pl.DataFrame) -> Definitions:
    """The definitions in the table `tasks` of one workflow version."""
    if tasks.is_empty():
        return Definitions()
    definitions = {}
    for (task,), rows in tasks.filter(pl.col("task").is_not_null()).group_by("task", maintain_order=True):
        head = rows.row(0, named=True)
        options = rows.filter(pl.col("option_kind").is_not_null()).select(
            "option_kind", "option_path", "option_index", "option_id", "option_label"
        )
        definitions[str(task)] = TaskDefinition(
            str(task),
            head["task_type"],
            head["task_label"],
            head["task_revision"],
            tuple(TaskOption(*row) for row in options.iter_rows()),
        )
    return Definitions(tasks["version_match"][0], definitions)
