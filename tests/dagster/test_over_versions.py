"""What is decided over all versions of a workflow shows in the tables of each version, also of older ones."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.builders import Row, classification_row
from tests.built_projects import BuiltProject, BuiltProjects
from zoo_dag.dagster.data_versions import stale_tables
from zoo_dag.dagster.over_versions import _decided, decided, decisions
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.runs.requests import Outcome, partitions_of
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

Import = Callable[..., Outcome]


def ring(size: float, *, gap: float) -> dict[str, Any]:
    """A freehand mark around (300, 300) that leaves out a share of the circle, and is closed where it is small."""
    turn = np.linspace(0, 2 * np.pi * (1 - gap), 40)
    xs, ys = 300 + size * np.cos(turn), 300 + size * np.sin(turn)
    return {"toolIndex": 0, "toolType": "freehandLine", "frame": 0, "pathX": xs.tolist(), "pathY": ys.tolist()}


def drawings(version: str, first: int, gaps: Sequence[float]) -> list[Row]:
    """Classifications of subject 101, each with a ring."""
    return [
        classification_row(
            first + number,
            workflow_version=version,
            annotations=[{"task": "T0", "task_label": "Draw", "value": [ring(100 + number, gap=gap)]}],
        )
        for number, gap in enumerate(gaps)
    ]


def closed(folder: DataFolder, workflow: int) -> dict[str, list[bool | None]]:
    """The column `closed` of the clusters of a workflow, by version; of the pool under `pool`."""
    tables = folder.tables
    own, pooled = TABLES["drawing_consensus"], TABLES["pooled_drawing_consensus"]
    found = {key: tables.scan(own, key) for key in tables.select_keys(own, workflow, None)}
    found["pool"] = tables.scan(pooled, str(workflow))
    return {key: frame.collect()["closed"].unique().to_list() for key, frame in found.items()}


OPEN, CLOSED = [0.15] * 3, [0.01] * 4


def test_versions_and_pool_agree_and_an_older_version_follows_a_new_one_that_decides_otherwise(
    folder: DataFolder, import_rows: Import
) -> None:
    def of_other_workflow(rows: list[Row]) -> list[Row]:
        return [row | {"workflow_id": 12} for row in rows]

    import_rows([*drawings("3.10", 1, OPEN), *of_other_workflow(drawings("3.10", 31, CLOSED))])
    assert closed(folder, 11) == {"11-v3.10": [False], "pool": [False]}
    assert closed(folder, 12) == {"12-v3.10": [True], "pool": [True]}
    # The new version of the second workflow decides nothing else, and leaves the other one alone.
    outcome = import_rows([*drawings("3.11", 11, CLOSED), *of_other_workflow(drawings("3.11", 41, OPEN))])
    for workflow in (11, 12):
        expected = {f"{workflow}-v3.10": [True], f"{workflow}-v3.11": [True], "pool": [True]}
        assert closed(folder, workflow) == expected
    assert outcome.changed == ["11-v3.11", "12-v3.11", "11-v3.10"]
    assert not outcome.failures


@pytest.fixture
def one_import(built_projects: BuiltProjects) -> BuiltProject:
    """Two versions of a workflow, and another workflow."""
    other = [row | {"workflow_id": 12} for row in drawings("3.10", 21, OPEN)]
    return built_projects.of_rows([*drawings("3.10", 1, OPEN), *drawings("3.11", 11, CLOSED), *other])


def test_one_import_gives_what_several_give_and_another_workflow_decides_for_itself(
    one_import: BuiltProject,
) -> None:
    folder = one_import.folder
    tables = folder.tables
    own, pooled = TABLES["drawing_consensus"], TABLES["pooled_drawing_consensus"]
    found = pl.concat([tables.scan_all(own), tables.scan_all(pooled)], how="diagonal").drop_nulls("closed")
    assert set(found.select("workflow_id", "workflow_version", "closed").collect().rows()) == {
        *((11, version, True) for version in ("3.10", "3.11", None)),
        *((12, version, False) for version in ("3.10", None)),
    }
    assert not any(stale_tables(recipes(folder.settings), folder, partitions_of(folder.versions())).values())


def test_a_version_whose_file_is_damaged_inside_decides_nothing(
    folder: DataFolder, one_import: BuiltProject
) -> None:
    one_import.copy(folder)
    path = folder.tables.path(TABLES["drawing_annotations"], "11-v3.11")
    content = path.read_bytes()
    footer = int.from_bytes(content[-8:-4], "little") + 8
    path.write_bytes(content[:4] + bytes(len(content) - footer - 4) + content[-footer:])
    _decided.cache_clear()
    found = decided(folder.tables, "drawing_consensus", 11)["outlines"]
    assert found.rows() == [(11, "T0", 0, "freehandLine", False)]


def test_tables_that_decide_nothing_over_versions_depend_on_no_other_version(folder: DataFolder) -> None:
    assert decided(folder.tables, "question_consensus", 11) == {}
    assert decisions(folder.tables, "question_consensus", ["11-v3.10"]) == {}
