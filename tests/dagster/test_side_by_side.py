"""Versions that are built side by side: the same tables, failures as without processes, and no process is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import answer, classification_row, json_text, workflow_row, write_export
from tests.built_projects import BuiltProject, BuiltProjects
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.dagster.side_by_side import Workers, number_of_processes
from zoo_dag.settings.running import Running
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.memory import available_memory
from zoo_dag.tables import TABLES

GIB = 2**30
VERSIONS = [f"3.{number}" for number in range(1, 5)]
# These have the time of the import, or the path of the data folder.
OF_THIS_IMPORT = {"imports", "accounting", "quarantine"}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Exports with questions, and a cell that cannot be read, in several versions."""
    place = tmp_path_factory.mktemp("exports")
    rows = [
        classification_row(
            10 * number + volunteer,
            workflow_version=version,
            user_name=f"volunteer{volunteer}",
            user_id=volunteer,
            annotations=json_text([answer(value="Yes" if volunteer % 3 else "No")]),
        )
        for number, version in enumerate(VERSIONS, 1)
        for volunteer in range(1, 8)
    ]
    rows.append(classification_row(999, workflow_version=VERSIONS[-1], annotations="[{"))
    definitions = [workflow_row(3, number) for number in range(1, 5)]
    return write_export(place / "c.csv", rows), write_export(place / "w.csv", definitions)


def settings(processes: int) -> str:
    return f"[running]\nprocesses = {processes}\nmemory_gib = 8\n"


def build(folder: DataFolder, exports: tuple[Path, ...], processes: int) -> Outcome:
    folder.root.mkdir(exist_ok=True)
    (folder.root / "zoo_dag.toml").write_text(settings(processes))
    return run_all(DataFolder(folder.root), Request(exports))


def stored(folder: DataFolder) -> dict[str, bytes]:
    """The files of the tables that do not name the time of the import."""
    tables = folder.root / "tables"
    return {
        str(path.relative_to(tables)): path.read_bytes()
        for path in tables.rglob("[!.]*.parquet")
        if path.stem not in OF_THIS_IMPORT
    }


@pytest.fixture(scope="module")
def in_one(exports: tuple[Path, ...], built_projects: BuiltProjects) -> BuiltProject:
    """The project, built in one process."""
    built = built_projects.of(*exports, settings=settings(1))
    assert built.outcome.failures == []
    return built


@pytest.fixture(scope="module")
def serial(in_one: BuiltProject) -> dict[str, bytes]:
    """The tables, built in one process."""
    return stored(in_one.folder)


def test_side_by_side_gives_the_same_bytes_as_one_after_the_other(folder, exports, serial):
    outcome = build(folder, exports, 2)
    assert (outcome.failures, outcome.notes) == ([], [])
    assert outcome.changed == [f"11-v{version}" for version in VERSIONS]
    assert sorted(stored(folder)) == sorted(serial)
    assert stored(folder) == serial
    assert list((folder.root / "staging").iterdir()) == []


def test_a_version_that_fails_in_another_process_fails_alone(folder, in_one, serial):
    in_one.copy(folder)
    raw = folder.tables.path(TABLES["raw_classifications"], "11-v3.2")
    raw.write_bytes(raw.read_bytes()[:20] + bytes(100) + raw.read_bytes()[120:])
    for version in VERSIONS:
        folder.tables.remove(TABLES["classifications"], f"11-v{version}")
    outcome = build(folder, (), 2)
    assert outcome.notes == ["Versions 11-v3.1 to 11-v3.4 failed together, and were built one by one."]
    assert [failure for failure in outcome.failures if str(raw) in failure]
    assert not [failure for failure in outcome.failures if "Traceback" in failure]
    others = {name: content for name, content in serial.items() if name.startswith("classifications/")}
    del others["classifications/11-v3.2.parquet"]
    assert {name: content for name, content in stored(folder).items() if name in others} == others


def processes_of(parent: int) -> list[int]:
    """The processes that another one started to build versions."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                of = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if of == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def waited_for(condition: Callable[[], object], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(condition())


@contextmanager
def running(folder: DataFolder, exports: tuple[Path, ...]) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """`zoo-dag run` once it has started two processes, and these."""
    folder.root.mkdir(exist_ok=True)
    (folder.root / "zoo_dag.toml").write_text(settings(2))
    command = [sys.executable, "-m", "zoo_dag", "run", "--data", str(folder.root), *map(str, exports)]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert waited_for(lambda: len(processes_of(process.pid)) == 2)
        yield process, processes_of(process.pid)


def are_gone(processes: list[int]) -> bool:
    return waited_for(lambda: not any(Path(f"/proc/{each}").exists() for each in processes))


def test_ctrl_c_ends_the_other_processes_too(folder, exports):
    with running(folder, exports) as (process, others):
        # A terminal sends it to all of them.
        os.killpg(process.pid, signal.SIGINT)
        _, messages = process.communicate(timeout=120)
    assert messages.strip().splitlines()[-1].startswith("Stopped. To go on: zoo-dag run")
    assert "Traceback" not in messages
    assert process.returncode == 130
    assert are_gone(others)
    assert list((folder.root / "staging").iterdir()) == []


def test_the_other_processes_end_with_the_one_that_started_them(folder, exports):
    with running(folder, exports) as (process, others):
        process.kill()
    assert are_gone(others)


def test_without_a_lost_process_the_versions_are_built_one_by_one(folder, exports, serial):
    with running(folder, exports) as (process, others):
        os.kill(others[0], signal.SIGKILL)
        _, messages = process.communicate(timeout=300)
    assert process.returncode == 0, messages
    assert stored(folder) == serial


@pytest.mark.parametrize(
    ("given", "cores", "free_gib", "expected"),
    [
        ({}, 8, 64, 4),
        ({}, 2, 64, 1),
        ({}, 1, 64, 1),
        ({}, 8, 6, 3),
        ({}, 8, 1.5, 1),
        ({}, 8, 0, 1),
        ({"processes": 1}, 8, 64, 1),
        ({"processes": 4}, 2, 64, 4),
        ({"processes": 4, "memory_gib": 2.5}, 8, 64, 2),
        ({"memory_gib": 3}, 8, 0, 3),
        ({"memory_gib": 0}, 8, 64, 1),
    ],
)
def test_there_are_as_many_processes_as_cores_and_memory_allow(given, cores, free_gib, expected):
    assert number_of_processes(Running(**given), cores, int(free_gib * GIB)) == expected


def test_little_work_starts_no_process(in_one):
    folder = in_one.folder
    keys = {f"11-v{version}" for version in VERSIONS}
    assert not Workers(2).are_worth_it(folder, keys)
    assert Workers(2, 4 * 1500 + 29).are_worth_it(folder, keys)
    assert not Workers(2, 4 * 1500 + 30).are_worth_it(folder, keys)
    assert not Workers(2, 0).are_worth_it(folder, {"11-v3.1"})
    assert not Workers(1, 0).are_worth_it(folder, keys)


def test_a_container_may_have_less_memory_than_the_machine(tmp_path):
    machine = tmp_path / "meminfo"
    machine.write_text("MemTotal:       8000 kB\nMemAvailable:   6000 kB\n")
    assert available_memory(machine, tmp_path) == 6000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1024\n")
    assert available_memory(machine, tmp_path) == 6000 * 1024
    (tmp_path / "memory.max").write_text("5120\n")
    assert available_memory(machine, tmp_path) == 4096
    assert available_memory(tmp_path / "none", tmp_path) == 0
