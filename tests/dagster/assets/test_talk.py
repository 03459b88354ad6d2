"""Comments on Talk in `subject_summary`: what the settings ask for, what is rebuilt, and what is an error."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import zoo_dag
from tests.builders import classification_row, write_export
from tests.dagster_project import run_all
from zoo_dag.dagster.data_versions import stale_tables
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.runs.requests import Request, partitions_of
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables.pooled import OF_TALK


def stale(folder: DataFolder) -> set[str]:
    again = DataFolder(folder.root)
    return set(stale_tables(recipes(again.settings), again, partitions_of(again.versions())))


def write_comments(file: Path, subject: int, *bodies: str) -> None:
    about = {"comment_id": 1, "comment_focus_id": subject, "comment_focus_type": "Subject"}
    times = {"comment_created_at": "2024-03-05T01:02:03.475Z"}
    file.write_text(json.dumps([{**about, **times, "comment_body": body} for body in bodies]))


def test_comments_are_counted_where_the_settings_name_their_export(folder, tmp_path):
    rows = [classification_row(number, subject_ids=str(101 + number % 2)) for number in range(4)]
    run_all(folder, Request((write_export(tmp_path / "classifications.csv", rows),)))
    assert not set(OF_TALK) & set(zoo_dag.scan("subject_summary", folder.root).collect_schema().names())
    write_comments(folder.root / "comments.json", 102, "A #fox", "No, a #wolf", "#Wolf")
    (folder.root / "zoo_dag.toml").write_text('[talk]\ncomments = "comments.json"\n')
    assert stale(folder) == {"subject_summary", "subject_votes"}

    assert not run_all(DataFolder(folder.root), Request(())).failures
    summary = zoo_dag.scan("subject_summary", folder.root).select("subject_id", *OF_TALK).collect()
    latest = datetime(2024, 3, 5, 1, 2, 3, 475_000, UTC)
    assert summary.rows() == [(101, 0, [], None), (102, 3, ["wolf", "fox"], latest)]
    assert stale(folder) == set()

    # The export of another project is no reason to say that nobody wrote anything.
    write_comments(folder.root / "comments.json", 9999, "A #fox")
    assert "subject_summary" in stale(folder)
    problem = r"talk\.comments: of 1 comment about subjects in comments\.json, such as 9999, none is about"
    with pytest.raises(ZooDagError, match=problem):
        run_all(DataFolder(folder.root), Request(()))
