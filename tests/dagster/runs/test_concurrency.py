"""Several processes with one data folder: imports wait for each other, and no row is lost."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

import zoo_dag
from tests.builders import write_export
from tests.dagster_project import run_all, votes
from zoo_dag.dagster import partitions
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import BusyError
from zoo_dag.store.data_folder import DataFolder

# What Dagster does when the import is started from its pages, in a process of its own.
_IMPORT_JOB = """\
import sys
import dagster as dg
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.dagster.definitions import definitions_of
from zoo_dag.dagster.project import Project

folder = DataFolder.find(sys.argv[1])
config = {"ops": {"read_exports": {"config": {"exports": sys.argv[2:]}}}}
with dg.DagsterInstance.get() as instance:
    job = definitions_of(Project(folder, imports_any_file=True)).resolve_job_def("import_exports")
    assert job.execute_in_process(instance=instance, run_config=config).success
"""


def start(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603


def wait_for(*processes: subprocess.Popen) -> None:
    for process in processes:
        printed, _ = process.communicate()
        assert process.returncode == 0, printed


@pytest.fixture
def exports(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Three exports with one version in common, and one other version each; two share some rows."""
    shared = votes("3.2", ["Yes"] * 500, 1)
    return (
        write_export(tmp_path / "a.csv", shared[:300] + votes("3.9", ["No"] * 200, 1000)),
        write_export(tmp_path / "b.csv", shared[200:] + votes("3.10", ["No"] * 200, 2000)),
        write_export(tmp_path / "c.csv", votes("3.2", ["No"] * 100, 3000) + votes("4.1", ["No"], 4000)),
    )


def assert_whole(folder: DataFolder) -> None:
    counts = {"10-v3.2": 600, "10-v3.9": 200, "10-v3.10": 200, "10-v4.1": 1}
    for key, rows in counts.items():
        version = key.partition("-v")[2]
        for table in ("raw_classifications", "classifications"):
            frame = zoo_dag.scan(table, folder.root, version=version).collect()
            assert (frame.height, frame["classification_id"].n_unique()) == (rows, rows), (table, key)
    accounting = zoo_dag.scan("accounting", folder.root).collect()
    assert accounting["balanced"].all()
    raw = accounting.filter(stage="raw", workflow_version="3.2")
    assert raw.select("rows_in", "rows_out", "merged").row(0) == (700, 600, 100)
    assert zoo_dag.scan("imports", folder.root).collect()["source_file"].sort().to_list() == [
        "a.csv",
        "b.csv",
        "c.csv",
    ]
    with dg.DagsterInstance.get() as instance:
        assert partitions.registered(instance) == list(counts)


def test_two_commands_and_an_import_of_dagster_at_the_same_time_count_each_row_once(
    history_on_disk, folder, exports
):
    first, second, third = map(str, exports)
    command = ("-m", "zoo_dag", "run", "--data", str(folder.root))
    # The first export is imported by both commands.
    wait_for(
        start(*command, first),
        start(*command, first, second),
        start("-c", _IMPORT_JOB, str(folder.root), third),
    )
    # An import of Dagster builds nothing of what it brings.
    assert run_all(folder, Request(())).failures == []
    assert_whole(folder)


def test_one_process_may_lock_twice_and_another_gets_a_message(folder):
    code = "import sys; from zoo_dag.store.data_folder import DataFolder\n"
    code += "with DataFolder.find(sys.argv[1]).import_lock(): print('held', flush=True); sys.stdin.read()"
    with folder.import_lock(), folder.import_lock(0):
        assert (folder.root / "import.lock").is_file()
    holder = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, str(folder.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        waited: list[str] = []
        with (
            pytest.raises(BusyError, match="another import was still running"),
            folder.import_lock(0.1, lambda: waited.append("waiting")),
        ):
            pass
        assert waited == ["waiting"]
        holder.kill()
        holder.wait()
        with folder.import_lock(0, lambda: waited.append("for nobody")):
            pass
        assert waited == ["waiting"]
    finally:
        holder.kill()
        holder.communicate()
