"""What `zoo-dag run` executes and reports, beyond what the planner decides."""

import pytest

from tests.built_projects import BuiltProjects
from tests.dagster_project import run_all, votes
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES


def damage_inside(folder: DataFolder, key: str) -> None:
    """Damage the rows of the raw file of a version; its footer stays as it is."""
    path = folder.tables.path(TABLES["raw_classifications"], key)
    content = bytearray(path.read_bytes())
    content[20:120] = bytes(100)
    path.write_bytes(content)


@pytest.fixture
def two_versions(built_projects: BuiltProjects, folder: DataFolder) -> DataFolder:
    return built_projects.of_rows(votes("3.2", ["Yes"], 1) + votes("3.9", ["No"], 2)).copy(folder)


def test_a_version_that_fails_does_not_hold_up_its_neighbour_and_is_tried_again_by_the_next_run(two_versions):
    damage_inside(two_versions, "10-v3.9")
    for key in ("10-v3.2", "10-v3.9"):
        two_versions.tables.remove(TABLES["classifications"], key)
    outcome = run_all(two_versions, Request(()))
    assert outcome.changed == ["10-v3.2"]
    assert two_versions.tables.keys(TABLES["classifications"]) == ["10-v3.2"]
    assert outcome.notes == ["Versions 10-v3.2 to 10-v3.9 failed together, and were built one by one."]
    path = two_versions.tables.path(TABLES["raw_classifications"], "10-v3.9")
    # Once, though it failed in a range and alone.
    (failure, damage) = outcome.failures
    assert failure.startswith("parse_classifications: ")
    assert damage.startswith(f"{path} is damaged and cannot be read (")
    again = run_all(two_versions, Request(()))
    assert len(again.failures) == 2
    assert again.changed == []


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        ({"workflow": 99}, "There is no workflow 99; there is 10."),
        ({"version": "5.8"}, "There is no version 5.8; there is 10-v3.2, 10-v3.9."),
    ],
)
def test_a_workflow_or_version_that_does_not_exist_is_named_beside_those_that_do(
    two_versions, selection, sentence
):
    with pytest.raises(ZooDagError) as raised:
        run_all(two_versions, Request((), **selection))
    assert str(raised.value) == sentence
