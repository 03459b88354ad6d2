"""Revisions of tasks in versions that no workflows export defines, from what the server wrote into their rows."""

from typing import Any

import polars as pl
import pytest

from tests.builders import answer, classification_row
from tests.task_types.samples import NO_WORKFLOWS, sample
from zoo_dag.consensus.learned_revisions import learned_revisions
from zoo_dag.settings.results import Pooling
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import TaskType
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.questions import QUESTIONS
from zoo_dag.task_types.texts import TEXTS

NO_TASKS = TABLES["tasks"].empty().lazy()


def learned(task_type: TaskType, *elements: dict[str, Any], **settings: tuple[str, ...]) -> list[str]:
    """The revision of T0 in versions 1.1, 1.2, …, each with one classification of this element."""
    tables = []
    for number, element in enumerate(elements, 1):
        row = classification_row(number, workflow_version=f"1.{number}", annotations=[element])
        tables.append(sample([row], NO_WORKFLOWS).tables[task_type.flattening.table])
    rows = pl.concat(tables).lazy()
    found = learned_revisions(rows, task_type.flattening.options, NO_TASKS, Pooling(**settings))
    return found["learned"].to_list()


def text(label: str) -> dict[str, Any]:
    return {"task": "T0", "value": "Ode", "task_label": label}


def marks(*tools: tuple[int, str | None], label: str = "Mark") -> dict[str, Any]:
    value = [{"x": 1, "y": 1, "tool": index, "frame": 0, "tool_label": name} for index, name in tools]
    return {"task": "T0", "task_label": label, "value": value}


def test_a_mended_question_goes_on_and_another_one_does_not() -> None:
    labels = ("Is there a cat?", "Is there a  CAT ?", "Is there a dog?", "Is there a dog?")
    assert learned(QUESTIONS, *(answer(label=label) for label in labels)) == [
        "T0@1.1",
        "T0@1.1",
        "T0@1.3",
        "T0@1.3",
    ]
    assert learned(TEXTS, text("Write the title"), text("Write the year")) == ["T0@1.1", "T0@1.2"]


def test_a_question_without_a_text_says_nothing() -> None:
    labels = ("Is there a cat?", None, "Is there a cat?", None, "Is there a dog?")
    found = learned(QUESTIONS, *(answer(label=label) for label in labels))
    assert found == ["T0@1.1", "T0@1.1", "T0@1.1", "T0@1.1", "T0@1.5"]


def test_the_labels_of_tools_carry_the_meaning_of_a_drawing() -> None:
    cat, dog = marks((0, "Cat")), marks((1, "Dog"))
    assert learned(DRAWINGS, cat, marks((0, "Cat"), label="Mark each cat")) == ["T0@1.1", "T0@1.1"]
    assert learned(DRAWINGS, cat, dog, marks((0, "Cat"), (1, "Dog"))) == ["T0@1.1"] * 3
    assert learned(DRAWINGS, cat, dog, marks((1, "Wolf"))) == ["T0@1.1", "T0@1.1", "T0@1.3"]


def test_the_instruction_of_a_drawing_decides_where_no_label_of_a_tool_is_known() -> None:
    labels = ("Explain what to draw", "Draw the cats", "Draw  the *cats*!")
    found = learned(DRAWINGS, *(marks((0, None), label=label) for label in labels))
    assert found == ["T0@1.1", "T0@1.2", "T0@1.2"]


@pytest.mark.parametrize(
    ("settings", "revisions"),
    [
        ({"same": ("11 T0@1.2",)}, ["T0@1.1", "T0@1.1", "T0@1.1"]),
        ({"new": ("11 T0@1.3",)}, ["T0@1.1", "T0@1.2", "T0@1.3"]),
    ],
)
def test_the_settings_overrule_the_rows(settings: dict[str, tuple[str, ...]], revisions: list[str]) -> None:
    labels = ("Is there a cat?", "Is there a dog?", "Is there a dog?")
    assert learned(QUESTIONS, *(answer(label=label) for label in labels), **settings) == revisions
