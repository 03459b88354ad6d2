"""The elements of an annotation and the task type of each (docs/exports.md, Annotations), decided only here.

A combo task is not an element, its children are, so that both generations of the classifier have the same elements
for the same answers. Elements are numbered in the order of the export, children one by one.

The second generation writes answers about a mark as separate elements. Here they are joined to the element that
has the mark (`sub_tasks`), so that no other module has to search for them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from zoo_dag.annotations.definitions import Definitions, TaskDefinition
from zoo_dag.annotations.element_types import UNKNOWN, task_type
from zoo_dag.annotations.values import as_index, as_subject, json_text
from zoo_dag.exports.grids import GRID

_SUB_TASK = re.compile(r"^.+\.(\d+\.\d+|cell\.\d+\.subtask\.\d+)$")
# Root task, tool and sub-task; nine digits are more than any workflow has, and fit an index.
_MARK_SUB_TASK = re.compile(r"^(.+)\.(\d{1,9})\.(\d{1,9})$", re.ASCII)
# The task types whose value is a list of marks.
MARKED = frozenset({"drawing", "transcription"})
_CELL_SUB_TASK = re.compile(r"^(.+)\.cell\.\d{1,9}\.subtask\.(\d{1,9})$", re.ASCII)
# Those, and the one whose value is a list of cells, may have answers about them in other elements.
_OWNERS = MARKED | {GRID}
# Elements of these types cannot be read without the definition of the task.
_NEEDS_DEFINITION = frozenset({"single", "multiple", "shortcut", "text", "slider", "combo", UNKNOWN})


@dataclass(slots=True)
class Element:
    """An element of an annotation: the answer of a volunteer to one task.

    It has slots, because there are millions of them.
    """

    position: int
    task: str
    parent_task: str | None
    task_type: str
    value: Any
    body: dict[str, Any]
    definition: TaskDefinition | None
    # Answers about the marks, in the order of the export; only the second generation has them here.
    sub_tasks: tuple["SubTask", ...] = ()
    # The subject of a grid that an answer about a cell is about.
    subject: int | None = None

    @property
    def label(self) -> str | None:
        """Question or instruction: of the version's own definition, else as exported, else of another version."""
        definition = self.definition
        defined = definition.label if definition is not None else None
        if defined is not None and definition is not None and definition.is_own:
            return defined
        label = self.body.get("task_label")
        key = (f"{self.task}.question", f"{self.task}.instruction")
        return label if isinstance(label, str) and label.strip() and label not in key else defined

    @property
    def is_sub_task(self) -> bool:
        """An answer of the second generation about a mark or a cell, such as `T0.1.2`."""
        return self.definition is None and bool(_SUB_TASK.match(self.task))


class Rejected(NamedTuple):
    """An element that fits no table, and the reason."""

    position: int
    reason: str
    found: str


class Merged(NamedTuple):
    """An element that is contained in another one.

    An answer about a mark is in the row of the mark. The mobile app sends the same drawing once for each tool;
    these repetitions add nothing.
    """

    position: int


class SubTask(NamedTuple):
    """An answer of the second generation about a mark, such as the element `T0.1.2` with its `markIndex`."""

    position: int
    mark_index: int
    tool_index: int
    detail_index: int
    body: dict[str, Any]


# An item that becomes an element: the combo that it is in, the item, its task type, null without a task key, and
# the definition of its task. A plain tuple, because there are millions of them.
_Leaf = tuple[str | None, Any, str | None, TaskDefinition | None]


def elements(annotations: list[Any], definitions: Definitions) -> list[Element | Rejected | Merged]:
    """The elements of an annotation in order, the children of a combo in place of the combo.

    Answers about marks are `Merged`, and in the `sub_tasks` of the element with the mark; without such a mark they
    are `Rejected`.
    """
    leaves, marked = _leaves(annotations, definitions)
    if marked and len(leaves) > 1:
        return _joined(leaves, marked, definitions)
    # The common elements without a call for each, because there are millions of them.
    return [
        Element(position, definition.task, parent, kind, body.get("value"), body, definition)
        if kind is not None and definition is not None
        else _element(position, (parent, body, kind, definition), definitions)
        for position, (parent, body, kind, definition) in enumerate(leaves)
    ]


def _joined(leaves: list[_Leaf], marked: list[int], definitions: Definitions) -> list[Element | Rejected | Merged]:
    """The elements of an annotation that has some with marks or cells, at the positions `marked`."""
    merged = _repeated_drawings(leaves, marked) if len(marked) > 1 else set()
    answers = _join_sub_tasks(leaves, [position for position in marked if position not in merged], definitions)
    grids = [position for position in marked if leaves[position][2] == GRID]
    cells = _cells(leaves, grids, definitions) if grids else {}
    for joined in answers.values():
        merged.update([sub_task.position for sub_task in joined])
    return [
        Merged(position)
        if position in merged
        else _about_cell(position, leaf, definitions, *cells[position])
        if position in cells
        else _element(position, leaf, definitions, tuple(answers.get(position, ())))
        for position, leaf in enumerate(leaves)
    ]


def _leaves(annotations: list[Any], definitions: Definitions) -> tuple[list[_Leaf], list[int]]:
    """The items that become elements, and the positions of those with marks or cells."""
    leaves: list[_Leaf] = []
    marked: list[int] = []
    for item in annotations:
        leaf = _leaf(None, item, definitions)
        kind = leaf[2]
        if kind in _OWNERS:
            marked.append(len(leaves))
        if kind == "combo" and (children := item.get("value")) and isinstance(children, list):
            for child in children:
                # The editor cannot nest combos, so a combo inside a combo is kept as one element.
                of_child = _leaf(item["task"], child, definitions)
                if of_child[2] in _OWNERS:
                    marked.append(len(leaves))
                leaves.append(of_child)
        else:
            leaves.append(leaf)
    return leaves, marked


def _leaf(parent: str | None, item: Any, definitions: Definitions) -> _Leaf:
    task = item.get("task") if isinstance(item, dict) else None
    if not isinstance(task, str):
        return parent, item, None, None
    definition = definitions.of(task)
    return parent, item, task_type(item, definition, definitions), definition


def _cells(leaves: list[_Leaf], grids: list[int], definitions: Definitions) -> dict[int, tuple[str, int]]:
    """Of answers about cells of a grid, the sub-task, such as `T0.subtask.0`, and the subject of the cell.

    `cellIndex` is the place of the cell in the value. An answer belongs to the nearest grid before it.
    """
    found: dict[int, tuple[str, int]] = {}
    for position, (_, body, kind, _) in enumerate(leaves):
        key = _CELL_SUB_TASK.match(body["task"]) if kind is not None else None
        place = as_index(body.get("cellIndex")) if key else None
        if key is None or place is None:
            continue
        roots = [grid for grid in grids if leaves[grid][1]["task"] == key[1]]
        before = [grid for grid in roots if grid < position]
        value = leaves[(before[-1:] or roots)[0]][1].get("value") if roots else None
        cell = value[place] if isinstance(value, list) and place < len(value) else None
        subject = as_subject(cell.get("subject")) if isinstance(cell, dict) else None
        task = f"{key[1]}.subtask.{int(key[2])}"
        if subject is not None and (definitions.of(task) or not definitions.complete):
            found[position] = (task, subject)
    return found


def _about_cell(position: int, leaf: _Leaf, definitions: Definitions, task: str, subject: int) -> Element:
    parent, body, kind, _ = leaf
    return Element(
        position, task, parent, kind or UNKNOWN, body.get("value"), body, definitions.of(task), subject=subject
    )


def _repeated_drawings(leaves: list[_Leaf], marked: list[int]) -> set[int]:
    """Positions of drawings that are equal to an earlier one, among the elements with marks."""
    drawings: list[Any] = []
    repeated: set[int] = set()
    for position in marked:
        parent, body, kind, _ = leaves[position]
        if kind == "drawing" and parent is None:
            if body in drawings:
                repeated.add(position)
            drawings.append(body)
    return repeated


def _join_sub_tasks(leaves: list[_Leaf], marked: list[int], definitions: Definitions) -> dict[int, list[SubTask]]:
    """Answers about marks, by the position of the element that has the marks, one of `marked`.

    Root task and `markIndex` identify the mark, not the position. Where the volunteer did the root task again, an
    answer belongs to the nearest element before it, because the classifier writes answers after the marks.
    """
    owners: dict[str, list[int]] = {}
    for position in marked:
        owners.setdefault(leaves[position][1]["task"], []).append(position)
    joined: dict[int, list[SubTask]] = {}
    for position, (_, body, kind, _) in enumerate(leaves):
        if kind is None or "markIndex" not in body or body["task"] in definitions.tasks:
            continue
        key = _sub_task_key(body["task"])
        index = body["markIndex"]
        if key is None or type(index) is not int or index < 0:
            continue
        root, tool_index, detail_index = key
        nearest = None
        for owner in owners.get(root, ()):
            if (nearest is None or owner < position) and _has_mark(leaves[owner][1], index, tool_index):
                nearest = owner
        if nearest is not None:
            joined.setdefault(nearest, []).append(SubTask(position, index, tool_index, detail_index, body))
    return joined


@lru_cache(maxsize=1 << 12)
def _sub_task_key(task: str) -> tuple[str, int, int] | None:
    """Root task, tool and sub-task of a key such as `T0.1.2`."""
    key = _MARK_SUB_TASK.match(task)
    return (key[1], int(key[2]), int(key[3])) if key else None


def _has_mark(body: dict[str, Any], index: int, tool_index: int) -> bool:
    """Whether an element has the mark that an answer is about; a mark of another tool is another mark."""
    marks = body.get("value")
    if not isinstance(marks, list) or index >= len(marks):
        return False
    mark = marks[index]
    return isinstance(mark, dict) and mark.get("toolIndex", tool_index) == tool_index


def _element(
    position: int, leaf: _Leaf, definitions: Definitions, sub_tasks: tuple[SubTask, ...] = ()
) -> Element | Rejected:
    parent, body, kind, definition = leaf
    if kind is None:
        return _without_task(position, body)
    if definition is not None:
        return Element(position, definition.task, parent, kind, body.get("value"), body, definition, sub_tasks)
    task = body["task"]
    if _sub_task_key(task):
        index = json_text(body.get("markIndex"))
        reason = f"sub_task_without_mark: an answer about a mark, but there is no mark {index} for {task}"
        return Rejected(position, reason, json_text(body))
    element = Element(position, task, parent, kind, body.get("value"), body, None, sub_tasks)
    if kind in _NEEDS_DEFINITION and definitions.complete and not element.is_sub_task:
        reason = f"task_not_in_version: the workflow version has no task {task}"
        return Rejected(position, reason, json_text(body))
    return element


def _without_task(position: int, item: Any) -> Rejected:
    if not isinstance(item, dict):
        return Rejected(position, "expected an object with a task, found a bare value", json_text(item))
    error = item.get("error")
    reason = f"exported with the error: {error}" if isinstance(error, str) else "no task key"
    return Rejected(position, f"{reason}; expected an object with a task", json_text(item))
