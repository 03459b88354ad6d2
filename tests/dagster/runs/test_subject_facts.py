"""Facts of subjects that change with every export: they reach the summary, and rebuild nothing else."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import classification_row, subject_row, write_classifications, write_subjects
from tests.built_projects import BuiltProjects
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

AT = datetime(2025, 2, 1, 10, 11, 12, tzinfo=UTC)
STATE = {"workflow_id": 11, "classifications_count": 4, "retired_at": "2025-02-01T10:11:12.345Z"}


def export(path: Path, state: Any) -> Path:
    """Two versions with a classification of subject 101 each, in this state at export time."""
    entry = {"101": {"retired": state, "name": "a"}}
    rows = [
        classification_row(1, workflow_version="3.9", subject_data=entry),
        classification_row(2, subject_data=entry),
    ]
    return write_classifications(path, rows)


def summary(folder: DataFolder) -> dict[str, Any]:
    rows = folder.tables.scan(TABLES["subject_summary"], "11").collect()
    return rows.row(0, named=True)


def written(folder: DataFolder) -> dict[str, int]:
    """When each file of the tables was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.tables.root.rglob("*.parquet")}


@pytest.fixture
def retired(built_projects: BuiltProjects, folder: DataFolder, tmp_path: Path) -> Path:
    """The export of a subject that is retired; the data folder is that of its import."""
    path = export(tmp_path / "a.csv", STATE)
    built_projects.of(path).copy(folder)
    return path


@pytest.mark.usefixtures("retired")
def test_the_newest_export_says_whether_a_subject_is_retired(folder: DataFolder, tmp_path: Path) -> None:
    row = summary(folder)
    assert (row["classifications_count"], row["retired_at"], row["metadata"]) == (4, AT, '{"name":"a"}')
    assert row["subject_known"] is False
    before = written(folder)
    outcome = run_all(folder, Request((export(tmp_path / "b.csv", None),)))
    assert outcome.failures == []
    assert (summary(folder)["classifications_count"], summary(folder)["retired_at"]) == (None, None)
    changed = {
        Path(path).relative_to(folder.tables.root) for path, at in written(folder).items() if at != before[path]
    }
    assert {path.parts[0].removesuffix(".parquet") for path in changed} == {
        *("imports", "raw_classifications", "raw_quarantine", "raw_versions", "shown_subjects"),
        *("subject_summary", "subject_votes", "accounting", "quarantine"),
    }


@pytest.mark.parametrize("again", [True, False], ids=["the same import", "no import"])
def test_tables_of_an_earlier_zoo_dag_get_their_facts(folder: DataFolder, retired: Path, again: bool) -> None:
    for key in ("11-v3.9", "11-v3.10"):
        folder.tables.remove(TABLES["shown_subjects"], key)
    folder.tables.remove(TABLES["subject_summary"], "11")
    # The file was imported before: its rows are not read again.
    outcome = run_all(folder, Request((retired,) if again else ()))
    assert outcome.failures == []
    assert summary(folder)["retired_at"] == AT


def test_a_subject_that_moved_to_another_set_is_as_the_newest_import_says(
    folder: DataFolder, tmp_path: Path
) -> None:
    rows = [subject_row(101, subject_set_id=30, classifications_count=9, retired_at="2025-02-01 10:11:12 UTC")]
    run_all(folder, Request((export(tmp_path / "a.csv", None), write_subjects(tmp_path / "s.csv", rows))))
    assert summary(folder)["retired_at"] == AT
    moved = [subject_row(101, subject_set_id=21, classifications_count=2)]
    run_all(folder, Request((write_subjects(tmp_path / "s.csv", moved),)))
    assert (summary(folder)["classifications_count"], summary(folder)["retired_at"]) == (2, None)
    assert folder.tables.scan(TABLES["subjects"]).collect().height == 2
