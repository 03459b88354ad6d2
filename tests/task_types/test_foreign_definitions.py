"""Rows of a version that the workflows export lacks: what the server wrote into them beats another definition."""

from typing import Any

import polars as pl
import pytest

from tests.builders import answer, classification_row, question, question_strings, workflow_row
from tests.task_types.samples import Sample, sample

TASKS: dict[str, Any] = {
    "T0": {
        "type": "drawing",
        "instruction": "Mark",
        "tools": [
            {"type": "point", "label": "Cat", "details": [{"type": "single", "question": "Fur?", "answers": [
                {"label": "Striped"}, {"label": "Plain"}]}]},
            {"type": "line", "label": "Dog", "details": [{"type": "single", "question": "Tail?", "answers": [
                {"label": "Long"}, {"label": "Short"}]}]},
        ],
    },
    "T1": question("T1"),
    "T2": {"type": "text", "instruction": "Write the title"},
    "T3": {"type": "dropdown", "instruction": "Where", "selects": [
        {"id": "a", "title": "Country", "options": {"*": [{"label": "Peru", "value": "pe"}]}}]},
}  # fmt: skip
STRINGS = question_strings("T1", "Is there a cat?")


def of(elements: list[dict[str, Any]], version: str = "4.3") -> Sample:
    """One classification of a version that is not in the workflows export, which has 3.10 alone."""
    row = classification_row(1, workflow_version=version, annotations=elements)
    return sample([row], [workflow_row(3, 10, tasks=TASKS, strings=STRINGS)])


def mark(tool: int, label: str | None, **geometry: Any) -> dict[str, Any]:
    return {"tool": tool, "frame": 0, "details": [{"value": 0}], "tool_label": label, **geometry}


def drawn(*marks: dict[str, Any], version: str = "4.3") -> pl.DataFrame:
    element = {"task": "T0", "task_label": "Mark", "value": list(marks)}
    return of([element], version).tables["drawing_annotations"]


LINE, POINT = {"x1": 1, "y1": 1, "x2": 5, "y2": 5}, {"x": 1, "y": 1}
TOOL = ("tool_index", "tool_label", "tool_type", "status", "task_revision")


def test_tools_that_changed_places_have_the_labels_types_and_details_of_their_marks() -> None:
    rows = drawn(mark(0, "Dog", **LINE), mark(1, "Cat", **POINT))
    assert rows.select(TOOL).rows() == [
        (0, "Dog", "line", "answered", "T0@3.10"),
        (1, "Cat", "point", "answered", "T0@3.10"),
    ]
    details = rows["details"].explode().struct.field("answer_label").to_list()
    assert details == ["Long", "Striped"]


def test_the_definition_of_the_version_itself_is_right_for_its_tools() -> None:
    rows = drawn(mark(0, "Dog", **POINT), version="3.10")
    assert rows.select("tool_label", "tool_type").rows() == [("Cat", "point")]


@pytest.mark.parametrize("label", [None, "T0.tools.1.label"])
def test_a_mark_without_a_label_has_that_of_the_definition(label: str | None) -> None:
    (row,) = drawn(mark(1, label, **LINE)).to_dicts()
    assert (row["tool_label"], row["tool_type"], row["task_revision"]) == ("Dog", "line", "T0@3.10")
    assert row["details"][0]["answer_label"] == "Long"


def test_a_tool_that_the_definition_lacks_is_known_by_its_label_and_is_another_task() -> None:
    rows = drawn(mark(2, "Wolf", **POINT), mark(0, "Cat", **POINT))
    assert rows.select(TOOL).rows() == [
        (2, "Wolf", "point", "answered", None),
        (0, "Cat", "point", "answered", None),
    ]


@pytest.mark.parametrize(
    ("element", "table", "label", "revision"),
    [
        (answer("T1", label="Is there a cat?"), "question", "Is there a cat?", "T1@3.10"),
        (answer("T1", label="Is ther a cat?"), "question", "Is ther a cat?", "T1@3.10"),
        (answer("T1", label=None), "question", "Is there a cat?", "T1@3.10"),
        (answer("T1", label="Is there a dog?"), "question", "Is there a dog?", None),
        (answer("T1", "Perhaps", label="Is there a cat?"), "question", "Is there a cat?", None),
        ({"task": "T2", "value": "Ode", "task_label": "Write the title"}, "text", "Write the title", "T2@3.10"),
        ({"task": "T2", "value": "1821", "task_label": "Write the year"}, "text", "Write the year", None),
        (answer("T2", "Yes", label="Is it old?"), "question", "Is it old?", None),
        ({"task": "T0", "task_label": "Mark all", "value": []}, "drawing", "Mark all", "T0@3.10"),
    ],
)
def test_the_text_in_a_row_is_right_and_another_question_has_no_revision(
    element: dict[str, Any], table: str, label: str, revision: str | None
) -> None:
    rows = of([element]).tables[f"{table}_annotations"]
    assert rows.select("task_label", "task_revision").rows() == [(label, revision)]
    accounting = of([element]).row_accounting()
    assert accounting["balanced"]


def test_the_label_of_an_option_in_a_row_is_right() -> None:
    def chosen(version: str) -> list[tuple[Any, ...]]:
        value = [{"select_label": "State", "option": True, "value": "pe", "label": "Chile"}]
        rows = of([{"task": "T3", "value": value}], version).tables["dropdown_annotations"]
        return rows.select("select_label", "option_label", "task_revision").rows()

    assert chosen("4.3") == [("State", "Chile", None)]
    assert chosen("3.10") == [("Country", "Peru", "T3@3.10")]


def test_a_definition_without_texts_says_nothing() -> None:
    row = classification_row(1, workflow_version="3.7", annotations=[answer("T1", label="Is there a dog?")])
    rows = sample([row], [workflow_row(3, None, tasks={"T1": question("T1")}, strings=None)]).questions
    assert rows.select("task_label", "answer", "task_revision").rows() == [("Is there a dog?", "Yes", "T1@3.0")]


@pytest.mark.parametrize("picture", ["![a cat](old.png)", "![a cat](new.png)"])
def test_tools_and_answers_with_pictures_are_those_of_the_definition_also_where_the_picture_is_another(picture):
    tools = [{"type": "point", "label": "Cat ![a cat](old.png)"}, {"type": "line", "label": "Dog"}]
    tasks = {"T0": {"type": "drawing", "instruction": "Mark", "tools": tools}, "T1": question("T1")}
    strings = STRINGS | {"T1.answers.0.label": "Yes ![a cat](old.png)"}
    elements = [
        {"task": "T0", "task_label": "Mark", "value": [{"tool": 0, "tool_label": f"Cat {picture}", **POINT}]},
        {"task": "T1", "task_label": "Is there a cat?", "value": f"Yes {picture}"},
    ]
    row = classification_row(1, workflow_version="4.3", annotations=elements)
    found = sample([row], [workflow_row(3, 10, tasks=tasks, strings=strings)])
    marks = found.tables["drawing_annotations"].select("tool_label", "tool_type", "task_revision").rows()
    assert [(label, revision) for label, _, revision in marks] == [("Cat", "T0@3.10")]
    assert found.answers("answer", "task_revision") == [("Yes", "T1@3.10")]
