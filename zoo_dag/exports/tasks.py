"""Task definitions as rows: each task of a version with its options and their labels."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.exports.grids import GRID
from zoo_dag.exports.revisions import Option, TaskStructure, revisions
from zoo_dag.exports.workflows import Definition, find_definition
from zoo_dag.settings.results import Pooling
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey
from zoo_dag.wording.markdown import plain_labels

_TABLE = TABLES["tasks"]
_OF_DROPDOWN = re.compile(r"(?:^|\.)(?:selects|options)\.")
# Old names of task types (docs/exports.md, Surveys).
_RENAMED = {"flexibleSurvey": "survey"}


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


class _Text(NamedTuple):
    """Looks up the text of a placeholder in the strings of a version."""

    strings: Mapping[str, Any]

    def __call__(self, placeholder: Any, instead: str | None = None) -> str | None:
        """The text; `instead` where it is empty or the placeholder itself."""
        if not isinstance(placeholder, str):
            return None
        if placeholder in self.strings:
            text = self.strings[placeholder]
            if not isinstance(text, str):
                return None
            return text if text.strip() and text != placeholder else instead
        # Very old rows contain the text itself; a text that is a path means a missing text.
        path_like = "." in placeholder and " " not in placeholder and not placeholder.endswith(".")
        return None if path_like else placeholder


def task_structures(definition: Definition) -> dict[str, TaskStructure]:
    """The tasks of a definition, in the order of the workflow: from its first task along `next`."""
    text = _Text(definition.strings or {})
    tasks = _tasks(definition)
    return {
        key: TaskStructure(_task_type(tasks[key]), tuple(_options(tasks[key], text)), _label(tasks[key], text))
        for key in task_order(tasks, definition.first_task)
    }


def _tasks(definition: Definition) -> dict[str, dict[str, Any]]:
    """The tasks of a definition by key; what is asked about each selected cell of a grid is a task of its own."""
    tasks = {key: task for key, task in (definition.tasks or {}).items() if isinstance(task, dict)}
    about_cells = {
        f"{key}.subtask.{place}": detail
        for key, task in tasks.items()
        if _task_type(task) == GRID
        for place, detail in enumerate(_items(task.get("details")))
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
            following = [answer.get("next") for answer in _items(task.get("answers"))]
            waiting.extend(
                follower
                for follower in [*_list(task.get("tasks")), *following, task.get("next")]
                if isinstance(follower, str)
            )
    return order


def numbered(kind: str, position: int) -> str:
    """What an option without a text is called: by its place, such as answer 1."""
    return f"{kind} {position + 1}"


def current_type(task_type: str) -> str:
    """The name of today for a task type."""
    return _RENAMED.get(task_type, task_type)


def _task_type(task: Mapping[str, Any]) -> str | None:
    task_type = _id(task.get("type"))
    return None if task_type is None else current_type(task_type)


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


def _label(owner: Mapping[str, Any], text: _Text) -> str | None:
    """The question or instruction of a task or sub-task."""
    return text(owner.get("question")) or text(owner.get("instruction"))


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


def _options(task: Mapping[str, Any], text: _Text) -> Iterator[Option]:
    yield from _answers(task, "", text)
    for index, child in enumerate(_list(task.get("tasks"))):
        yield Option("task", f"tasks.{index}", index, str(child), None)
    for index, tool in enumerate(_items(task.get("tools"))):
        path = f"tools.{index}"
        name = text(tool.get("label"), numbered("tool", index))
        yield Option("tool", path, index, _id(tool.get("type")), name)
        yield from _sub_tasks(tool, f"{path}.", text)
    yield from _sub_tasks(task, "", text)
    yield from _survey(task, text)
    yield from _selects(task, "", text)
    yield from _scale(task)
    for index, option in enumerate(_list(task.get("options"))):
        yield Option("select option", f"options.{index}", index, None, option if isinstance(option, str) else None)
    for index, label in enumerate(_items(task.get("highlighterLabels"))):
        yield Option(
            "label", f"highlighterLabels.{index}", index, _id(label.get("color")), text(label.get("label"))
        )


def _answers(task: Mapping[str, Any], prefix: str, text: _Text, kind: str = "answer") -> Iterator[Option]:
    for index, answer in enumerate(_items(task.get("answers"))):
        following = answer.get("next")
        yield Option(
            kind,
            f"{prefix}answers.{index}",
            index,
            None,
            text(answer.get("label"), numbered("answer", index)),
            following if isinstance(following, str) else None,
        )


def _scale(task: Mapping[str, Any]) -> Iterator[Option]:
    """The ends of the scale of a slider; the editor stores numbers, or texts of numbers."""
    for index, end in enumerate(("min", "max") if _task_type(task) == "slider" else ()):
        value = _id(task.get(end))
        if value is not None:
            yield Option("scale", end, index, None, _plain_number(value))


def _plain_number(text: str) -> str:
    """A number in one form, whether it is stored as 1, "1" or 1.0; another text as it is."""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def _sub_tasks(owner: Mapping[str, Any], prefix: str, text: _Text) -> Iterator[Option]:
    for index, detail in enumerate(_items(owner.get("details"))):
        path = f"{prefix}details.{index}"
        yield Option("sub-task", path, index, _id(detail.get("type")), _label(detail, text))
        yield from _answers(detail, f"{path}.", text, "sub-task answer")
        for number, option in enumerate(_list(detail.get("options"))):
            yield Option("sub-task answer", f"{path}.options.{number}", number, None, _id(option))
        yield from _selects(detail, f"{path}.", text, ("sub-task select", "sub-task answer"))


def _survey(task: Mapping[str, Any], text: _Text) -> Iterator[Option]:
    for index, (choice, body) in enumerate(_ordered(task, "choices", "choicesOrder")):
        yield Option("choice", f"choices.{choice}", index, choice, text(body.get("label"), choice))
    for index, (question, body) in enumerate(_ordered(task, "questions", "questionsOrder")):
        path = f"questions.{question}"
        yield Option("question", path, index, question, text(body.get("label"), question))
        for number, (answer, inner) in enumerate(_ordered(body, "answers", "answersOrder")):
            yield Option(
                "question answer", f"{path}.answers.{answer}", number, answer, text(inner.get("label"), answer)
            )
    for index, (trait, body) in enumerate(_ordered(task, "characteristics", "characteristicsOrder")):
        path = f"characteristics.{trait}"
        yield Option("filter", path, index, trait, text(body.get("label"), trait))
        for number, (value, inner) in enumerate(_ordered(body, "values", "valuesOrder")):
            yield Option("filter value", f"{path}.values.{value}", number, value, text(inner.get("label"), value))


def _selects(
    task: Mapping[str, Any], prefix: str, text: _Text, kinds: tuple[str, str] = ("select", "select option")
) -> Iterator[Option]:
    of_select, of_option = kinds
    for index, select in enumerate(_items(task.get("selects"))):
        path = f"{prefix}selects.{index}"
        title = select.get("title")
        yield Option(of_select, path, index, _id(select.get("id")), title if isinstance(title, str) else None)
        lists = select.get("options")
        for parent, options in lists.items() if isinstance(lists, dict) else ():
            for number, option in enumerate(_items(options)):
                place = f"{path}.options.{parent}.{number}"
                value = _id(option.get("value"))
                yield Option(of_option, place, number, value, text(option.get("label"), value))


def _ordered(owner: Mapping[str, Any], name: str, order: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Entries of an object of a survey: first in the order of its order list, then the others, by name."""
    entries = owner.get(name)
    if not isinstance(entries, dict):
        return
    listed = owner.get(order)
    keys = [key for key in listed if key in entries] if isinstance(listed, list) else []
    for key in dict.fromkeys([*keys, *sorted(entries)]):
        body = entries[key]
        yield key, body if isinstance(body, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _items(value: Any) -> list[dict[str, Any]]:
    """A list of objects; any other item becomes an empty object, so that positions do not change."""
    return [item if isinstance(item, dict) else {} for item in _list(value)]


def _id(value: Any) -> str | None:
    return None if value is None else str(value)
