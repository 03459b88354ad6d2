"""Raw files that somebody deleted, or restored from an older copy: reported, and restored by their exports."""

import shutil
from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.builders import subject_row, workflow_row, write_export
from tests.dagster_project import run_all, votes
from zoo_dag.dagster.runs.run_all import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

RAW = TABLES["raw_classifications"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    place = tmp_path_factory.mktemp("exports")
    return (
        write_export(place / "c.csv", votes("3.2", ["Yes", "No", "Yes"], 1) + votes("3.9", ["No"], 9)),
        write_export(place / "s.csv", [subject_row(workflow_id=10)]),
        write_export(place / "w.csv", [workflow_row(3, 2, workflow_id=10)]),
    )


@pytest.fixture(scope="module")
def whole(exports: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """All tables of the project; not to be changed."""
    folder = DataFolder(tmp_path_factory.mktemp("whole") / "data")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(folder.root / "dagster_home"))
        assert run_all(folder, Request(exports)).failures == []
    return folder


@pytest.fixture
def imported(folder: DataFolder, whole: DataFolder) -> DataFolder:
    """The project, for a test to change."""
    shutil.copytree(whole.root, folder.root)
    return folder


def accounting(folder: DataFolder) -> pl.DataFrame:
    return zoo_dag.scan("accounting", folder.root).collect()


def test_a_lost_version_is_reported_by_a_run_and_comes_back_with_the_same_export(imported, whole, exports):
    imported.tables.remove(RAW, "10-v3.2")
    (failure,) = run_all(imported, Request(())).failures
    assert "rows of 10-v3.2, raw: 3 in, 0 out, 0 quarantined, 0 merged" in failure
    assert "Import the exports again" in failure
    outcome = run_all(imported, Request(exports))
    assert outcome.failures == []
    assert outcome.versions == ["10-v3.2", "10-v3.9"]
    assert accounting(imported).equals(accounting(whole))
    for name in ("raw_classifications", "classifications", "question_consensus", "subject_summary"):
        table = TABLES[name]
        assert imported.tables.scan_all(table).collect().equals(whole.tables.scan_all(table).collect())


def test_an_import_of_another_file_reports_the_lost_version(imported, tmp_path):
    imported.tables.remove(RAW, "10-v3.2")
    other = write_export(tmp_path / "other.csv", votes("3.9", ["Yes"], 30))
    (failure,) = run_all(imported, Request((other,))).failures
    assert "rows of 10-v3.2, raw: 3 in, 0 out" in failure


def test_a_raw_table_that_is_missing_is_reported(imported, exports):
    imported.tables.remove(TABLES["raw_subjects"])
    (failure,) = run_all(imported, Request(())).failures
    assert failure == (
        f"{imported.tables.path(TABLES['raw_subjects'])} is missing. Import the subjects export again: "
        "zoo-dag run EXPORT…"
    )
    assert run_all(imported, Request(exports)).failures == []
