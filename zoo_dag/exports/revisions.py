"""Task revisions: runs of versions in which a task means the same, so that its votes may be pooled (DESIGN 3)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from zoo_dag.exports.versions import VersionKey

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_NOT_WORD = re.compile(r"[\W_]+")


class Option(NamedTuple):
    """An option of a task: an answer, a tool, a sub-task, a choice … `path` is its place in the definition."""

    kind: str
    path: str
    position: int
    id: str | None
    label: str | None
    next: str | None = None


class TaskStructure(NamedTuple):
    """What a task asks for: its type and its options, in order."""

    task_type: str
    options: tuple[Option, ...]


def revisions(
    versions: Iterable[tuple[VersionKey, Mapping[str, TaskStructure]]],
) -> dict[tuple[VersionKey, str], str]:
    """The revision of every task in every version of one workflow; `versions` come in their order.

    A task goes on with its revision while `same_task` holds from version to version, also over versions in
    which it is absent. A revision is called `<task>@<first version>`.
    """
    current: dict[str, tuple[str, TaskStructure]] = {}
    found = {}
    for version, tasks in versions:
        for task, structure in tasks.items():
            name, before = current.get(task, (None, None))
            if name is None or before is None or not same_task(before, structure):
                name = f"{task}@{version.version}"
            current[task] = (name, structure)
            found[version, task] = name
    return found


def same_task(before: TaskStructure, after: TaskStructure) -> bool:
    """Whether the options of two versions of a task can be matched one to one.

    By equal label in any order, else position by position where labels are equal after normalising case, white
    space, punctuation and Markdown.
    """
    if before.task_type != after.task_type or len(before.options) != len(after.options):
        return False
    if Counter(_label_paths(before)) == Counter(_label_paths(after)):
        return True
    return all(
        one.kind == other.kind and one.path == other.path and _normalise(one.label) == _normalise(other.label)
        for one, other in zip(before.options, after.options, strict=True)
    )


def _label_paths(task: TaskStructure) -> list[tuple[tuple[str, str | None], ...]]:
    """For each option its label behind those of the options that hold it, such as tool, sub-task, answer."""
    by_path = {option.path: option for option in task.options}
    return [
        tuple(
            (holder.kind, holder.label)
            for path, holder in by_path.items()
            if option.path == path or option.path.startswith(f"{path}.")
        )
        for option in task.options
    ]


def _normalise(label: str | None) -> str | None:
    if label is None:
        return None
    plain = _NOT_WORD.sub(" ", _LINK.sub(r"\1", label)).strip().casefold()
    # A label of symbols alone, such as an emoji, is all there is to compare.
    return plain or label
