"""The summary of a run as it is read from the tables: counts, notes and commands."""

from typing import Any

import pytest

from tests.checks.inputs import table
from zoo_dag.cli.summary import VersionSummary, left_out_by_workflow, summarise
from zoo_dag.dagster.runs.brought import Brought, FileRead
from zoo_dag.dagster.runs.requests import FailedCheck, Outcome
from zoo_dag.exports.files import ExportFiles
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

KEY = "10-v3.2"


def accounting(stage: str, **counts: int) -> dict[str, Any]:
    zeros = {name: 0 for name, dtype in TABLES["accounting"].dtypes.items() if dtype.is_integer()}
    version = {"workflow_id": 10, "workflow_version": "3.2", "stage": stage, "unit": "rows", "balanced": True}
    return {**zeros, **version, **counts}


@pytest.fixture
def built(folder: DataFolder) -> DataFolder:
    """The tables of one version of which 200 rows were read in all imports, and 150 are stored."""
    rows = (
        accounting("raw", rows_in=200, rows_out=150, merged=50),
        accounting("parsed", rows_in=150, rows_out=148, quarantined=2, excluded=48, excluded_repeat=48),
        accounting("flattened", rows_in=200, rows_out=199, quarantined=1),
    )
    store(folder, "accounting", *rows)
    store(folder, "classifications", {"workflow_id": 10, "live_project": True}, key=KEY)
    store(folder, "tasks", {"version_match": "none"}, key=KEY)
    store(folder, "workflow_versions")
    return folder


def store(folder: DataFolder, name: str, *rows: dict[str, Any], key: str | None = None) -> None:
    folder.tables.publish(TABLES[name], table(name, *rows), {}, key)


def outcome(**options: Any) -> Outcome:
    return Outcome(ExportFiles(()), [KEY], **options)


def test_a_version_has_what_the_run_brought_beside_what_stands(built):
    brought = Brought((FileRead("new.csv", "classifications", 60),), {KEY: 60}, {KEY: 10})
    (version,) = summarise(built, outcome(changed=[KEY], brought=brought)).versions
    assert (version.read_in_run, version.new_rows, version.recomputed) == (60, 10, True)
    assert (version.rows_read, version.merged, version.quarantined) == (200, 50, 2)
    assert (version.excluded, version.left_out, version.counted) == ({"repeat": 48}, 48, 100)
    assert version.elements_quarantined == 1
    assert version.is_changed
    (unchanged,) = summarise(built, outcome()).versions
    assert (unchanged.read_in_run, unchanged.new_rows, unchanged.is_changed) == (0, 0, False)


def test_a_version_of_which_no_rows_are_left_is_removed(built):
    store(built, "raw_classifications", {}, key="10-v3.3")
    brought = Brought(new={KEY: -3, "10-v3.3": -2, "subjects": -5, "10-v3.4": 1})
    assert summarise(built, outcome(brought=brought)).removed == {KEY: 3}


def test_json_has_the_keys_of_before_and_those_that_were_added(built):
    check = FailedCheck("tasks", "version_is_defined", KEY, "WARN", "No version.")
    brought = Brought((FileRead("new.csv", "classifications", 60),), {KEY: 60}, {KEY: 10})
    found = summarise(built, outcome(checks=[check], standing=[check], brought=brought)).to_json()
    assert set(found) == {
        *(
            "data",
            "files",
            "versions",
            "rows_without_version",
            "balanced",
            "notes",
            "warnings",
            "failures",
            "stages",
        ),
        *("standing", "files_read", "removed"),
    }
    assert set(found["versions"][0]) == {
        *("workflow_id", "workflow_version", "rows_read", "merged", "quarantined", "excluded", "counted"),
        *("elements_quarantined", "definition", "recomputed", "read_in_run", "new_rows"),
    }
    assert found["warnings"][0]["check"] == found["standing"][0]["check"] == "version_is_defined"
    assert found["files_read"] == [{"file": "new.csv", "kind": "classifications", "rows": 60}]


def test_without_a_workflows_export_the_note_says_where_to_get_it_and_how_to_import_it(built):
    (note,) = summarise(built, outcome()).notes
    assert note == (
        "No workflows export is imported: labels are those in the classifications or missing, and options that "
        "nobody chose are not known. Get it from Zooniverse (Lab, your project, Data Exports, "
        f'"Request new workflow export"), and import it:\n  zoo-dag run workflows.csv --data {built.root}'
    )
    store(built, "workflow_versions", {"workflow_id": 10, "workflow_version": "3.2"})
    assert summarise(built, outcome()).notes == []


def test_several_projects_are_named(built):
    store(built, "workflow_versions", {"workflow_id": 10})
    subjects = [
        {"subject_id": 1, "project_id": 593, "workflow_id": 10},
        {"subject_id": 1, "project_id": 593, "workflow_id": 11},
        {"subject_id": 2, "project_id": 593},
        {"subject_id": 3, "project_id": 1764},
    ]
    store(built, "subjects", *subjects[:3])
    assert summarise(built, outcome()).notes == []
    store(built, "subjects", *subjects)
    assert summarise(built, outcome()).notes == [
        "The subjects are of 2 projects: 593 (2 subjects, workflows 10, 11) and 1764 (1 subject, in no workflow). "
        "All of them are built; a data folder for each project keeps them apart."
    ]


def test_workflows_that_were_never_live_are_one_note(built):
    store(built, "workflow_versions", {"workflow_id": 10})
    store(built, "classifications", {"workflow_id": 10, "live_project": False}, key=KEY)
    other = {"workflow_id": 11, "live_project": False}
    store(built, "classifications", other, other, key="11-v1.1")
    both = Outcome(ExportFiles(()), [KEY, "11-v1.1"])
    assert summarise(built, both).notes == [
        "Never live, so that nothing is left out as pre_launch: workflow 10 (1 classification), 11 (2 "
        "classifications)."
    ]


def test_volunteers_and_versions_that_the_settings_exclude_and_nobody_has_are_named(built):
    store(built, "workflow_versions", {"workflow_id": 10})
    row = {
        "workflow_id": 10,
        "workflow_version": "3.10",
        "user_name": "Ann",
        "user_key": "user:7",
        "live_project": True,
    }
    store(built, "classifications", row, key=KEY)
    lists = 'users = ["ann", "anne", 7, 8]\nversions = ["3.10", "3.1", "11 3.10"]'
    (built.root / "zoo_dag.toml").write_text(f"[exclusion]\n{lists}", encoding="utf-8")
    assert summarise(built, outcome()).notes == [
        'zoo_dag.toml excludes what no classification has: the volunteer "anne", the volunteer "8", '
        'the version "3.1", the version "11 3.10".'
    ]


def test_files_that_are_no_exports_are_named(built):
    store(built, "workflow_versions", {"workflow_id": 10})
    given = Outcome(ExportFiles((), ("a.csv: not an export.",)), [KEY])
    assert summarise(built, given).notes == ["Ignored a.csv: not an export."]


def test_reasons_are_counted_over_the_versions_of_a_workflow():
    def version(workflow: int, minor: int, excluded: dict[str, int]) -> VersionSummary:
        return VersionSummary(workflow, f"1.{minor}", 9, 0, 0, excluded, 9, 0, "exact", False)

    found = left_out_by_workflow(
        [version(1, 1, {"repeat": 2}), version(1, 2, {"repeat": 3, "pre_launch": 1}), version(2, 1, {})]
    )
    assert {workflow: [*reasons.items()] for workflow, reasons in found.items()} == {
        1: [("pre_launch", 1), ("repeat", 5)]
    }
