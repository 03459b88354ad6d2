"""How exports arrive: the sensors of the inboxes, asked as the daemon asks them, and the runs that they start."""

import gzip
import os

import dagster as dg
import fsspec
import pytest

import zoo_dag
from tests.builders import export_bytes, write_export
from tests.dagster_project import instance_of, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.inbox.local import InboxError
from zoo_dag.inbox.remote import copy_objects, list_objects
from zoo_dag.store.data_folder import DataFolder

PREFIX = "memory://bucket/exports"


@pytest.fixture
def team(folder: DataFolder):
    """Ask a sensor, with the cursor of before, and run what it requests."""

    class Team:
        def __init__(self, instance: dg.DagsterInstance) -> None:
            self.instance = instance
            self.cursors: dict[str, str | None] = {}

        def ask(self, name: str) -> dg.SensorResult:
            definitions = build_definitions(DataFolder(folder.root))
            sensor = definitions.resolve_sensor_def(name)
            context = dg.build_sensor_context(
                self.instance,
                cursor=self.cursors.get(name),
                definitions=definitions,
            )
            result = sensor(context)
            self.cursors[name] = result.cursor
            for request in result.run_requests or ():
                job = definitions.resolve_job_def(sensor.job_name)
                run = job.execute_in_process(
                    instance=self.instance, run_config=request.run_config, raise_on_error=False
                )
                self.success = run.success
                self.checks = run.get_asset_check_evaluations()
                self.log = "\n".join(entry.user_message for entry in self.instance.all_logs(run.run_id))
            return result

    folder.root.mkdir(parents=True)
    (folder.root / "zoo_dag.toml").write_text(f'[importing]\nsettle_seconds = 0\nremote_inbox = "{PREFIX}"\n')
    with instance_of(folder) as instance:
        yield Team(instance)


@pytest.fixture
def store():
    memory = fsspec.filesystem("memory")
    memory.makedirs("/bucket/exports", exist_ok=True)
    yield memory
    memory.rm("/bucket", recursive=True)


def rows_of(folder: DataFolder) -> int:
    return zoo_dag.scan("raw_versions", folder.root).collect()["n_rows"].sum()


def test_a_new_file_is_imported_once_and_a_replaced_one_again(team, folder):
    assert team.ask("inbox").skip_reason.skip_message == "nothing new in the inbox"
    folder.inbox.mkdir(exist_ok=True)
    write_export(folder.inbox / "a.csv", votes("3.2", ["Yes"], 1))
    assert len(team.ask("inbox").run_requests) == 1
    assert not team.ask("inbox").run_requests
    write_export(folder.inbox / "a.csv", votes("3.2", ["Yes", "No"], 1))
    assert len(team.ask("inbox").run_requests) == 1
    assert rows_of(folder) == 2


def test_a_truncated_archive_is_reported_and_the_others_are_imported(team, folder):
    folder.inbox.mkdir(exist_ok=True)
    write_export(folder.inbox / "a.csv", votes("3.2", ["Yes"], 1))
    whole = gzip.compress((folder.inbox / "a.csv").read_bytes())
    (folder.inbox / "b.csv.gz").write_bytes(whole[: len(whole) // 2])
    team.ask("inbox")
    assert team.success
    assert rows_of(folder) == 1
    assert "b.csv.gz: the archive is broken" in team.log
    (check,) = [each for each in team.checks if each.check_name == "files_are_whole_exports"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "b.csv.gz: the archive is broken" in check.description


def test_an_import_of_nothing_but_a_truncated_archive_fails_with_a_sentence(team, folder):
    folder.inbox.mkdir(exist_ok=True)
    (folder.inbox / "b.csv.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    team.ask("inbox")
    assert not team.success
    assert "b.csv.gz: the archive is broken" in team.log


def test_a_failed_listing_leaves_the_cursor_as_it_was(team, folder):
    folder.inbox.mkdir(exist_ok=True)
    write_export(folder.inbox / "a.csv", votes("3.2", ["Yes"], 1))
    team.ask("inbox")
    known = team.cursors["inbox"]
    away = folder.root / "away"
    folder.inbox.rename(away)
    folder.inbox.write_text("no folder")
    with pytest.raises(InboxError, match=r"data/inbox is a file, and the inbox must be a folder"):
        team.ask("inbox")
    folder.inbox.unlink()
    away.rename(folder.inbox)
    assert team.cursors["inbox"] == known
    assert not team.ask("inbox").run_requests


def test_a_new_object_is_copied_into_the_inbox_and_a_replaced_one_again(team, folder, store):
    rows = votes("3.2", ["Yes"], 1)
    store.pipe_file("/bucket/exports/a.csv", export_bytes(rows, list(rows[0])))
    store.pipe_file("/bucket/exports/notes.txt", b"x")
    store.pipe_file("/bucket/exports/deeper/b.csv", b"x")
    assert len(team.ask("remote_inbox").run_requests) == 1
    assert [path.name for path in folder.inbox.iterdir()] == ["a.csv"]
    assert not team.ask("remote_inbox").run_requests
    team.ask("inbox")
    assert rows_of(folder) == 1
    rows = votes("3.2", ["Yes", "No"], 1)
    store.pipe_file("/bucket/exports/a.csv", export_bytes(rows, list(rows[0])))
    assert len(team.ask("remote_inbox").run_requests) == 1
    team.ask("inbox")
    assert rows_of(folder) == 2


def test_a_store_that_cannot_be_listed_is_no_empty_store(team, store):
    store.pipe_file("/bucket/exports/a.csv", b"x")
    team.ask("remote_inbox")
    known = team.cursors["remote_inbox"]
    store.rm("/bucket/exports", recursive=True)
    assert "cannot be listed" in team.ask("remote_inbox").skip_reason.skip_message
    assert team.cursors["remote_inbox"] == known


def test_a_store_that_nobody_knows_is_an_error_with_a_sentence():
    with pytest.raises(InboxError, match="this kind of store is unknown"):
        list_objects("nowhere://bucket/exports")


def test_a_copy_has_the_time_of_the_object(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "staging").mkdir()
    (tmp_path / "store" / "a.csv").write_text("x")
    os.utime(tmp_path / "store" / "a.csv", (10**9, 10**9))
    (copy,) = copy_objects(f"file://{tmp_path}/store", ["a.csv"], tmp_path / "inbox", tmp_path / "staging")
    assert copy.read_text() == "x"
    assert copy.stat().st_mtime == 10**9
