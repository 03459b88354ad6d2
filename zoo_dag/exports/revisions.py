"""Task revisions: consecutive versions in which a task means the same, so that its votes may be pooled."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from zoo_dag.exports.question_texts import ASKING, asks_the_same
from zoo_dag.settings.results import Pooling
from zoo_dag.tables.versions import VersionKey

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
    """The type of a task, its options in order, and its text: the question or instruction."""

    task_type: str | None
    options: tuple[Option, ...]
    text: str | None = None


class Revision(NamedTuple):
    """The revision of a task in a version.

    `origins` has for each option, in order, its place among the options of the revision's first version. Options
    of two versions with the same origin are the same option, also under another label or at another position.
    """

    name: str
    origins: tuple[int, ...]


def revisions(
    versions: Iterable[tuple[VersionKey, Mapping[str, TaskStructure]]], overruled: Pooling | None = None
) -> dict[tuple[VersionKey, str], Revision]:
    """The revision of every task in every version of one workflow; `versions` are in order.

    A task continues its revision while it asks the same, and its options can be matched with those of the previous
    version that has the task, or as the settings say. The name of a revision is `<task>@<first version>`.
    """
    overruled = overruled or Pooling()
    current: dict[str, tuple[Revision, TaskStructure]] = {}
    named = {}
    for version, tasks in versions:
        for task, structure in tasks.items():
            place = f"{version.workflow_id} {task}@{version.version}"
            revision = Revision(f"{task}@{version.version}", tuple(range(len(structure.options))))
            if task in current and place not in overruled.new:
                before, old = current[task]
                matched = match_options(old, structure)
                if matched is None and place in overruled.same:
                    matched = _by_place(old, structure)
                if matched is not None:
                    revision = _continued(before, matched)
            # A text that is missing for a while is compared with the last known one.
            text = structure.text or (current[task][1].text if task in current else None)
            current[task] = (revision, structure._replace(text=text))
            named[version, task] = revision
    return named


def _continued(before: Revision, matched: Sequence[int | None]) -> Revision:
    # A setting may join versions of which the later one has more options: these get new places at the end.
    behind = max(before.origins, default=-1) + 1
    origins = []
    for place in matched:
        origins.append(behind if place is None else before.origins[place])
        behind += place is None
    return Revision(before.name, tuple(origins))


def match_options(before: TaskStructure, after: TaskStructure) -> list[int | None] | None:
    """For each option of `after` the place of the same option in `before`; None where the task is another one.

    Options match by equal label in any order, else position by position where labels are equal after normalising
    case, white space, punctuation and Markdown. Questions, texts and sliders have to ask the same as well
    (docs/consensus.md, Task revisions).
    """
    if before.task_type != after.task_type or len(before.options) != len(after.options):
        return None
    if after.task_type in ASKING and not asks_the_same(before.text, after.text):
        return None
    old_labels, new_labels = label_paths(before.options), label_paths(after.options)
    if Counter(old_labels) == Counter(new_labels):
        places: dict[tuple[tuple[str, str | None], ...], list[int]] = defaultdict(list)
        for place, labels in enumerate(old_labels):
            places[labels].append(place)
        # Options of equal label keep their order.
        return [places[labels].pop(0) for labels in new_labels]
    pairs = zip(before.options, after.options, strict=True)
    if all(
        one.kind == other.kind and one.path == other.path and normalised(one.label) == normalised(other.label)
        for one, other in pairs
    ):
        return list(range(len(after.options)))
    return None


def _by_place(before: TaskStructure, after: TaskStructure) -> list[int | None]:
    places = {option.path: place for place, option in enumerate(before.options)}
    return [places.get(option.path) for option in after.options]


def label_paths(options: Sequence[Option]) -> list[tuple[tuple[str, str | None], ...]]:
    """For each option its label after those of the options that contain it, such as tool, sub-task, answer."""
    by_path = {option.path: option for option in options}
    paths = []
    for option in options:
        parts = option.path.split(".")
        places = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        holders = (by_path[place] for place in places if place in by_path)
        paths.append(tuple((holder.kind, holder.label) for holder in holders))
    return paths


def normalised(label: str | None) -> str | None:
    """A label without case, white space, punctuation and Markdown."""
    if label is None:
        return None
    plain = _NOT_WORD.sub(" ", _LINK.sub(r"\1", label)).strip().casefold()
    # A label of symbols alone, such as an emoji, is compared as it is.
    return plain or label
