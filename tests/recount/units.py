"""Subjects and tasks, and what each classification said about them: what votes are counted over."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.recount.classifications import Record, faults, in_time
from tests.recount.definitions import Workflows
from tests.recount.wording import asked, same_question

Name = Callable[[Record], dict[str, Any]]
TaskOfVersion = tuple[int, str, str]
# What the keys of people with an account begin with.
ACCOUNTS = ("user:", "name:")


@dataclass
class Unit:
    """A subject and a task: its key columns, and the rows of each classification that counts, by element."""

    columns: dict[str, Any]
    elements: dict[int, dict[int, list[Record]]] = field(default_factory=dict)
    n_seen: int = 0

    @property
    def rows(self) -> list[Record]:
        return [row for said in self.elements.values() for element in said.values() for row in element]

    def denominators(self) -> dict[str, int | float]:
        """Classifications that reached the task, which share that is, their answers and their volunteers."""
        blank = [all(row["status"] == "blank" for rows in said.values() for row in rows) for said in self.said()]
        volunteers = {row["user_key"] for row in self.rows}
        late = {row["classification_id"] for row in self.rows if row["after_retirement"]}
        anonymous = {row["classification_id"] for row in self.rows if not row["user_key"].startswith(ACCOUNTS)}
        return {
            "n_classifications": len(blank),
            "n_seen": self.n_seen,
            "asked": len(blank) / self.n_seen,
            "n_blank": sum(blank),
            "n_volunteers": len(volunteers),
            "n_anonymous": len(anonymous),
            "n_after_retirement": len(late),
        }

    def said(self) -> Iterable[dict[int, list[Record]]]:
        return self.elements.values()

    def chosen(self) -> list[list[Record]]:
        """One element of each classification: the last that is answered, else the last."""
        found = []
        for said in self.said():
            elements = [said[index] for index in sorted(said)]
            answered = [rows for rows in elements if any(row["status"] == "answered" for row in rows)]
            found.append((answered or elements)[-1])
        return found

    def together(self) -> list[list[Record]]:
        """All elements of each classification."""
        return [[row for index in sorted(said) for row in said[index]] for said in self.said()]


def units(rows: Iterable[Record], name: Name) -> list[Unit]:
    """Rows that count, by subject and by the key columns that `name` gives them."""
    found: dict[tuple[Any, ...], Unit] = {}
    for row in rows:
        subject = {key: row[key] for key in ("subject_id", "subject_ids")}
        columns = {"workflow_id": row["workflow_id"], "task": row["task"]} | name(row) | subject
        unit = found.setdefault(tuple(columns.values()), Unit(columns))
        elements = unit.elements.setdefault(row["classification_id"], {})
        elements.setdefault(row["annotation_index"], []).append(row)
    return list(found.values())


def of_versions(rows: Sequence[Record], parents: Mapping[TaskOfVersion, set[str | None]]) -> list[Unit]:
    """The units of each version by itself."""

    def name(row: Record) -> dict[str, Any]:
        apart = len(parents[task_of(row)]) > 1
        shared = {key: row[key] for key in ("workflow_version", "task_revision", "task_label")}
        return {"parent_task": row["parent_task"] if apart else None} | shared

    return units((row for row in rows if row["excluded"] is None), name)


def pooled(
    rows: Sequence[Record],
    records: Sequence[Record],
    workflows: Workflows,
    parents: Mapping[TaskOfVersion, set[str | None]],
) -> list[Unit]:
    """The units of all versions of a workflow together, in which who counts is decided again."""
    excluded: dict[int, str] = {}
    for workflow in {record["workflow_id"] for record in records}:
        within = [record for record in records if record["workflow_id"] == workflow]
        excluded |= faults(within, workflows)
    apart = {(workflow, task) for (workflow, _, task), found in parents.items() if len(found) > 1}
    revisions = revisions_of(rows)

    def name(row: Record) -> dict[str, Any]:
        several = (row["workflow_id"], row["task"]) in apart
        revision, label = revisions[task_of(row)]
        return {
            "parent_task": row["parent_task"] if several else None,
            "task_revision": revision,
            "task_label": label,
        }

    rest = [row for row in rows if row["classification_id"] not in excluded]
    first: dict[tuple[Any, ...], int] = {}
    for row in sorted(rest, key=in_time):
        first.setdefault(repeated(row, revisions), row["classification_id"])
    found = units((row for row in rest if first[repeated(row, revisions)] == row["classification_id"]), name)
    for unit in found:
        unit.columns["versions"] = sorted({row["workflow_version"] for row in unit.rows}, key=numbers)
    return found


def repeated(row: Record, revisions: Mapping[TaskOfVersion, tuple[str, str | None]]) -> tuple[Any, ...]:
    """What a volunteer answers once: a revision of a task about a subject."""
    return row["workflow_id"], revisions[task_of(row)][0], row["subject_ids"], row["user_key"]


def parents_of(
    flattened: Mapping[str, Sequence[Record]], workflows: Workflows
) -> dict[TaskOfVersion, set[str | None]]:
    """The combos that hold a task in a version; None where it stands by itself."""
    found: dict[TaskOfVersion, set[str | None]] = defaultdict(set)
    for rows in flattened.values():
        for row in rows:
            found[task_of(row)].add(row["parent_task"])
            definition, _ = workflows.find(row["workflow_id"], version_of(row))
            if definition and row["task"] in definition.tasks:
                found[task_of(row)] |= definition.parents(row["task"])
    return found


def revisions_of(rows: Sequence[Record]) -> dict[TaskOfVersion, tuple[str, str | None]]:
    """The revision of each task in each version, and the label of its newest version.

    Without a definition a revision is a run of versions with the same task type and question.
    """
    labels = ("tool_label", "choice_label", "select_label", "option_label")
    labelled = {(row["workflow_id"], row["task"]) for row in rows if any(row.get(label) for label in labels)}
    meanings: dict[tuple[int, str], dict[tuple[int, int], Counter[Any]]] = defaultdict(dict)
    for row in rows:
        meaning = row["task_revision"], row["task_type"], row["task_label"]
        versions = meanings[row["workflow_id"], row["task"]]
        versions.setdefault(version_of(row), Counter())[meaning] += 1
    found: dict[TaskOfVersion, str] = {}
    newest: dict[tuple[int, str], str | None] = {}
    for (workflow, task), versions in meanings.items():
        revision, before = "", None
        for version, counted in sorted(versions.items()):
            defined, task_type, label = counted.most_common(1)[0][0]
            words = asked(label, task_type, has_labels=(workflow, task) in labelled)
            if defined is not None:
                revision = defined
            elif before is None or before[0] != task_type or not same_question(before[1], words):
                revision = f"{task}@{version[0]}.{version[1]}"
            before = task_type, words
            found[workflow, f"{version[0]}.{version[1]}", task] = revision
            newest[workflow, revision] = label
    return {place: (revision, newest[place[0], revision]) for place, revision in found.items()}


def task_of(row: Record) -> TaskOfVersion:
    return row["workflow_id"], row["workflow_version"], row["task"]


def version_of(row: Record) -> tuple[int, int]:
    return numbers(row["workflow_version"])


def numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)
