"""Task definitions as rows: the order of the workflow, and the texts that volunteers saw."""

from typing import Any

import polars as pl
import pytest

from tests.builders import question, question_strings, workflow_row, write_workflows
from tests.exports.raw_project import RawProject
from zoo_dag.exports.tasks import required, task_order, task_tables
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey, parse_key


def table(project: RawProject, *rows: dict[str, Any], key: str = "11-v3.10") -> pl.DataFrame:
    project.add(write_workflows(project.root.parent / "workflows.csv", rows))
    version = parse_key(key)
    return task_tables([version], project.workflow_versions())[version]


def labels(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.select("task", "task_label", "option_kind", "option_index", "option_label").rows()


def test_a_question_is_a_row_for_each_answer(project: RawProject) -> None:
    frame = table(project, workflow_row())
    assert frame.schema == TABLES["tasks"].dtypes
    assert labels(frame) == [
        ("T0", "Is there a bird?", "answer", 0, "Yes"),
        ("T0", "Is there a bird?", "answer", 1, "No"),
    ]
    row = frame.row(0, named=True)
    assert (row["task_revision"], row["task_type"], row["required"]) == ("T0@3.10", "single", True)
    assert (row["version_match"], row["option_path"]) == ("exact", "answers.0")


def test_labels_are_without_pictures_and_the_text_of_the_volunteers_is_beside_them(project: RawProject) -> None:
    tools = [{"type": "point", "label": "![a nest](n.png) Nest"}]
    options = {"*": [{"label": "Peru ![](p.png)", "value": "pe"}]}
    dropdown = {"type": "dropdown", "selects": [{"id": "a", "title": "Where", "options": options}]}
    tasks = {"T0": question(), "T1": {"type": "drawing", "tools": tools}, "T2": dropdown}
    strings = question_strings(answers=("Bird ![a bird](b.png)", "No"))
    frame = table(project, workflow_row(tasks=tasks, strings=strings))
    assert frame.select("option_label", "option_text").rows() == [
        ("Bird", "Bird ![a bird](b.png)"),
        ("No", "No"),
        ("Nest", "![a nest](n.png) Nest"),
        ("Where", "Where"),
        # Dropdowns show Markdown as it is written.
        ("Peru ![](p.png)", "Peru ![](p.png)"),
    ]


def test_tasks_are_in_the_order_of_the_workflow() -> None:
    tasks = {
        "T1": {"next": "T10"},
        "T9": {},
        "T10": {"answers": [{"next": "T9"}, {"next": "T1"}]},
        "init": {"next": "T1"},
        "T2": {},
    }
    assert task_order(tasks, "init") == ["init", "T1", "T10", "T9", "T2"]
    assert task_order(tasks, None) == ["T1", "T10", "T9", "T2", "init"]
    assert task_order(tasks, "gone") == ["T1", "T10", "T9", "T2", "init"]


def test_answers_are_in_the_order_of_their_list_and_choices_in_that_of_the_survey(
    project: RawProject,
) -> None:
    survey = {
        "type": "survey",
        "choicesOrder": ["ZEBRA", "ANT", "GONE"],
        "choices": {"ANT": {"label": "a"}, "BEE": {"label": "b"}, "ZEBRA": {"label": "z"}},
    }
    task = question(answers=11)
    strings = question_strings(answers=[f"answer {number}" for number in range(11)])
    frame = table(project, workflow_row(tasks={"T0": task, "T1": survey}, strings=strings))
    assert frame.filter(task="T0")["option_label"].to_list() == [f"answer {number}" for number in range(11)]
    assert frame.filter(task="T1")["option_id"].to_list() == ["ZEBRA", "ANT", "BEE"]


def test_labels_of_a_file_of_before_2019_are_unknown(project: RawProject) -> None:
    frame = table(project, workflow_row(3, None, strings=None))
    assert frame["version_match"].unique().to_list() == ["fallback"]
    assert frame["task_label"].unique().to_list() == [None]
    assert frame["option_label"].to_list() == [None, None]
    assert frame["task_revision"].unique().to_list() == ["T0@3.0"]


def test_labels_are_those_of_the_version_that_the_server_matched(project: RawProject) -> None:
    rows = [
        workflow_row(major, minor, strings=question_strings(label=f"{major}.{minor}?"))
        for major, minor in ((3, 4), (4, 4), (4, 6))
    ]
    frame = table(project, *rows, key="11-v3.5")
    assert frame["task_label"].unique().to_list() == ["4.6?"]
    assert frame["version_match"].unique().to_list() == ["fallback"]
    assert frame["workflow_version"].unique().to_list() == ["3.5"]


@pytest.mark.parametrize(
    ("low", "high", "revision"), [(0, 1.0, "T0@3.10"), ("0", "100", "T0@4.10"), ("-1", "1", "T0@4.10")]
)
def test_a_slider_of_another_scale_is_another_task(
    project: RawProject, low: object, high: object, revision: str
) -> None:
    slider = {"type": "slider", "instruction": "T0.instruction", "min": "0", "max": "1", "step": "0.1"}
    strings = {"T0.instruction": "How sure?"}
    rows = [
        workflow_row(3, 10, tasks={"T0": slider}, strings=strings),
        workflow_row(4, 10, tasks={"T0": slider | {"min": low, "max": high, "step": 1}}, strings=strings),
    ]
    frame = table(project, *rows, key="11-v4.10")
    assert frame["task_revision"].unique().to_list() == [revision]
    assert frame["option_kind"].unique().to_list() == ["scale"]
    assert frame["option_path"].to_list() == ["min", "max"]


def test_a_version_without_a_definition_has_no_rows(project: RawProject) -> None:
    frame = table(project, workflow_row(), key="12-v1.1")
    assert frame.height == 0
    assert frame.schema == TABLES["tasks"].dtypes


def test_a_definition_without_tasks_is_one_row_with_the_match(project: RawProject) -> None:
    frame = table(project, workflow_row(tasks={}, strings={}))
    assert frame.select("task", "version_match").rows() == [(None, "exact")]


def test_a_text_in_place_of_a_key_is_the_label(project: RawProject) -> None:
    answers = [{"label": "Yes"}, {"label": "T0.answers.1.label"}, {"label": "It ends. Really."}, {}, "x"]
    frame = table(project, workflow_row(tasks={"T0": question() | {"answers": answers}}, strings={}))
    assert frame["option_label"].to_list() == ["Yes", None, "It ends. Really.", None, None]
    assert frame["task_label"].unique().to_list() == [None]


@pytest.mark.parametrize("value", [None, {"TIGER": "x"}, 7])
def test_a_string_that_is_no_text_is_no_label(project: RawProject, value: Any) -> None:
    frame = table(project, workflow_row(strings=question_strings() | {"T0.answers.0.label": value}))
    assert frame["option_label"].to_list() == [None, "No"]


def test_a_new_major_with_the_same_tasks_is_another_version_of_one_revision(project: RawProject) -> None:
    project.add(
        write_workflows(
            project.root.parent / "workflows.csv", [workflow_row(3, 10), workflow_row(4, 10, grouped=True)]
        )
    )
    keys = [VersionKey(11, 3, 10), VersionKey(11, 4, 10)]
    tables = task_tables(keys, project.workflow_versions())
    assert [tables[key]["workflow_version"][0] for key in keys] == ["3.10", "4.10"]
    assert [tables[key]["task_revision"][0] for key in keys] == ["T0@3.10", "T0@3.10"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("true", True), (1, True), ("", False), (0, False), ("false", False), (None, False)],
)
def test_required_in_all_its_spellings(value: Any, expected: bool) -> None:
    assert required(value) is expected


def test_it_is_a_truth_value_in_the_table(project: RawProject) -> None:
    tasks = {f"T{number}": question(required=value) for number, value in enumerate(("true", "false", "", 1))}
    frame = table(project, workflow_row(tasks=tasks)).unique("task").sort("task")
    assert frame["required"].to_list() == [True, False, False, True]


def test_tools_have_their_sub_tasks_and_answers_under_them(project: RawProject) -> None:
    detail = {"type": "single", "question": "Sex?", "answers": [{"label": "male"}, {"label": "female"}]}
    tool = {"type": "point", "label": "Bird", "min": "0", "max": "3", "details": [detail]}
    drawing = {"type": "drawing", "instruction": "Mark them", "tools": [tool]}
    frame = table(project, workflow_row(tasks={"T0": drawing}, strings={}))
    assert frame.select("option_kind", "option_path", "option_id", "option_label").rows() == [
        ("tool", "tools.0", "point", "Bird"),
        ("sub-task", "tools.0.details.0", "single", "Sex?"),
        ("sub-task answer", "tools.0.details.0.answers.0", None, "male"),
        ("sub-task answer", "tools.0.details.0.answers.1", None, "female"),
    ]
    assert frame["task_label"].unique().to_list() == ["Mark them"]


def test_dropdowns_about_marks_have_their_options_under_them(project: RawProject) -> None:
    select = {"id": "z", "title": "Animal", "options": {"*": [{"label": "Feline", "value": "3f9c"}]}}
    detail = {"type": "dropdown", "instruction": "What is it?", "selects": [select]}
    drawing = {"type": "drawing", "tools": [{"type": "point", "label": "Bird", "details": [detail]}]}
    frame = table(project, workflow_row(tasks={"T0": drawing}, strings={}))
    assert frame.select("option_kind", "option_path", "option_id", "option_label").rows()[2:] == [
        ("sub-task select", "tools.0.details.0.selects.0", "z", "Animal"),
        ("sub-task answer", "tools.0.details.0.selects.0.options.*.0", "3f9c", "Feline"),
    ]


@pytest.mark.parametrize(
    "body", [{}, {"type": "single", "answers": None}, {"type": "drawing", "tools": [None, 3]}]
)
def test_a_definition_with_holes_is_no_error(project: RawProject, body: dict[str, Any]) -> None:
    frame = table(project, workflow_row(tasks={"T0": body, "T1": "nothing", "T2": None}))
    assert frame["task"].unique().to_list() == ["T0"]


def test_a_text_that_is_empty_or_its_key_is_no_label(project: RawProject) -> None:
    choices = {name: {"label": f"T0.choices.{name}.label"} for name in ("OCELOT", "LYNX", "PUMA")}
    tools = [{"type": "point", "label": f"T1.tools.{index}.label"} for index in range(2)]
    tasks = {
        "T0": {"type": "survey", "choices": choices, "choicesOrder": ["OCELOT", "LYNX", "PUMA"]},
        "T1": {"type": "drawing", "instruction": "T1.instruction", "tools": tools},
    }
    strings = {
        "T0.choices.OCELOT.label": "T0.choices.OCELOT.label",
        "T0.choices.LYNX.label": " ",
        "T0.choices.PUMA.label": "Puma",
        "T1.instruction": "T1.instruction",
        "T1.tools.0.label": "Nest",
        "T1.tools.1.label": "",
    }
    frame = table(project, workflow_row(first_task="T0", tasks=tasks, strings=strings))
    assert labels(frame) == [
        ("T0", None, "choice", 0, "OCELOT"),
        ("T0", None, "choice", 1, "LYNX"),
        ("T0", None, "choice", 2, "Puma"),
        ("T1", None, "tool", 0, "Nest"),
        ("T1", None, "tool", 1, "tool 2"),
    ]
