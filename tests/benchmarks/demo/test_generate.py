"""The generator of the demo: it writes exports as Zooniverse does; the files that zoo_dag ships are its output."""

import csv
import gzip
import hashlib
import io
from importlib.resources import files

import orjson
import pytest
from pydantic import TypeAdapter

from benchmarks.demo.export_form import cell_text, export_text, json_text, stored
from benchmarks.demo.generate import generate
from tests.builders import CLASSIFICATION_COLUMNS, SUBJECT_COLUMNS, WORKFLOW_COLUMNS
from zoo_dag.demo import DEPLOYMENTS, FILES, GOLD, TRUTH, DemoTruth
from zoo_dag.tables.layouts import SUBJECTS


@pytest.fixture(scope="module")
def generated() -> tuple[dict[str, str], DemoTruth]:
    return generate()


@pytest.fixture(scope="module")
def exports(generated) -> dict[str, str]:
    return generated[0]


@pytest.fixture(scope="module")
def truth(generated) -> DemoTruth:
    return generated[1]


@pytest.fixture(scope="module")
def elements(exports, truth) -> list[dict]:
    """The annotations of the field sheets, with the generation of the classifier as `new`."""
    return [
        {"new": "classifier_version" in row["metadata"], "element": element}
        for row in rows(exports["classifications.csv"])
        if row["workflow_id"] == str(truth.sheets.workflow_id)
        for element in orjson.loads(row["annotations"])
    ]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_shipped_files_are_what_the_generator_writes(exports, truth):
    """After a change of the generator, `python -m benchmarks.demo` writes them."""
    shipped = {item.name: item.read_bytes() for item in files("zoo_dag.demo").iterdir() if item.is_file()}
    contents = {name: gzip.decompress(data) for name, data in shipped.items() if name.endswith(".gz")}
    assert TypeAdapter(DemoTruth).validate_json(contents.pop(f"{TRUTH}.gz")) == truth
    assert contents == {f"{name}.gz": text.encode() for name, text in exports.items()}
    assert tuple(exports) == (*FILES, GOLD, DEPLOYMENTS)
    assert sum(len(data) for name, data in shipped.items() if name.endswith(".gz")) < 300_000


def test_the_shipped_files_have_neither_a_time_nor_a_name_in_their_gzip_header():
    for name in (*FILES, GOLD, DEPLOYMENTS, TRUTH):
        header = (files("zoo_dag.demo") / f"{name}.gz").read_bytes()[:10]
        # RFC 1952: magic number, deflate, no flags, no modification time.
        assert header[:8] == b"\x1f\x8b\x08\x00" + b"\x00" * 4


def test_a_second_run_gives_the_same_exports_and_truth(generated):
    assert generate() == generated


def test_the_rows_of_the_first_workflow_are_those_that_the_readme_shows(exports, truth):
    lines = exports["classifications.csv"].encode().splitlines(keepends=True)
    assert (
        hashlib.md5(b"".join(lines[:621]), usedforsecurity=False).hexdigest() == "dcc530e23bfad9901fe0e3c2005aeee2"
    )
    assert sum(truth.questions.classifications.values()) == 620


def test_exports_have_todays_columns_in_the_order_of_zooniverse(exports):
    for name, columns in (
        ("classifications.csv", CLASSIFICATION_COLUMNS),
        ("subjects.csv", SUBJECT_COLUMNS),
        ("workflows.csv", WORKFLOW_COLUMNS),
    ):
        assert exports[name].partition("\n")[0] == ",".join(columns)


def test_lines_end_plainly_and_rows_are_in_the_order_of_their_ids(exports):
    for name, text in exports.items():
        assert not text.startswith("\ufeff")
        assert "\r" not in text
        if name not in FILES:
            continue
        ids = [int(row[0]) for row in list(csv.reader(io.StringIO(text)))[1:]]
        assert ids == sorted(ids)


def test_cells_are_quoted_only_where_they_have_to_be_and_null_is_not_the_empty_string(exports):
    anonymous = next(line for line in exports["classifications.csv"].splitlines() if ",not-logged-in-" in line)
    assert anonymous.split(",")[2] == ""
    workflows = exports["workflows.csv"].splitlines()
    assert workflows[5].startswith('3592,"Field sheets, page by page",6,true,')
    # No tutorial subject: null, so nothing stands between the commas.
    assert ",en,T0,,16," in workflows[5]
    assert (cell_text(None), cell_text("")) == ("", '""')


def test_an_export_with_rows_of_different_columns_is_refused():
    with pytest.raises(KeyError, match="metadata"):
        export_text(SUBJECTS, [{"subject_id": 1, "metadata": "{}"}, {"subject_id": 2}])


def test_json_has_its_keys_by_length_and_then_by_bytes(exports):
    for name, columns in (
        ("classifications.csv", ["metadata"]),
        ("subjects.csv", ["metadata"]),
        ("workflows.csv", ["tasks", "strings", "retirement"]),
    ):
        for row in rows(exports[name]):
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
        ("T8", False, ["task", "value"]),
        ("T9", True, ["task", "value", "taskType"]),
        ("T10", True, ["task", "value", "taskType"]),
    ],
)
def test_elements_have_the_keys_of_their_task_type_and_generation(elements, task, new, keys):
    found = [item["element"] for item in elements if item["element"]["task"] == task and item["new"] is new]
    assert found
    assert all(list(element) == keys for element in found)


def test_each_generation_of_the_classifier_has_its_tasks(elements):
    of = {new: {item["element"]["task"] for item in elements if item["new"] is new} for new in (False, True)}
    assert of[False] == {"T0", "T1", "T3", "T4", "T5", "T6", "T7", "T8"}
    # Tools are in another order in the newer version, so the nest is the first or the last.
    assert of[True] == {"T0", "T1", "T1.0.0", "T1.7.0", "T2", "T2.0.0", "T3", "T5", "T7", "T9", "T10"}


def test_a_grid_names_its_twenty_pictures_and_selects_among_them(exports, truth):
    grids = [
        row for row in rows(exports["classifications.csv"]) if row["workflow_id"] == str(truth.grids.workflow_id)
    ]
    assert len(grids) == 24
    for row in grids:
        shown = row["subject_ids"].split(";")
        assert len(shown) == 20
        assert list(orjson.loads(row["subject_data"])) == shown == sorted(shown)
        (element,) = orjson.loads(row["annotations"])
        assert {cell["subject"] for cell in element["value"]} <= set(shown)


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
