"""The demo: its exports are as Zooniverse writes them, and the pipeline finds in them what was put in."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import polars as pl
import pytest
from rich.console import Console

from tests.dagster_project import run_all
from zoo_dag.dagster.runs.run_all import Request
from zoo_dag.demo import DemoTruth, write_demo
from zoo_dag.demo.comparison import recovered, recovered_from, show_comparison
from zoo_dag.demo.export_form import CLASSIFICATION_COLUMNS, cell_text, json_text, stored
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

FILES = ("classifications.csv", "subjects.csv", "workflows.csv")
# The table of each task of the field sheets.
ANNOTATIONS = {
    "T0": "survey_annotations",
    "T1": "drawing_annotations",
    "T2": "drawing_annotations",
    "T3": "text_annotations",
    "T4": "dropdown_annotations",
    "T5": "dropdown_annotations",
    "T6": "slider_annotations",
    "T7": "highlight_annotations",
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoTruth]:
    folder = tmp_path_factory.mktemp("exports")
    return folder, write_demo(folder)


@pytest.fixture(scope="module")
def truth(exports: tuple[Path, DemoTruth]) -> DemoTruth:
    return exports[1]


@pytest.fixture(scope="module")
def elements(exports: tuple[Path, DemoTruth]) -> list[dict]:
    """The annotations of the field sheets, with the generation of the classifier as `new`."""
    rows = csv.DictReader(io.StringIO((exports[0] / "classifications.csv").read_text(encoding="utf-8")))
    return [
        {"new": "classifier_version" in row["metadata"], "element": element}
        for row in rows
        if row["workflow_id"] == str(exports[1].sheets.workflow_id)
        for element in orjson.loads(row["annotations"])
    ]


@pytest.fixture(scope="module")
def folder(exports: tuple[Path, DemoTruth], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFolder]:
    """A data folder in which the demo has run."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(data / "dagster_home"))
        data_folder = DataFolder(data)
        outcome = run_all(data_folder, Request((exports[0],)))
        assert outcome.failures == []
        yield data_folder


def table(folder: DataFolder, name: str, workflow: int | None = None) -> pl.DataFrame:
    keys = folder.tables.select_keys(TABLES[name], workflow, None) if TABLES[name].partition else None
    return folder.tables.scan_all(TABLES[name], keys).collect()


def test_a_second_write_gives_the_same_bytes(exports, tmp_path):
    assert write_demo(tmp_path) == exports[1]
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (exports[0] / name).read_bytes()


def test_the_rows_of_the_first_workflow_are_those_that_the_readme_shows(exports):
    lines = (exports[0] / "classifications.csv").read_bytes().splitlines(keepends=True)
    assert (
        hashlib.md5(b"".join(lines[:621]), usedforsecurity=False).hexdigest() == "dcc530e23bfad9901fe0e3c2005aeee2"
    )
    assert exports[1].classifications == 620


def test_files_are_utf8_with_plain_line_ends_and_rows_in_the_order_of_their_ids(exports):
    for name in FILES:
        data = (exports[0] / name).read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        first = [int(row[0]) for row in list(csv.reader(io.StringIO(data.decode())))[1:]]
        assert first == sorted(first)


def test_cells_are_quoted_only_where_they_have_to_be_and_null_is_not_the_empty_string(exports):
    header, *lines = (exports[0] / "classifications.csv").read_text(encoding="utf-8").splitlines()
    assert header == ",".join(CLASSIFICATION_COLUMNS)
    anonymous = next(line for line in lines if ",not-logged-in-" in line)
    assert anonymous.split(",")[2] == ""
    workflows = (exports[0] / "workflows.csv").read_text(encoding="utf-8").splitlines()
    assert workflows[-1].startswith('3592,"Field sheets, page by page",6,true,')
    # No tutorial subject: null, so nothing stands between the commas.
    assert ",en,T0,,2" in workflows[-1]
    assert (cell_text(None), cell_text("")) == ("", '""')


def test_json_has_its_keys_by_length_and_then_by_bytes(exports):
    for name, columns in (
        ("classifications.csv", ["metadata"]),
        ("subjects.csv", ["metadata"]),
        ("workflows.csv", ["tasks", "strings", "retirement"]),
    ):
        for row in csv.DictReader(io.StringIO((exports[0] / name).read_text(encoding="utf-8"))):
            for column in columns:
                assert row[column] == json_text(stored(orjson.loads(row[column])))


@pytest.mark.parametrize(
    ("task", "new", "keys"),
    [
        ("T0", False, ["task", "value"]),
        ("T0", True, ["task", "value", "taskType"]),
        ("T1", False, ["task", "task_label", "value"]),
        ("T1", True, ["task", "task_label", "value"]),
        ("T1.7.0", True, ["task", "value", "taskType", "markIndex"]),
        ("T2", True, ["task", "value", "taskType"]),
        ("T2.0.0", True, ["task", "value", "taskType", "markIndex"]),
        ("T3", False, ["task", "value", "task_label"]),
        ("T3", True, ["task", "value", "task_label"]),
        ("T4", False, ["task", "value"]),
        ("T5", False, ["task", "value"]),
        ("T5", True, ["task", "task_type", "value"]),
        ("T6", False, ["task", "value"]),
        ("T7", False, ["task", "value"]),
        ("T7", True, ["task", "value", "taskType"]),
    ],
)
def test_elements_have_the_keys_of_their_task_type_and_generation(elements, task, new, keys):
    found = [item["element"] for item in elements if item["element"]["task"] == task and item["new"] is new]
    assert found
    assert all(list(element) == keys for element in found)


def test_each_generation_has_its_own_tasks(elements):
    of = {new: {item["element"]["task"] for item in elements if item["new"] is new} for new in (False, True)}
    assert of[False] == {"T0", "T1", "T3", "T4", "T5", "T6", "T7"}
    # Tools are in another order in the newer version, so the nest is the first or the last.
    assert of[True] == {"T0", "T1", "T1.0.0", "T1.7.0", "T2", "T2.0.0", "T3", "T5", "T7"}


@pytest.mark.parametrize(
    ("label", "old", "new"),
    [
        ("Nest", {"x", "y"}, {"x", "y"}),
        ("Burrow", {"x", "y", "r", "angle"}, {"x_center", "y_center", "r"}),
        ("Path", {"x1", "y1", "x2", "y2"}, {"x1", "y1", "x2", "y2"}),
        ("Hut", {"x", "y", "width", "height"}, {"x_center", "y_center", "width", "height"}),
        ("Pond", {"x", "y", "rx", "ry", "angle"}, {"x_center", "y_center", "rx", "ry", "angle"}),
        ("Field", {"x", "y", "width", "height", "angle"}, {"x_center", "y_center", "width", "height", "angle"}),
        ("Copse", {"points", "closed"}, {"points"}),
        ("Stream", {"points"}, {"pathX", "pathY"}),
    ],
)
def test_marks_have_the_geometry_of_their_generation(elements, label, old, new):
    for is_new, geometry, others in (
        (False, old, {"tool", "frame", "details", "tool_label"}),
        (True, new, {"toolIndex", "toolType", "frame", "details", "tool_label"}),
    ):
        marks = [
            mark
            for item in elements
            if item["new"] is is_new and item["element"]["task"] == "T1"
            for mark in item["element"]["value"]
            if mark["tool_label"] == label
        ]
        assert marks
        for mark in marks:
            assert set(mark) == geometry | others
            assert list(mark) == [*stored({key: 0 for key in mark if key != "tool_label"}), "tool_label"]


def test_every_classification_is_found_and_left_out_for_its_reason(folder, truth):
    for expected in (truth, truth.sheets):
        found = table(folder, "classifications", expected.workflow_id)
        by_version = dict(found.group_by("workflow_version").len().iter_rows())
        by_reason = dict(found.drop_nulls("excluded").group_by("excluded").len().iter_rows())
        assert (found.height, by_version) == (expected.classifications, expected.classifications_by_version)
        assert by_reason == expected.excluded


def test_every_answer_of_the_sheets_is_a_row_and_every_blank_is_told(folder, truth):
    names = sorted(set(ANNOTATIONS.values()))
    rows = pl.concat([table(folder, name, truth.sheets.workflow_id).select("task", "status") for name in names])
    assert dict(rows.group_by("task").len().sort("task").iter_rows()) == truth.sheets.rows
    blanks = rows.filter(status="blank").group_by("task").len().sort("task")
    assert dict(blanks.iter_rows()) == truth.sheets.blanks
    assert set(rows["status"]) == {"answered", "blank"}
    for task, name in ANNOTATIONS.items():
        assert task in table(folder, name, truth.sheets.workflow_id)["task"]


def test_every_blank_question_is_told(folder, truth):
    rows = table(folder, "question_annotations", truth.workflow_id)
    assert dict(rows.filter(status="blank").group_by("task").len().sort("task").iter_rows()) == truth.blanks


def test_nothing_is_left_over_or_quarantined_and_the_books_balance(folder):
    assert table(folder, "other_annotations").is_empty()
    assert table(folder, "quarantine").is_empty()
    assert table(folder, "accounting")["balanced"].all()


def test_options_in_another_order_are_no_new_revision(folder, truth):
    tasks = table(folder, "tasks", truth.sheets.workflow_id)
    assert set(tasks["task_revision"]) == {f"{task}@5.9" for task in ANNOTATIONS}


@pytest.mark.parametrize(
    ("task", "least"),
    [("T0", 0.85), ("T1", 0.9), ("T2", 0.9), ("T3", 0.9), ("T4", 0.9), ("T5", 0.9), ("T6", 0.85), ("T7", 0.85)],
)
def test_what_is_true_about_the_sheets_is_found(folder, truth, task, least):
    found = recovered_from(folder, truth.sheets)
    assert found is not None
    rows = found.filter(task=task)
    assert rows.height > 0
    assert (rows["right"] >= rows["n"] * least).all(), rows


def test_what_is_found_is_near_the_truth(folder, truth):
    found = recovered_from(folder, truth.sheets)
    assert found is not None
    error = pl.col("error")
    bad = {"px": error > 5, "IoU": error < 0.9, "WER": error > 0.02, "percent": error > 4}
    for unit, condition in bad.items():
        assert found.filter(pl.col("unit") == unit).height > 0
        assert found.filter((pl.col("unit") == unit) & condition).is_empty()


def test_objects_that_are_not_there_are_few_and_seen_by_few(folder, truth):
    found = recovered_from(folder, truth.sheets)
    assert found is not None
    objects = found.filter(task="T1")
    assert 0 < objects["false"].sum() < 0.1 * objects["n"].sum()
    clusters = table(folder, "pooled_drawing_consensus", truth.sheets.workflow_id).filter(task="T1")
    clear = clusters.filter(pl.col("detection") > 0.5).height
    n = sum(map(len, truth.sheets.objects.values()))
    assert 0.9 * n <= clear <= n


def test_the_questions_are_answered_right(folder, truth):
    found = recovered(table(folder, "pooled_question_consensus", truth.workflow_id), truth)
    assert found["task"].to_list() == ["T0", "T1", "T4"]
    assert (found["right"] >= found["units"] * 0.85).all()


def test_the_comparison_fits_on_80_columns(folder, truth):
    printed = io.StringIO()
    show_comparison(folder, truth, Console(file=printed, width=80))
    lines = printed.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 60
    # A row for each thing that is asked for, none of them cut in two.
    rows = Counter(line.split()[0] for line in lines if line.startswith("  T"))
    sheets = {"T0": 3, "T1": 9, "T2": 2, "T3": 1, "T4": 2, "T5": 1, "T6": 1, "T7": 1}
    assert rows == Counter(sheets) + Counter(["T0", "T1", "T4"])


def test_a_folder_without_the_second_workflow_has_nothing_to_compare_it_with(truth, tmp_path):
    assert recovered_from(DataFolder(tmp_path), truth.sheets) is None
