"""Projects that are built once for all tests, whichever file and process these are in.

A small run costs more than two seconds, and reading its tables almost nothing. A test that changes a project has a
copy of it, with its history.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from filelock import FileLock
from pydantic import TypeAdapter

from tests.builders import Row, export_bytes
from tests.dagster_project import instance_of, run_all
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.demo import DEPLOYMENTS, GOLD, write_demo, write_settings
from zoo_dag.settings.loading import SETTINGS_FILE
from zoo_dag.store.data_folder import DataFolder

# Settings of checks that warn about shares of a few classifications, too.
OF_FEW = "[checks]\nshare_of_at_least = 1\n"
_OUTCOME = TypeAdapter(Outcome)


@dataclass(frozen=True)
class BuiltProject:
    """A project whose run has ended: to be read, not to be changed. `folder` has its history."""

    exports: tuple[Path, ...]
    folder: DataFolder
    outcome: Outcome
    history: Path

    def copy(self, folder: DataFolder) -> DataFolder:
        """Put a copy into an empty data folder, where a test may change it; returns that data folder."""
        shutil.copytree(self.folder.root, folder.root, dirs_exist_ok=True)
        _load_history(folder, self.history)
        return folder


class BuiltProjects:
    """Builds projects, each once, in a folder that all processes of the tests share."""

    def __init__(self, place: Path) -> None:
        """Keep the projects in this folder."""
        self._place = place
        self._known: dict[str, tuple[BuiltProject, dict[Path, int]]] = {}

    def of(self, *exports: Path, settings: str = "", beside: Sequence[Path] = ()) -> BuiltProject:
        """The project of exports, or of folders of them.

        `settings` is the text of its `zoo_dag.toml`, `beside` are files that belong into its data folder. Equal
        files and settings are one project. Raises what their run raises.
        """
        content = hashlib.sha256(settings.encode())
        for file in _files([*exports, *beside]):
            content.update(f"\0{file.name}\0".encode() + file.read_bytes())
        name = content.hexdigest()[:16]
        if name not in self._known:
            place = self.once(name, lambda place: _build(place, exports, settings, beside))
            folder = DataFolder(place / "data")
            _load_history(folder, place / "history")
            outcome = _OUTCOME.validate_json((place / "outcome.json").read_bytes())
            self._known[name] = BuiltProject(exports, folder, outcome, place / "history"), _files_of(folder)
        project, files = self._known[name]
        assert _files_of(project.folder) == files, f"a test changed {project.folder.root}, not a copy of it"
        return project

    def of_rows(self, rows: Sequence[Row], settings: str = "") -> BuiltProject:
        """The project of one classifications export with these rows."""
        content = export_bytes(rows, list(rows[0]))
        return self.of(*self._written({"classifications.csv": content}), settings=settings)

    def _written(self, contents: Mapping[str, bytes]) -> list[Path]:
        """Files of these contents, in a folder for each process, so that none writes what another one reads."""
        name = hashlib.sha256(b"\0".join(contents.values())).hexdigest()[:16]
        place = self._place / f"rows-{os.getpid()}" / name
        place.mkdir(parents=True, exist_ok=True)
        files = [place / name for name in contents]
        for file, content in zip(files, contents.values(), strict=True):
            if not file.exists():
                file.write_bytes(content)
        return files

    def of_workflows(
        self, workflows: Mapping[int, tuple[Sequence[Row], Sequence[Row]]], settings: str = ""
    ) -> BuiltProject:
        """The project of several small inputs, each the only workflow of its number.

        An input has rows of a classifications and of a workflows export, of whichever workflow.
        """
        rows, definitions = list[Row](), list[Row]()
        for number, (of_classifications, of_definitions) in workflows.items():
            own = {"workflow_id": number}
            rows += [
                row | own | {"classification_id": f"{number}{row['classification_id']}"}
                for row in of_classifications
            ]
            definitions += [row | own for row in of_definitions]
        contents = [export_bytes(each, list(each[0])) for each in (rows, definitions) if each]
        names = ("classifications.csv", "workflows.csv")
        return self.of(*self._written(dict(zip(names, contents, strict=False))), settings=settings)

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder of this name, which `make` fills once for all processes."""
        place, done = self._place / name, self._place / f"{name}.done"
        with FileLock(self._place / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir()
                make(place)
                done.touch()
        return place


def _build(place: Path, exports: tuple[Path, ...], settings: str, beside: Sequence[Path]) -> None:
    """Run exports, and keep the data folder, the history and the outcome."""
    folder = DataFolder(place / "data")
    folder.root.mkdir()
    if settings:
        (folder.root / "zoo_dag.toml").write_text(settings, encoding="utf-8")
    for file in beside:
        shutil.copy(file, folder.root)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(folder.dagster_home))
        outcome = run_all(folder, Request(exports))
    _save_history(folder, place / "history")
    (place / "outcome.json").write_bytes(_OUTCOME.dump_json(outcome))


def _files_of(folder: DataFolder) -> dict[Path, int]:
    """The files of a data folder, and when they were written."""
    return {path: path.stat().st_mtime_ns for path in folder.root.rglob("*") if path.is_file()}


def _save_history(folder: DataFolder, place: Path) -> None:
    """Write the history of a data folder to files in a new folder."""
    place.mkdir()
    with _databases(folder) as databases:
        for name, database in databases.items():
            with closing(sqlite3.connect(place / name)) as file:
                database.backup(file)


def _load_history(folder: DataFolder, place: Path) -> None:
    """Give a data folder the history that was written there, in place of its own."""
    with _databases(folder) as databases:
        for name, database in databases.items():
            with closing(sqlite3.connect(place / name)) as file:
                file.backup(database)


@contextmanager
def _databases(folder: DataFolder) -> Iterator[dict[str, sqlite3.Connection]]:
    """The databases in memory of a history: of its runs, and of their events."""
    with instance_of(folder) as instance:
        # Both are in SQL, which Dagster's public types do not say.
        runs, events = cast("Any", instance.run_storage), cast("Any", instance.event_log_storage)
    with runs.connect() as of_runs, events.index_connection() as of_events:
        opened = {"runs.db": of_runs.connection, "events.db": of_events.connection}
        yield {name: cast("sqlite3.Connection", each.dbapi_connection) for name, each in opened.items()}


def _files(exports: Sequence[Path]) -> Iterator[Path]:
    for each in exports:
        yield from (file for file in sorted(each.iterdir()) if file.is_file()) if each.is_dir() else [each]


@pytest.fixture(scope="session")
def built_projects(tmp_path_factory: pytest.TempPathFactory) -> BuiltProjects:
    """The projects that are built once for all tests."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built-projects"
    place.mkdir(exist_ok=True)
    return BuiltProjects(place)


BuiltReal = Callable[[str], BuiltProject]


@pytest.fixture(scope="session")
def built_real(built_projects: BuiltProjects, shared_data: Path) -> BuiltReal:
    """The project of real exports, by their name, with checks that warn of few."""
    return lambda name: built_projects.of(shared_data / "real" / name, settings=OF_FEW)


@pytest.fixture(scope="session")
def built_demo(built_projects: BuiltProjects, tmp_path_factory: pytest.TempPathFactory) -> BuiltProject:
    """The demo with what is known about its subjects, with checks that warn of few."""
    place = tmp_path_factory.mktemp("demo")
    write_demo(place / "exports")
    write_settings(place / "data")
    settings = (place / "data" / SETTINGS_FILE).read_text(encoding="utf-8") + f"\n{OF_FEW}"
    beside = [place / "data" / name for name in (GOLD, DEPLOYMENTS)]
    return built_projects.of(place / "exports", settings=settings, beside=beside)


@pytest.fixture(scope="session")
def demo_by_command(built_projects: BuiltProjects) -> Path:
    """The data folder that `zoo-dag demo` made in a process of its own: to be read, or copied.

    `ZOO_DAG_DEMO` may name one that this code has just made.
    """

    def make(place: Path) -> None:
        if made := os.environ.get("ZOO_DAG_DEMO"):
            shutil.copytree(made, place / "zoo_demo")
            return
        command = [shutil.which("zoo-dag", path=sysconfig.get_path("scripts")) or "zoo-dag", "demo"]
        own = {name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "ZOO_DAG_DATA")}
        done = subprocess.run(  # noqa: S603
            [*command, "--data", "zoo_demo"], cwd=place, env=own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return built_projects.once("demo-by-command", make) / "zoo_demo"
