"""A small project, built once: each test that changes it has a copy."""

import shutil
from pathlib import Path

import pytest

from tests.builders import subject_row, workflow_row, write_export
from tests.dagster_project import run_all, votes
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Exports of one workflow with two versions."""
    place = tmp_path_factory.mktemp("exports")
    return (
        write_export(place / "c.csv", votes("3.2", ["Yes", "No", "Yes"], 1) + votes("3.9", ["No"], 9)),
        write_export(place / "s.csv", [subject_row(workflow_id=10)]),
        write_export(place / "w.csv", [workflow_row(3, 2, workflow_id=10)]),
    )


@pytest.fixture(scope="session")
def fresh(exports: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """All tables of the project, built by this zoo_dag; not to be changed."""
    folder = DataFolder(tmp_path_factory.mktemp("fresh") / "data")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(folder.root / "dagster_home"))
        assert run_all(folder, Request(exports)).failures == []
    return folder


@pytest.fixture
def imported(folder: DataFolder, fresh: DataFolder) -> DataFolder:
    """All tables of the project, for a test to change."""
    shutil.copytree(fresh.root, folder.root)
    return folder
