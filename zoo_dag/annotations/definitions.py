"""Task definitions for annotations: type, label, revision and options, from the table `tasks`."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.exports.task_options import numbered

# What the server exports in place of the label that a tool does not have: its key.
TOOL_WITHOUT_LABEL = re.compile(r"\.tools\.[0-9]+\.label$")


class TaskOption(NamedTuple):
    """An option of a task, from a row of `tasks`; `path` is its place, such as tools.1.details.0.

    `text` is what exports of classifications call it, where that is not its `label`.
    """

    kind: str
    path: str
    position: int
    id: str | None
    label: str | None
    next: str | None = None
    text: str | None = None

    @property
    def exported(self) -> str | None:
        """The label of the option in exports of classifications."""
        return self.label if self.text is None else self.text


@dataclass(frozen=True, eq=False)
class TaskDefinition:
    """A task of a workflow version. Compared by identity, as the key of caches: comparing options is slow.

    `is_own` says whether it is of the version of the classifications. Where it is of another version, what the
    server wrote into their rows is right.
    """

    task: str
    task_type: str | None
    label: str | None = None
    revision: str | None = None
    options: tuple[TaskOption, ...] = ()
    is_own: bool = True
    next: str | None = None
    shortcut: str | None = None

    @cached_property
    def following(self) -> tuple[str | None, ...]:
        """The task that each answer leads to, in order."""
        return tuple(option.next for option in self.options if option.kind == "answer")

    @property
    def branches(self) -> bool:
        """Whether the next task depends on the answer."""
        return self.task_type == "single" and any(self.following)

    @cached_property
    def leads_to(self) -> frozenset[str]:
        """The tasks that may come next."""
        return frozenset(task for task in (self.next, *self.following) if task)

    @cached_property
    def by_path(self) -> Mapping[str, TaskOption]:
        """Options by their place."""
        return {option.path: option for option in self.options}

    @cached_property
    def answers(self) -> tuple[str | None, ...]:
        """Labels of the answers of a question, in order."""
        return tuple(option.label for option in self.options if option.kind == "answer")

    @cached_property
    def exported_answers(self) -> tuple[str | None, ...]:
        """The same labels as exports of classifications have them, with their Markdown pictures."""
        return tuple(option.exported for option in self.options if option.kind == "answer")

    @cached_property
    def has_answer_without_text(self) -> bool:
        """Whether the label of an answer is empty in the definition; the server then exports an empty text."""
        return any(label == numbered("answer", index) for index, label in enumerate(self.answers))

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        found: dict[str, set[int]] = defaultdict(set)
        for index, label in enumerate(self.exported_answers):
            if label is not None:
                # The server exports a label that is its own key as it is.
                for exported in (label, f"{self.task}.answers.{index}.label"):
                    found[exported].add(index)
                if label == numbered("answer", index):
                    found[""].add(index)
        return {label: next(iter(indices)) for label, indices in found.items() if len(indices) == 1}

    @cached_property
    def _tools(self) -> Mapping[str | None, int]:
        labels = Counter(option.exported for option in self.options if option.kind == "tool")
        return {
            option.exported: option.position
            for option in self.options
            if option.kind == "tool" and labels[option.exported] == 1
        }

    def tool_of(self, position: Any, label: Any) -> Any:
        """The position in the definition of a tool with an exported position and label; null where it has none."""
        if self.is_own or not isinstance(label, str) or TOOL_WITHOUT_LABEL.search(label):
            return position
        return self._tools.get(label)

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
    first_task: str | None = None
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

    @cached_property
    def has_branches(self) -> bool:
        """Whether the path of a volunteer is known, and differs with the answers."""
        known = self.complete and self.first_task in self.tasks and self._targets <= self.tasks.keys()
        return known and bool(self.branching)

    @cached_property
    def branching(self) -> frozenset[str]:
        """The tasks whose answer decides on the next one."""
        return frozenset(task for task, definition in self.tasks.items() if definition.branches)

    @cached_property
    def _targets(self) -> frozenset[str]:
        return frozenset().union(*(definition.leads_to for definition in self.tasks.values()))

    @cached_property
    def _combos(self) -> Mapping[str, tuple[str, ...]]:
        combos: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for definition in self.tasks.values():
            for option in definition.options if definition.task_type == "combo" else ():
                if option.kind == "task" and option.id:
                    combos[option.id] += (definition.task,)
        return combos

    def combos_of(self, task: str) -> tuple[str, ...]:
        """The combos that a task is a child of."""
        return self._combos.get(task, ())

    def led_to(self, task: str) -> frozenset[str]:
        """Of a task and its combos those that another task leads to: by them a volunteer gets to it."""
        return self._targets & {task, *self.combos_of(task)}

    @property
    def complete(self) -> bool:
        """Whether the version has no other tasks than these."""
        return self.match == "exact" and bool(self.tasks)


def _option(row: Mapping[str, Any]) -> TaskOption:
    label, text = row["option_label"], row["option_text"]
    return TaskOption(
        row["option_kind"],
        row["option_path"],
        row["option_index"],
        row["option_id"],
        label,
        row["option_next"],
        text if None not in (text, label) and text != label else None,
    )


def read_definitions(tasks: pl.DataFrame) -> Definitions:
    """The definitions in the table `tasks` of one workflow version."""
    if tasks.is_empty():
        return Definitions()
    match = tasks["version_match"][0]
    definitions = {}
    by_task: dict[str, list[dict[str, Any]]] = {}
    for row in tasks.iter_rows(named=True):
        if row["task"] is not None:
            by_task.setdefault(row["task"], []).append(row)
    for task, rows in by_task.items():
        head = rows[0]
        definitions[task] = TaskDefinition(
            task,
            head["task_type"],
            head["task_label"],
            head["task_revision"],
            tuple(_option(row) for row in rows if row["option_kind"] is not None),
            is_own=match == "exact",
            next=head["next"],
            shortcut=head["shortcut"],
        )
    return Definitions(match, definitions, first_task=tasks["first_task"][0])
