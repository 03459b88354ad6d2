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


def test_lost_files_are_reported_by_runs_and_come_back_with_the_same_exports(imported, fresh, exports, tmp_path):
    imported.tables.remove(RAW, "10-v3.2")
    (failure,) = run_all(imported, Request(())).failures
    assert "rows of 10-v3.2, raw: 3 in, 0 out, 0 quarantined, 0 merged" in failure
    assert "Import the exports again" in failure
    imported.tables.remove(TABLES["raw_subjects"])
    missing = (
        f"{imported.tables.path(TABLES['raw_subjects'])} is missing. Import the subjects export again: "
        f"zoo-dag run subjects.csv --data {imported.root}"
    )
    assert missing in run_all(imported, Request(())).failures
    outcome = run_all(imported, Request(exports))
    assert outcome.failures == []
    assert outcome.versions == ["10-v3.2", "10-v3.9"]
    assert accounting(imported).equals(accounting(fresh))
    for name in ("raw_classifications", "classifications", "question_consensus", "subject_summary"):
        table = TABLES[name]
        assert imported.tables.scan_all(table).collect().equals(fresh.tables.scan_all(table).collect())

    # Also by a run that imports another file.
    imported.tables.remove(RAW, "10-v3.2")
    other = write_export(tmp_path / "other.csv", votes("3.9", ["Yes"], 30))
    (failure,) = run_all(imported, Request((other,))).failures
    assert "rows of 10-v3.2, raw: 3 in, 0 out" in failure
