"""Raw files that somebody deleted: reported, and restored by their exports."""

import polars as pl

import zoo_dag
from tests.builders import write_export
from tests.dagster_project import run_all, votes
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

RAW = TABLES["raw_classifications"]


def accounting(folder: DataFolder) -> pl.DataFrame:
    return zoo_dag.scan("accounting", folder.root).collect()


def test_a_lost_version_is_reported_by_a_run_and_comes_back_with_the_same_export(imported, fresh, exports):
    imported.tables.remove(RAW, "10-v3.2")
    (failure,) = run_all(imported, Request(())).failures
    assert "rows of 10-v3.2, raw: 3 in, 0 out, 0 quarantined, 0 merged" in failure
    assert "Import the exports again" in failure
    outcome = run_all(imported, Request(exports))
    assert outcome.failures == []
    assert outcome.versions == ["10-v3.2", "10-v3.9"]
    assert accounting(imported).equals(accounting(fresh))
    for name in ("raw_classifications", "classifications", "question_consensus", "subject_summary"):
        table = TABLES[name]
        assert imported.tables.scan_all(table).collect().equals(fresh.tables.scan_all(table).collect())


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
        f"zoo-dag run subjects.csv --data {imported.root}"
    )
    assert run_all(imported, Request(exports)).failures == []
