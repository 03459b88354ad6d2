"""Task definitions as rows: each task of a version with its options and their labels."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from zoo_dag.exports.grids import GRID
from zoo_dag.exports.revisions import Option, TaskStructure, revisions
from zoo_dag.exports.task_options import Text, label_of, list_in, objects_in, options_of, type_of
from zoo_dag.exports.workflows import Definition, find_definition
from zoo_dag.settings.results import Pooling
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey
from zoo_dag.wording.markdown import plain_labels

_TABLE = TABLES["tasks"]
_OF_DROPDOWN = re.compile(r"(?:^|\.)(?:selects|options)\.")


def task_tables(
    keys: Sequence[VersionKey], workflow_versions: pl.DataFrame, pooling: Pooling | None = None
) -> dict[VersionKey, pl.DataFrame]:
    """The table `tasks` of each version in `keys`, from `workflow_versions`.

    A version without a definition has no rows; a definition without tasks has one row whose task is null, for its
    `version_match`. Tasks are in the order of the workflow, options in the order shown to volunteers.
    """
    known: dict[int, _Workflow] = {}
    tables = {}
    for key in keys:
        if key.workflow_id not in known:
            known[key.workflow_id] = _Workflow(workflow_versions.filter(workflow_id=key.workflow_id), pooling)
        tables[key] = known[key.workflow_id].table(key)
    return tables


class _Workflow:
    """The stored versions of one workflow, with the revisions of its tasks."""

    def __init__(self, versions: pl.DataFrame, pooling: Pooling | None) -> None:
        self._versions = versions
        structures = []
        for workflow_id, major, minor in versions.select(
            "workflow_id", "version_major", "version_minor"
        ).iter_rows():
            version = VersionKey(workflow_id, major, minor or 0)
            structures.append((version, task_structures(find_definition(version, versions))))
        self._revisions = revisions(structures, pooling)

    def table(self, key: VersionKey) -> pl.DataFrame:
        definition = find_definition(key, self._versions)
        if definition.tasks is None:
            return _TABLE.empty()
        shared = {
            "workflow_id": key.workflow_id,
            "workflow_version": key.version,
            "version_match": definition.match,
            "tutorial_subject_id": definition.tutorial_subject_id,
            "first_task": definition.first_task,
        }
        # A definition without a minor version serves its entire major version, as minor 0.
        version = definition.version or VersionKey(key.workflow_id, key.major, 0)
        rows: list[dict[str, Any]] = []
        for task, structure in task_structures(definition).items():
            revision = self._revisions[version, task]
            head = {**shared, **_head(task, structure, definition), "task_revision": revision.name}
            plain = _plain_labels(structure.options)
            rows.extend(
                {**head, **_option_row(option, plain), "option_origin": origin}
                for option, origin in zip(structure.options, revision.origins, strict=True)
            )
            rows.extend([] if structure.options else [head])
        return pl.DataFrame(rows or [shared], schema=_TABLE.dtypes)


def task_structures(definition: Definition) -> dict[str, TaskStructure]:
    """The tasks of a definition, in the order of the workflow: from its first task along `next`."""
    text = Text(definition.strings or {})
    tasks = _tasks(definition)
    return {
        key: TaskStructure(type_of(tasks[key]), tuple(options_of(tasks[key], text)), label_of(tasks[key], text))
        for key in task_order(tasks, definition.first_task)
    }


def _tasks(definition: Definition) -> dict[str, dict[str, Any]]:
    """The tasks of a definition by key; what is asked about each selected cell of a grid is a task of its own."""
    tasks = {key: task for key, task in (definition.tasks or {}).items() if isinstance(task, dict)}
    about_cells = {
        f"{key}.subtask.{place}": detail
        for key, task in tasks.items()
        if type_of(task) == GRID
        for place, detail in enumerate(objects_in(task.get("details")))
    }
    return {**about_cells, **tasks}


def task_order(tasks: Mapping[str, Any], first_task: str | None) -> list[str]:
    """Task keys in the order in which a volunteer meets them; tasks that no task leads to come last, by number.

    The order of keys in the export, by length and bytes, has no meaning (docs/exports.md, JSON cells).
    """
    by_number = sorted(tasks, key=lambda key: (len(key), key))
    order: list[str] = []
    for start in [first_task, *by_number]:
        waiting = [start] if start is not None else []
        while waiting:
            key = waiting.pop(0)
            if key in order or key not in tasks:
                continue
            order.append(key)
            task = tasks[key]
            following = [answer.get("next") for answer in objects_in(task.get("answers"))]
            waiting.extend(
                follower
                for follower in [*list_in(task.get("tasks")), *following, task.get("next")]
                if isinstance(follower, str)
            )
    return order


def required(value: Any) -> bool:
    """Whether a task must be answered; the editor stores true, "true", 1, "", 0 and "false"."""
    return value.strip().lower() in ("true", "1") if isinstance(value, str) else bool(value)


def _head(task: str, structure: TaskStructure, definition: Definition) -> dict[str, Any]:
    body = _tasks(definition)[task]
    following, shortcut = body.get("next"), body.get("unlinkedTask")
    return {
        "task": task,
        "task_type": structure.task_type,
        "task_label": structure.text,
        "required": required(body.get("required")),
        "next": following if isinstance(following, str) else None,
        "shortcut": shortcut if isinstance(shortcut, str) else None,
    }


def _plain_labels(options: Sequence[Option]) -> Mapping[tuple[str, str | None], str]:
    """The plain labels of options by the place of their siblings and their text, where they are not the text."""
    siblings: dict[str, list[str]] = defaultdict(list)
    for option in options:
        # Dropdowns show Markdown as it is written.
        if option.label is not None and not _OF_DROPDOWN.search(option.path):
            siblings[_siblings(option)].append(option.label)
    return {
        (place, text): label for place, texts in siblings.items() for text, label in plain_labels(texts).items()
    }


def _siblings(option: Option) -> str:
    return f"{option.kind} {option.path.rpartition('.')[0]}"


def _option_row(option: Option, plain: Mapping[tuple[str, str | None], str]) -> dict[str, Any]:
    return {
        "option_kind": option.kind,
        "option_path": option.path,
        "option_index": option.position,
        "option_id": option.id,
        "option_label": plain.get((_siblings(option), option.label), option.label),
        "option_text": option.label,
        "option_next": option.next,
    }
