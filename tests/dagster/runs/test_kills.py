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
from click.testing import CliRunner

from tests.builders import classification_row, write_classifications, write_subjects, write_workflows
from tests.builders import subject_row as subject
from tests.builders import workflow_row as workflow
from zoo_dag.cli.main import main

# The command, as a process that is killed before it puts in place a file for so many times.
_KILLED_AT = """\
import os, signal, sys

replace, number, kill_at = os.replace, 0, int(sys.argv.pop(1))

def replace_or_die(source, target, **options):
    global number
    number += 1
    if number == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target, **options)

os.replace = replace_or_die

from zoo_dag.cli.main import main

main()
"""
# Their content has the time of the import.
_WITH_TIMES = ("imports", "accounting", "quarantine")


class Project:
    """An older export that is imported, and a newer one: with moved rows, new ones, and one without a version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        run(self.before, self.older)
        self.undisturbed = Path(shutil.copytree(self.before, folder / "undisturbed"))
        targets: list[Path] = []
        with pytest.MonkeyPatch.context() as patched:
            replace = os.replace

            def replace_and_tell(source: os.PathLike[str], target: os.PathLike[str], **options: Any) -> None:
                replace(source, target, **options)
                targets.append(Path(target))

            patched.setattr(os, "replace", replace_and_tell)
            self.numbers = run(self.undisturbed, self.newer)
        names = [target.relative_to(self.undisturbed / "tables") for target in targets]
        self.n_places = len(names)
        self.n_of_import = 1 + max(number for number, name in enumerate(names) if name.parts[0] == "raw_versions")

    def killed(self, data: Path, kill_at: int) -> int:
        """The exit code of a run of the newer export that is killed."""
        environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
        command = [sys.executable, "-c", _KILLED_AT, str(kill_at), *arguments(data, self.newer)]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode  # noqa: S603


def arguments(data: Path, exports: Path) -> list[str]:
    return ["run", str(exports), "--json", "--data", str(data)]


def run(data: Path, exports: Path) -> dict[str, Any]:
    """What a run that nothing disturbs says."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DAGSTER_HOME", raising=False)
        done = CliRunner().invoke(main, arguments(data, exports))
    assert done.exit_code == 0, done.output
    numbers: dict[str, Any] = json.loads(done.stdout)
    return numbers


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("killed"))


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
    assert project.killed(data, kill_at) == -signal.SIGKILL
    numbers = run(data, project.newer)
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
    for kill_at in after[:: max(1, -(-len(after) // 2))]:
        assert_ends_as_undisturbed(project, tmp_path / f"data-{kill_at}", kill_at)
