"""Commands on disks that are full, read-only or damaged: a sentence, never a traceback."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.builders import write_export
from tests.dagster_project import votes
from zoo_dag.cli import main as cli


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("exports") / "classifications.csv", votes("3.2", ["Yes"] * 3, 1))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, export: Path) -> Path:
    """A data folder with tables and a history."""
    data = tmp_path_factory.mktemp("built") / "data"
    run = zoo_dag("run", str(export), "--data", str(data))
    assert run.returncode == 0, run.stderr
    return data


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(built, tmp_path / "data"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A separate disk with mount options; skipped where this process may mount none."""
    place, mount = tmp_path / "disk", shutil.which("mount") or "mount"
    place.mkdir()

    def mounted(options: str) -> Path:
        command = [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
            pytest.skip("this process may mount no disk")
        return place

    yield mounted
    subprocess.run([shutil.which("umount") or "umount", str(place)], capture_output=True, check=False)  # noqa: S603


def zoo_dag(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command, as a process of its own, with the history in the data folder or at home."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "ZOO_DAG_DATA")
    } | ({"DAGSTER_HOME": str(home)} if home else {})
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "zoo_dag", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def problem(*arguments: str, home: Path | None = None) -> str:
    """The sentence of a command that cannot do what it is asked for: it says nothing else of an error."""
    ended = zoo_dag(*arguments, home=home)
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said, said
    assert ended.returncode == 2, said
    (sentence,) = (line for line in said.splitlines() if line.startswith(("Error: ", "Failed: ")))
    return sentence


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Result]:
    """A command that opens the history, in this process."""
    for name in ("DAGSTER_HOME", "ZOO_DAG_DATA"):
        monkeypatch.delenv(name, raising=False)
    return lambda data: CliRunner().invoke(cli.main, ["forget", "--all", "--yes", "--data", str(data)])


@pytest.fixture
def forgetting(forget: Callable[[Path], Result]) -> Callable[[Path], str]:
    """The sentence of a command that opens the history, which cannot do what it is asked for."""

    def forgetting(data: Path) -> str:
        ended = forget(data)
        assert "Traceback" not in ended.output, ended.output
        assert ended.exit_code == 2, ended.output
        return next(line for line in ended.stderr.splitlines() if line.startswith("Error: "))

    return forgetting


@pytest.mark.parametrize(
    ("file", "is_truncated"),
    [
        ("history/runs.db", False),
        ("history/runs/index.db", False),
        ("history/runs/index.db", True),
        ("schedules/schedules.db", False),
    ],
)
def test_a_damaged_history_is_named_and_can_be_put_aside(forget, forgetting, data, file, is_truncated):
    home = data / "dagster_home"
    for beside in (home / file).parent.glob(f"{Path(file).name}-*"):
        beside.unlink()
    (home / file).write_bytes((home / file).read_bytes()[:5000] if is_truncated else b"no database at all" * 50)
    sentence = forgetting(data)
    assert sentence.startswith(f"Error: {home}: Dagster's history is damaged (")
    aside = data.parent / "aside"
    aside.mkdir()
    assert f"mv {home / 'history'} {home / 'schedules'} FOLDER" in sentence
    for folder in ("history", "schedules"):
        shutil.move(home / folder, aside)
    if is_truncated:
        again = forget(data)
        assert again.exit_code == 0, again.stderr
        assert not list((data / "tables").rglob("*.parquet"))


def test_a_folder_in_place_of_the_history_is_named(forgetting, data):
    home = data / "dagster_home"
    shutil.rmtree(home / "history")
    (home / "history" / "runs.db").mkdir(parents=True)
    assert forgetting(data).startswith(
        f"Error: {home}: Dagster's history cannot be read or written (unable to open"
    )


@pytest.mark.parametrize(
    "text",
    ["storage: [", "nonsense: 1", "42", "storage: {custom: {module: nowhere, class: No, config: {}}}", "\xff"],
)
def test_a_configuration_that_dagster_cannot_use_is_named(forgetting, data, text):
    file = data / "dagster_home" / "dagster.yaml"
    file.write_bytes(text.encode("latin-1"))
    sentence = forgetting(data)
    assert sentence.startswith(f"Error: {file}: Dagster cannot use this file (")
    assert sentence.endswith("Correct it, or delete it: the next command writes it as it was at first.")


@pytest.mark.parametrize("name", ["what?", "a%20b"])
def test_a_folder_that_sqlite_would_take_for_another_one_is_refused(export, tmp_path, name):
    data = tmp_path / name
    sentence = problem("run", str(export), "--data", str(data))
    assert sentence.startswith(
        f"Error: {data / 'dagster_home'}: Dagster cannot keep its history in a folder whose"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_a_folder_may_have_any_other_name(forget, built, tmp_path):
    name = "a b#100%[bold]{c}*'\"$;&|ü"
    data = Path(shutil.copytree(built, tmp_path / name))
    ended = forget(data)
    assert ended.exit_code == 0, ended.stderr


@pytest.mark.parametrize("size", ["100k", "1200k", "4m"])
def test_a_full_disk_is_named(export, disk, size):
    data = disk(f"size={size}") / "data"
    assert problem("run", str(export), "--data", str(data)).startswith(
        f"Error: {data / 'dagster_home'}: Dagster's history cannot be written: its disk is full"
    )


def test_a_full_disk_below_the_tables_is_named(export, built, disk, tmp_path):
    small = disk("size=60k")
    data, target = small / "data", small / "table.parquet"
    assert problem("run", str(export), "--data", str(data), home=tmp_path / "home") == (
        f"Error: {data}: No space left on device. Make room on the disk, and run it again."
    )
    (small / "filling").write_bytes(bytes(os.statvfs(small).f_bavail * os.statvfs(small).f_frsize - 4096))
    assert problem("export", "classifications", "--data", str(built), "--to", str(target)) == (
        f"Error: {target}: No space left on device. Make room on the disk, or name another file with --to."
    )
    assert [path.name for path in small.glob(".zoo-dag-*")] == []


def test_a_read_only_disk_is_named(built, disk):
    data = Path(shutil.copytree(built, disk("size=60m") / "data"))
    disk("remount,ro")
    said = problem("forget", "--all", "--yes", "--data", str(data))
    assert said.endswith("Look at the room on the disk and the permissions there.")
    assert problem("ui", "--data", str(data)).startswith(
        f"Error: {data}: the data folder cannot be written (Read-only"
    )
    listed = zoo_dag("tables", "--data", str(data))
    assert listed.returncode == 0, listed.stderr
