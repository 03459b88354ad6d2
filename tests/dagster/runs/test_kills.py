"""A run that is killed at any moment at which a file is put in place: the next run ends as an undisturbed one."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.builders import classification_row, write_classifications, write_subjects, write_workflows
from tests.builders import subject_row as subject
from tests.builders import workflow_row as workflow

# Python runs a module of this name when it starts.
_KILLED_AT = """\
import os, signal

replace, number = os.replace, 0

def replace_or_die(source, target, **options):
    global number
    number += 1
    if number == int(os.environ["KILL_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target, **options)
    with open(os.environ["PUT_IN_PLACE"], "a") as log:
        log.write(os.fspath(target) + "\\n")

os.replace = replace_or_die
"""
# Their content has the time of the import.
_WITH_TIMES = ("imports", "accounting", "quarantine")


class Project:
    """An older export that is imported, and a newer one: with moved rows, new ones, and one without a version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(_KILLED_AT)
        moved = [classification_row(number, workflow_version="3.9") for number in (1, 2)]
        older = [*moved, *(classification_row(number) for number in range(3, 9)), classification_row(8)]
        unreadable = classification_row(20, workflow_version="unknown")
        newer = [classification_row(number) for number in range(1, 13)]
        self.older, self.newer = folder / "older", folder / "newer"
        for place, rows in ((self.older, older), (self.newer, [*newer, unreadable, classification_row(12)])):
            place.mkdir()
            write_classifications(place / "classifications.csv", rows)
            write_subjects(place / "subjects.csv", [subject(101 + len(rows))])
            write_workflows(
                place / "workflows.csv", [workflow(3, 9), workflow(3, 10, classifications_count=len(rows))]
            )
        self.before = folder / "before"
        assert self.run(self.before, self.older).returncode == 0
        self.undisturbed = Path(shutil.copytree(self.before, folder / "undisturbed"))
        self.log = folder / "log"
        self.log.unlink()
        self.numbers = summary(self.run(self.undisturbed, self.newer))
        names = [Path(line).relative_to(self.undisturbed / "tables") for line in self.log.read_text().splitlines()]
        self.n_places = len(names)
        self.n_of_import = 1 + max(number for number, name in enumerate(names) if name.parts[0] == "raw_versions")

    def run(self, data: Path, exports: Path, kill_at: int = 0) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(filter(None, (str(self.folder / "site"), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path, "KILL_AT": str(kill_at)}
        environment["PUT_IN_PLACE"] = str(self.folder / "log")
        environment.pop("DAGSTER_HOME", None)
        command = [sys.executable, "-m", "zoo_dag", "run", str(exports), "--json", "--data", str(data)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("killed"))


def summary(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert run.returncode == 0, run.stderr
    numbers: dict[str, Any] = json.loads(run.stdout)
    return numbers


def sums(numbers: dict[str, Any]) -> list[tuple[Any, ...]]:
    columns = (
        "workflow_version",
        "rows_read",
        "merged",
        "quarantined",
        "counted",
        "elements_quarantined",
        "definition",
    )
    versions = [tuple(version[name] for name in columns) for version in numbers["versions"]]
    return [*versions, (numbers["balanced"], numbers["rows_without_version"], tuple(numbers["failures"]))]


def brought(numbers: dict[str, Any]) -> list[tuple[int, int]]:
    return [(version["read_in_run"], version["new_rows"]) for version in numbers["versions"]]


def tables(data: Path) -> dict[str, tuple[pl.DataFrame, dict[str, str]]]:
    found = {}
    for path in sorted((data / "tables").rglob("*.parquet")):
        metadata = pl.read_parquet_metadata(path)
        if path.stem in _WITH_TIMES:
            metadata.pop("data_version")
        frame = pl.read_parquet(path, glob=False).drop("imported_at", strict=False)
        found[str(path.relative_to(data))] = (frame, metadata)
    return found


def assert_ends_as_undisturbed(project: Project, data: Path, kill_at: int) -> None:
    shutil.copytree(project.before, data)
    assert project.run(data, project.newer, kill_at).returncode == -signal.SIGKILL
    numbers = summary(project.run(data, project.newer))
    expected, found = tables(project.undisturbed), tables(data)
    assert found.keys() == expected.keys()
    for name, (frame, metadata) in expected.items():
        assert found[name][0].equals(frame), name
        assert found[name][1] == metadata, name
    assert sums(numbers) == sums(project.numbers)
    # The killed run brought all rows or none.
    assert brought(numbers) in (brought(project.numbers), [(0, 0)] * len(brought(project.numbers)))
    assert not list((data / "staging").glob("*"))
    assert not (data / "tables" / ".publication").exists()
    shutil.rmtree(data)


def test_an_undisturbed_run_has_these_numbers(project: Project) -> None:
    # 13 rows, one of them twice; of the 12 classifications 6 were in this version before, and 2 in another one.
    assert brought(project.numbers) == [(13, 6)]
    assert project.numbers["balanced"]
    assert project.numbers["rows_without_version"] == 1


def test_every_third_moment_of_an_import(project: Project, tmp_path: Path) -> None:
    for kill_at in range(1, project.n_of_import + 1, 3):
        assert_ends_as_undisturbed(project, tmp_path / f"data-{kill_at}", kill_at)


def test_some_moments_of_what_is_built_from_it(project: Project, tmp_path: Path) -> None:
    after = range(project.n_of_import + 1, project.n_places + 1)
    for kill_at in after[:: max(1, len(after) // 2)]:
        assert_ends_as_undisturbed(project, tmp_path / f"data-{kill_at}", kill_at)
