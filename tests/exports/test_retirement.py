"""Classifications made after their subject was retired."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tests.builders import classification_row, metadata, subject_row, write_classifications, write_subjects
from tests.dagster_project import run_all
from tests.exports.raw_project import RawProject
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.exports.retirement import last_retired, retirements
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

AT = datetime(2024, 3, 5, 1, 0, 3, tzinfo=UTC)


def row(number: int, retired_at: str | None = None, shown: bool = False, **cells: Any) -> dict[str, Any]:
    """A classification of 2024-03-05 01:00 and `number` seconds; the server says when the subject was retired."""
    state = {"workflow_id": 11, "retired_at": retired_at} if retired_at else None
    cell = metadata(session=f"s{number}", subject_selection_state={"retired": shown})
    return classification_row(number, **{"subject_data": {"101": {"retired": state}}, "metadata": cell, **cells})


def test_the_server_says_when_a_subject_was_retired(project: RawProject) -> None:
    moment = "2024-03-05T01:00:02.500Z"
    rows = [row(number, moment) for number in (1, 2, 3)] + [row(4), row(5, shown=True), row(6, created_at=None)]
    project.add(write_classifications(project.root.parent / "c.csv", rows))
    frame = project.classifications()
    assert frame["after_retirement"].to_list() == [False, False, True, False, True, False]
    assert frame["excluded"].to_list() == [None] * 6


def test_subjects_shown_together_are_retired_with_the_last_of_them() -> None:
    retired = {1: AT, 2: AT + timedelta(days=1)}
    ids = pl.Series(["1", "1;2", "2;3", "3", None])
    assert last_retired(ids, retired).to_list() == [AT, AT + timedelta(days=1), None, None, None]
    assert last_retired(ids, {}).to_list() == [None] * 5


def test_the_newest_import_of_subjects_says_when() -> None:
    rows = [
        {"subject_id": 1, "retired_at": AT, "is_current": False},
        {"subject_id": 1, "retired_at": None, "is_current": True},
        {"subject_id": 2, "retired_at": AT, "is_current": True},
    ]
    assert retirements(pl.LazyFrame(rows, schema=TABLES["subjects"].dtypes)) == {2: AT}


def test_late_votes_are_left_out_on_wish(folder: DataFolder, tmp_path: Path) -> None:
    rows = write_classifications(tmp_path / "c.csv", [row(number) for number in range(1, 6)])
    subjects = write_subjects(tmp_path / "s.csv", [subject_row(101, retired_at="2024-03-05 01:00:03 UTC")])
    run_all(folder, Request((rows,)))
    table = TABLES["classifications"]
    before = folder.tables.data_version(table, "11-v3.10")
    run_all(folder, Request((subjects,)))
    # By default a subjects export makes no version stale.
    assert folder.tables.data_version(table, "11-v3.10") == before
    (folder.root / "zoo_dag.toml").write_text("[exclusion]\nafter_retirement = true\n")
    assert run_all(DataFolder(folder.root), Request(())).failures == []
    excluded = folder.tables.scan(table, "11-v3.10").collect()["excluded"].to_list()
    assert excluded == [None, None, None, "after_retirement", "after_retirement"]
    votes = folder.tables.scan(TABLES["pooled_question_consensus"], "11").collect()["votes"].to_list()
    assert votes == [3]
    # Retired earlier, by a newer export.
    write_subjects(subjects, [subject_row(101, retired_at="2024-03-05 01:00:01 UTC")])
    run_all(DataFolder(folder.root), Request((subjects,)))
    assert folder.tables.scan(table, "11-v3.10").collect()["excluded"].null_count() == 1
