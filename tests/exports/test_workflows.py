"""Raw workflows to typed rows, and the search for the definition of a version."""

import json
from typing import Any

import polars as pl
import pytest

from tests.builders import WORKFLOW_COLUMNS, question, question_strings, workflow_row, write_workflows
from tests.exports.raw_project import RawProject
from zoo_dag.exports.workflows import find_definition, find_version, parse_workflows, retirement_rule
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey

PRE_2019 = WORKFLOW_COLUMNS[:14]


def typed(
    project: RawProject, *rows: dict[str, Any], columns: tuple[str, ...] = WORKFLOW_COLUMNS
) -> tuple[pl.DataFrame, pl.DataFrame]:
    project.add(write_workflows(project.root.parent / "workflows.csv", rows, columns))
    return parse_workflows(project.table("raw_workflows"))


def stored(*versions: str, workflow: int = 11) -> list[VersionKey]:
    return [VersionKey(workflow, *(int(part) for part in version.split("."))) for version in versions]


def test_every_column_is_typed(project: RawProject) -> None:
    versions, quarantine = typed(project, workflow_row(3, 10, tutorial_subject_id=7))
    assert versions.schema == TABLES["workflow_versions"].dtypes
    assert quarantine.height == 0
    row = versions.row(0, named=True)
    assert json.loads(row.pop("tasks")) == {"T0": question()}
    assert json.loads(row.pop("strings")) == question_strings()
    assert row == {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "version_major": 3,
        "version_minor": 10,
        "display_name": "Birds",
        "active": True,
        "classifications_count": 4,
        "pairwise": False,
        "grouped": False,
        "prioritized": False,
        "primary_language": "en",
        "first_task": "T0",
        "tutorial_subject_id": 7,
        "retired_set_member_subjects_count": 1,
        "retirement_criteria": "classification_count",
        "retirement_count": 15,
        "retirement": '{"criteria":"classification_count","options":{"count":15}}',
        "aggregation": None,
    }


def test_every_version_is_a_row_in_the_order_of_integers(project: RawProject) -> None:
    numbers = [(16, 55), (14, 52), (14, 55), (15, 55), (14, 53), (9, 54)]
    versions, _ = typed(project, *(workflow_row(*number) for number in numbers))
    assert versions["workflow_version"].to_list() == ["9.54", "14.52", "14.53", "14.55", "15.55", "16.55"]


SIX_VERSIONS = stored("14.52", "14.53", "14.54", "14.55", "15.55", "16.55")


def test_a_version_is_matched_by_both_numbers() -> None:
    for version in SIX_VERSIONS:
        assert find_version(version, SIX_VERSIONS) == ("exact", version)


def test_after_a_new_major_the_minor_goes_on() -> None:
    assert find_version(VersionKey(11, 15, 0), SIX_VERSIONS) == ("fallback", VersionKey(11, 15, 55))


def test_columns_of_today_are_the_same_on_every_row(project: RawProject) -> None:
    versions, _ = typed(project, workflow_row(3, 9), workflow_row(3, 10))
    for name in ("display_name", "active", "retirement", "grouped", "classifications_count"):
        assert versions[name].n_unique() == 1


@pytest.mark.parametrize("cell", [{}, {"alias": "x"}, None, "null"])
def test_aggregation_may_be_there_or_not(project: RawProject, cell: Any) -> None:
    columns = (*WORKFLOW_COLUMNS[:14], "aggregation", *WORKFLOW_COLUMNS[14:])
    versions, quarantine = typed(project, workflow_row() | {"aggregation": cell}, columns=columns)
    assert versions["workflow_version"].to_list() == ["3.10"]
    assert quarantine.height == 0


def test_a_file_of_before_2019_has_majors_only(project: RawProject) -> None:
    versions, quarantine = typed(project, workflow_row(3, None), workflow_row(4, None), columns=PRE_2019)
    assert versions.select("workflow_version", "version_major", "version_minor", "strings").rows() == [
        ("3", 3, None, None),
        ("4", 4, None, None),
    ]
    assert quarantine.height == 0
    definition = find_definition(VersionKey(11, 3, 10), versions)
    assert (definition.match, definition.version, definition.strings) == ("fallback", None, {})
    assert definition.tasks == {"T0": question()}
    assert find_definition(VersionKey(11, 5, 1), versions).match == "none"


@pytest.mark.parametrize(
    ("wanted", "known", "expected"),
    [
        ("3.5", ["3.4", "4.4", "4.6"], ("fallback", "4.6")),
        ("3.5", ["3.2", "3.4"], ("fallback", "3.4")),
        ("3.5", ["3.5", "3.6"], ("exact", "3.5")),
        ("3.5", ["4.6", "3.10", "3.9"], ("fallback", "3.9")),
        ("3.5", ["4.4", "5.1"], ("fallback", "5.1")),
    ],
)
def test_a_missing_version_is_searched_for_as_the_server_does(
    wanted: str, known: list[str], expected: tuple[str, str]
) -> None:
    match, found = find_version(*stored(wanted), stored(*known))
    assert (match, found and found.version) == expected


def test_a_workflow_that_is_missing_has_no_definition(project: RawProject) -> None:
    versions, _ = typed(project, workflow_row(3, 10))
    assert find_version(VersionKey(12, 3, 10), stored("3.10")) == ("none", None)
    assert find_definition(VersionKey(12, 3, 10), versions).match == "none"
    assert find_definition(VersionKey(11, 3, 10), versions.clear()).tasks is None


def test_of_two_rows_of_a_version_the_last_stays() -> None:
    texts = [json.dumps({"T0": question(answers=number)}) for number in (2, 3)]
    names = ["workflow_id", "version", "minor_version", "tasks", "source_file", "source_row"]
    rows = [("11", "3", "10", text, "w.csv", number) for number, text in enumerate(texts, 1)]
    raw = pl.DataFrame(rows, schema=names, orient="row").lazy()
    versions, _ = parse_workflows(TABLES["raw_workflows"].layout.complete(raw).collect())  # type: ignore[union-attr]
    assert versions["tasks"].to_list() == [texts[1]]


@pytest.mark.parametrize("value", [None, {"TIGER": "x"}, {}, ""])
def test_strings_of_any_type_are_accepted(project: RawProject, value: Any) -> None:
    strings = question_strings() | {"T0.help": value}
    versions, quarantine = typed(project, workflow_row(strings=strings))
    assert json.loads(versions["strings"][0]) == strings
    assert quarantine.height == 0


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"criteria": "classification_count", "options": {"count": 15}}, ("classification_count", 15)),
        ({"options": {"count": 15}, "criteria": "classification_count"}, ("classification_count", 15)),
        ({"criteria": "classification_count", "options": {"count": "15"}}, ("classification_count", 15)),
        ({"criteria": "classification_count", "options": {"count": 15.0}}, ("classification_count", 15)),
        ({"criteria": "classification_count", "options": {"count": 10**30}}, ("classification_count", None)),
        (
            {"criteria": "classification_count", "options": {"count": "\u0661\u0665"}},
            ("classification_count", None),
        ),
        ({"criteria": "classification_count", "options": {"count": True}}, ("classification_count", None)),
        ({"criteria": "never_retire"}, ("never_retire", None)),
        ({"criteria": "never_retire", "options": {}}, ("never_retire", None)),
        ({"criteria": 3, "options": []}, (None, None)),
        ({}, (None, None)),
        (None, (None, None)),
    ],
)
def test_the_rule_of_retirement(cell: Any, expected: tuple[str | None, int | None]) -> None:
    assert retirement_rule(None if cell is None else json.dumps(cell)) == expected


@pytest.mark.parametrize(
    ("name", "cell", "column", "reason"),
    [
        ("workflow_id", "birds", "workflow_id", "expected a whole number"),
        ("version", "3.10", "version_major", "expected a whole number"),
        ("minor_version", "x", "version_minor", "expected a whole number or nothing"),
        ("tasks", '{"T0":', "tasks", "not JSON"),
        ("strings", "[]", "strings", "expected a JSON object, found list"),
    ],
)
def test_a_row_that_does_not_parse_is_quarantined(
    project: RawProject, name: str, cell: Any, column: str, reason: str
) -> None:
    versions, quarantine = typed(project, workflow_row(3, 9), workflow_row(3, 11) | {name: cell})
    assert versions["workflow_version"].to_list() == ["3.9"]
    row = quarantine.row(0, named=True)
    assert (row["column"], row["source_file"]) == (column, "workflows.csv")
    assert row["source_row"] == 2
    assert row["reason"].startswith(reason)


def test_what_r_wrote_for_missing_is_missing(project: RawProject) -> None:
    versions, quarantine = typed(project, workflow_row(tutorial_subject_id="NA"))
    assert versions["tutorial_subject_id"].to_list() == [None]
    assert quarantine.height == 0
