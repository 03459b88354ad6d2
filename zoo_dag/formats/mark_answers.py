"""What volunteers answered about an object: the answers to the sub-tasks of its tool, by the label of each."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.tables.versions import version_order
from zoo_dag.wording.markdown import without_markup

_PLACE = r"^tools\.([0-9]+)\.details\.([0-9]+)$"
_OF_TOOL = ("workflow_id", "task", "task_revision", "tool_index")
_SEVERAL = ("multiple", "dropdown")
_DROPDOWNS = ("dropdown", "dropdown-simple")

Value = str | float | list[str | float]


class SubTask(NamedTuple):
    """A sub-task: its label, and its type where that is known."""

    label: str
    kind: str | None


SubTasks = Mapping[tuple[Any, ...], SubTask]


def sub_tasks(tasks: pl.LazyFrame) -> SubTasks:
    """The sub-tasks of `tasks` by workflow, task, revision, tool and position, as the newest version has them."""
    place = pl.col("option_path").str.extract_groups(_PLACE)
    rows = (
        tasks.sort(version_order(pl.col("workflow_version")), maintain_order=True)
        .with_columns(tool_index=place.struct[0].cast(pl.Int32), detail_index=place.struct[1].cast(pl.Int32))
        .filter(pl.col("detail_index").is_not_null())
        .select(*_OF_TOOL, "detail_index", "option_label", "option_id")
        .collect()
    )
    return {
        tuple(of): SubTask(without_markup(label or "") or _unnamed(of[-1]), kind)
        for *of, label, kind in rows.iter_rows()
    }


def answers_about(mark: Mapping[str, Any], known: SubTasks) -> dict[str, Value]:
    """What volunteers agree on about a cluster of marks, by the label of each sub-task.

    Takes `workflow_id, task, task_revision, tool_index` and `details` of `drawing_consensus`. Of a choice it is
    the answer of more than half of those who answered, of a text the consensus, of a number the median. Where
    several answers may be right it is a list. A sub-task without such an answer is left out.
    """
    of_tool = tuple(mark[name] for name in _OF_TOOL)
    found: dict[str, Value] = {}
    for index, entries in groupby(mark["details"] or (), key=lambda entry: int(entry["detail_index"])):
        sub_task = known.get((*of_tool, index), SubTask(_unnamed(index), None))
        values = list(_values(list(entries), sub_task.kind))
        if values:
            found[_distinct(sub_task.label, found)] = values if sub_task.kind in _SEVERAL else values[0]
    return found


def _values(entries: Sequence[Mapping[str, Any]], kind: str | None) -> Iterator[str | float]:
    for entry in entries:
        if entry["number"] is not None:
            yield entry["number"]
        elif entry["text"] is not None and kind not in _DROPDOWNS:
            yield entry["text"]
        elif (entry["fraction"] or 0) > 0.5:
            yield entry["text"] if entry["text"] is not None else entry["answer_label"]


def _unnamed(index: int) -> str:
    return f"sub-task {index}"


def _distinct(label: str, taken: Mapping[str, Value]) -> str:
    """The label, with a number behind where another sub-task of the tool has the same."""
    number, name = 1, label
    while name in taken:
        number += 1
        name = f"{label} ({number})"
    return name
