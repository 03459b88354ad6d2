"""What a killed process was working on is removed, and never what a living one works on."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from tests.builders import classification_row, write_export
from zoo_dag.cli.main import main
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.exporting import write_tables
from zoo_dag.store.working_files import remove_left_over, remove_left_over_temporary, temporary_folder, working
from zoo_dag.tables import TABLES

# Stages a row and begins a draft, says so, and waits to be killed.
WORKING = """
import sys, time
from pathlib import Path
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.working_files import working
folder = DataFolder(Path(sys.argv[1]))
draft = folder.tables.root / "tasks" / f".11-v3.10.{'0' * 32}.parquet"
with folder.staging() as staging, working(draft):
    (staging / "part").write_text("a row")
    draft.write_text("a row")
    print("working", flush=True)
    time.sleep(300)
"""


# Checks an export, writes a table to a file, says so in the midst of it, and waits to be killed.
WRITING = """
import sys, time
from pathlib import Path
import polars as pl
from zoo_dag.store.exporting import write_tables
from zoo_dag.store.working_files import temporary_folder
target = Path(sys.argv[1]) / "table.csv"
def wait(frame):
    if any(target.parent.glob(".zoo-dag-*.part")):
        print("working", flush=True)
        time.sleep(300)
    return frame
with temporary_folder() as folder:
    (folder / "part").write_text("a row")
    write_tables({"tasks": pl.LazyFrame({"task": ["T0"]}).map_batches(wait)}, target)
"""


@contextmanager
def process_at_work(root: Path, code: str = WORKING) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", code, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        try:
            yield process
        finally:
            process.kill()


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_what_a_living_process_works_on_stays_and_what_it_leaves_is_removed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with process_at_work(tmp_path) as process:
        at_work = everything(tmp_path)
        assert len(at_work) == 4
        assert folder.remove_left_over() == []
        assert everything(tmp_path) == at_work
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert everything(tmp_path) == at_work
        assert [path.parent.name for path in folder.remove_left_over()] == ["staging", "tasks"]
        assert everything(tmp_path) == set()
        assert os.listdir(tmp_path / "staging") == []


def test_what_a_killed_check_and_a_killed_export_leave_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)

    def write_another() -> None:
        with temporary_folder() as folder:
            assert os.listdir(folder) == []
            write_tables({"tasks": pl.LazyFrame({"task": ["T0"]})}, tmp_path / "another.csv")

    with process_at_work(tmp_path, WRITING) as process:
        at_work = everything(tmp_path)
        assert len(at_work) == 4
        write_another()
        assert everything(tmp_path) == at_work | {"another.csv"}
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert everything(tmp_path) == at_work | {"another.csv"}
        write_another()
        assert os.listdir(tmp_path) == ["another.csv"]


def test_temporary_folders_of_others_and_what_points_elsewhere_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("zoo-dag-check-a/rows", "elsewhere/rows"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / f"{name}.lock").touch()
    (tmp_path / "zoo-dag-check-b").symlink_to(tmp_path / "elsewhere")
    with monkeypatch.context() as as_another_user:
        as_another_user.setattr(os, "getuid", lambda: os.geteuid() + 1)
        assert remove_left_over_temporary() == []
    assert remove_left_over_temporary() == [tmp_path / "zoo-dag-check-a"]
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "zoo-dag-check-b"]


def test_what_is_done_leaves_nothing(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.staging() as staging:
        (staging / "part").write_text("a row")
    folder.tables.publish(TABLES["tasks"], TABLES["tasks"].empty().lazy(), {}, "11-v3.10")
    assert everything(tmp_path) == {"tables/tasks/11-v3.10.parquet"}


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with working(tmp_path / "folder" / "draft") as draft:
            draft.write_text("a row")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert everything(tmp_path) == set()


def test_a_lock_alone_is_removed_and_counts_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "draft.lock").touch()
    assert remove_left_over(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_what_an_earlier_version_left_is_removed_after_a_day(tmp_path: Path) -> None:
    folder, names = DataFolder(tmp_path), ("a" * 32, "b" * 32)
    for name in names:
        (tmp_path / "staging" / name).mkdir(parents=True)
        (tmp_path / "staging" / name / "part").write_text("a row")
    yesterday = (tmp_path / "staging" / names[0]).stat().st_mtime - 86_401
    os.utime(tmp_path / "staging" / names[0], (yesterday, yesterday))
    assert folder.remove_left_over() == [tmp_path / "staging" / names[0]]
    assert os.listdir(tmp_path / "staging") == [names[1]]


def test_tables_and_what_checks_found_are_no_drafts(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    (tables / "tasks").mkdir(parents=True)
    kept = ("tasks/11-v3.10.parquet", "tasks/.11-v3.10.findings.json", ".imports.findings.json", "tasks/.mine")
    for name in kept:
        (tables / name).touch()
        os.utime(tables / name, (0, 0))
    assert DataFolder(tmp_path).remove_left_over() == []
    assert everything(tmp_path) == {f"tables/{name}" for name in kept}


# Ends without a word in the midst of a run: once rows are staged, or while a draft is being written.
KILLED = """
import os, signal, sys
from zoo_dag.store import working_files
from zoo_dag.__main__ import start
where = sys.argv.pop(1)
remove, replace = working_files._remove, os.replace
def kill_or_replace(source, target):
    if "/tables/" in os.fspath(target):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
def kill(path):
    if path.exists() and where in str(path):
        os.kill(os.getpid(), signal.SIGKILL)
    return remove(path)
if where == "staging":
    working_files._remove = kill
else:
    os.replace = kill_or_replace
sys.argv[0] = "zoo-dag"
start()
"""


def test_the_run_after_a_killed_one_removes_what_it_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = write_export(tmp_path / "classifications.csv", [classification_row(1)])
    folder = DataFolder(tmp_path / "data")
    command = ["run", str(export), "--data", str(folder.root)]
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))

    def left() -> set[Path]:
        return {*(folder.root / "staging").glob("*"), *folder.tables.drafts()}

    def left_by_a_killed_run(where: str) -> set[Path]:
        killed = [sys.executable, "-c", KILLED, where, *command]
        done = subprocess.run(killed, capture_output=True, check=False, timeout=200)  # noqa: S603
        assert done.returncode == -signal.SIGKILL
        assert any(path.suffix != ".lock" for path in left())
        return left()

    of_first = left_by_a_killed_run("staging")
    assert of_first.isdisjoint(left_by_a_killed_run("tables"))
    assert CliRunner().invoke(main, command).exit_code == 0
    assert left() == set()
    ids = folder.tables.scan(TABLES["classifications"], "11-v3.10").collect()["classification_id"]
    assert ids.to_list() == [1001]
