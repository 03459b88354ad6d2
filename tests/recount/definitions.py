"""What the workflows export says about the tasks of a version."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from tests.recount.exports import Row
from tests.recount.wording import asked, plain, same_question

Version = tuple[int, int]
PATH = re.compile(
    r"[^\s.]+\.(question|instruction|help|answers|tools|choices|questions|selects|characteristics|details)(\.|$)"
)


class Workflows:
    """The definitions of a workflows export."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.definitions: dict[int, dict[Version, Definition]] = {}
        self.tutorial_subjects: set[int] = set()
        for row in rows:
            version = int(str(row["version"])), int(row.get("minor_version") or 0)
            workflow = int(str(row["workflow_id"]))
            self.definitions.setdefault(workflow, {})[version] = Definition(row)
            if row.get("tutorial_subject_id"):
                self.tutorial_subjects.add(int(str(row["tutorial_subject_id"])))

    def find(self, workflow: int, version: Version) -> tuple["Definition | None", str]:
        """The definition that the server uses for labels, and how it fits: exact, fallback or none."""
        stored = self.definitions.get(workflow, {})
        if version in stored:
            return stored[version], "exact"
        later = [known for known in stored if known[0] >= version[0] and known[1] >= version[1]]
        if stored:
            return stored[min(later) if later else max(stored)], "fallback"
        return None, "none"

    def revision(self, workflow: int, version: Version, task: str) -> str | None:
        """The revision of a task in a version: `<task>@<first version>`."""
        definition, _ = self.find(workflow, version)
        if definition is None or task not in definition.tasks:
            return None
        first, before = version, None
        for known, other in sorted(self.definitions[workflow].items()):
            if task in other.tasks:
                meaning = other.meaning(task)
                if before is None or not same(before, meaning):
                    first = known
                before = meaning
            if other is definition:
                break
        return f"{task}@{first[0]}.{first[1]}"


class Definition:
    """The tasks of one version."""

    def __init__(self, row: Row) -> None:
        self.tasks: dict[str, dict[str, Any]] = json.loads(row.get("tasks") or "{}")
        self.strings: dict[str, Any] = json.loads(row.get("strings") or "{}")
        self.first_task = row.get("first_task") or min(self.tasks, default="")
        for task in self.tasks.values():
            if task.get("type") == "flexibleSurvey":
                task["type"] = "survey"

    def text(self, key: Any, instead: str | None = None) -> str | None:
        """The text behind a key; a key that is no path is the text itself, as very old rows have it."""
        found = self.strings.get(key, key)
        if not isinstance(found, str) or not found.strip() or PATH.match(found):
            return instead
        return found

    def label(self, task: str) -> str | None:
        definition = self.tasks[task]
        return self.text(definition.get("question") or definition.get("instruction"))

    def answers(self, task: dict[str, Any]) -> list[str | None]:
        """The labels of the answers of a question, also of one about a mark."""
        answers = enumerate(task.get("answers") or [])
        return [self.text(answer.get("label"), f"answer {place + 1}") for place, answer in answers]

    def task_called(self, name: str) -> str:
        """The key of a task; a front end may name the only task of a type by its type."""
        of_type = [task for task, definition in self.tasks.items() if definition.get("type") == name]
        return of_type[0] if name not in self.tasks and len(of_type) == 1 else name

    def order(self, task: str, *path: str) -> list[str]:
        """Ids of the choices of a survey, or of its questions and their answers, in the order of the workflow."""
        part = self.tasks.get(task, {})
        for name in path[:-1]:
            part = part.get(name) or {}
        return part.get(f"{path[-1]}Order") or list(part.get(path[-1]) or {})

    def type_of(self, task: str) -> str | None:
        return self.tasks.get(task, {}).get("type")

    def parents(self, task: str) -> set[str | None]:
        """The combos that have a task; None where it stands by itself."""
        combos = {key for key, combo in self.tasks.items() if task in (combo.get("tasks") or [])}
        return combos | ({None} if task in self.standing else set())

    @cached_property
    def standing(self) -> set[str]:
        """Tasks that are reached by themselves: from the first one along `next`, or that no combo has."""
        in_combos = {child for combo in self.tasks.values() for child in combo.get("tasks") or []}
        reached = {next_ for task in self.tasks.values() for next_ in nexts(task)}
        return {task for task in self.tasks if task not in in_combos or task in reached}

    def meaning(self, task: str) -> tuple[Any, ...]:
        """What makes a task the same in another version: type, question, labels of its options."""
        definition = self.tasks[task]
        scale = (
            [str(definition.get(name)) for name in ("min", "max")] if definition.get("type") == "slider" else []
        )
        return (
            definition.get("type"),
            asked(self.label(task), definition.get("type")),
            scale,
            list(self.labels(definition)),
        )

    def labels(self, part: Any) -> Iterator[str]:
        """The labels of all options in a part of a definition."""
        if isinstance(part, dict):
            for name, value in part.items():
                if name == "label":
                    yield self.text(value) or ""
                elif name not in {"help", "confusions", "description"}:
                    yield from self.labels(value)
        elif isinstance(part, list):
            for value in part:
                yield from self.labels(value)


def nexts(task: dict[str, Any]) -> set[str]:
    return {place["next"] for place in (task, *(task.get("answers") or [])) if place.get("next")}


def same(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    """Whether a task means the same in two definitions: type, question, scale and options."""
    same_options = sorted(before[3]) == sorted(after[3]) or [*map(plain, before[3])] == [*map(plain, after[3])]
    return before[0] == after[0] and before[2] == after[2] and same_options and same_question(before[1], after[1])
