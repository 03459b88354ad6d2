"""What volunteers agree on about a mark, by the label of each sub-task."""

from typing import Any

import pytest

from tests.plots.samples import rows
from zoo_dag.formats.mark_answers import answers_about, sub_tasks

TASK = {"workflow_id": 7, "task": "T0", "task_revision": "T0@1.9"}


def sub_task(index: int, label: str | None, kind: str, tool: int = 0, version: str = "1.9") -> dict[str, Any]:
    place = {"workflow_version": version, "option_path": f"tools.{tool}.details.{index}"}
    return {**TASK, **place, "option_label": label, "option_id": kind}


def entry(index: int, fraction: float, label: str | None = None, **said: Any) -> dict[str, Any]:
    return {
        "detail_index": index,
        "answer_label": label,
        "fraction": fraction,
        "text": None,
        "number": None,
        **said,
    }


def about(*details: dict[str, Any], tasks: Any = (), tool: int = 0) -> dict[str, Any]:
    known = sub_tasks(rows("tasks", list(tasks)))
    return answers_about({**TASK, "tool_index": tool, "details": list(details)}, known)


def test_one_answer_is_that_of_more_than_half_of_those_who_answered() -> None:
    tasks = [sub_task(0, "Sex", "single"), sub_task(1, "Age", "single")]
    assert about(entry(0, 0.6, "Male"), entry(0, 0.4, "Female"), entry(1, 0.5, "Young"), tasks=tasks) == {
        "Sex": "Male"
    }


def test_several_answers_and_selects_are_lists() -> None:
    tasks = [
        sub_task(0, "Does", "multiple"),
        sub_task(1, "Where", "dropdown"),
        sub_task(2, "Sky", "dropdown-simple"),
    ]
    said = [entry(0, 0.9, "Fly"), entry(0, 0.7, "Eat"), entry(0, 0.2, "Rest"), entry(1, 0.8, text="typed")]
    assert about(*said, entry(2, 0.8, text="odd"), tasks=tasks) == {
        "Does": ["Fly", "Eat"],
        "Where": ["typed"],
        "Sky": "odd",
    }
    assert about(entry(2, 0.4, text="odd"), tasks=tasks) == {}


def test_of_texts_and_numbers_the_consensus_stands_however_many_wrote_the_same() -> None:
    tasks = [sub_task(0, "Label", "text"), sub_task(1, "Size", "slider")]
    assert about(entry(0, 0.3, text="No. 7"), entry(1, 1.0, number=2.5), tasks=tasks) == {
        "Label": "No. 7",
        "Size": 2.5,
    }


@pytest.mark.parametrize(("tool", "label"), [(0, "New"), (1, "sub-task 0"), (2, "sub-task 0")])
def test_the_label_is_that_of_the_newest_version_and_of_the_tool(tool: int, label: str) -> None:
    tasks = [
        sub_task(0, "New", "single", version="1.10"),
        sub_task(0, "Old", "single", version="1.9"),
        sub_task(0, None, "single", tool=1),
    ]
    assert about(entry(0, 1.0, "Yes"), tasks=tasks, tool=tool) == {label: "Yes"}


def test_sub_tasks_of_one_label_stay_apart() -> None:
    tasks = [sub_task(0, "How many?", "single"), sub_task(1, "How many?", "single")]
    assert about(entry(0, 1.0, "1"), entry(1, 1.0, "2"), tasks=tasks) == {"How many?": "1", "How many? (2)": "2"}
