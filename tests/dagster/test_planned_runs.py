"""What the planner learns from Dagster's history."""

import uuid

import dagster as dg
import pytest

from tests.dagster_project import instance_of
from zoo_dag.dagster.planned_runs import PLAN_TAG, _tried
from zoo_dag.dagster.planner import PlannedRun, Tried
from zoo_dag.dagster.project import Project
from zoo_dag.store.data_folder import DataFolder

PART = PlannedRun("version_part", ("classifications",), ("10-v3.9-part-1-of-2",), "version_part a")


@pytest.mark.parametrize(
    ("tags", "became"),
    [
        ({"dagster/will_retry": "true"}, Tried.STOPPED),
        # The second try may have been deleted.
        ({"dagster/will_retry": "true", "dagster/auto_retry_run_id": "another"}, Tried.FAILED),
        ({"dagster/will_retry": "false"}, Tried.FAILED),
        ({}, Tried.FAILED),
    ],
)
def test_a_run_that_dagster_is_about_to_try_again_has_not_failed_yet(
    folder: DataFolder, tags: dict[str, str], became: Tried
) -> None:
    with instance_of(folder) as instance:
        tried = _tried(Project(folder), instance)
        assert tried(PART) == Tried.NOT_YET
        instance.create_run_for_job(
            dg.GraphDefinition(name="version_part").to_job(),
            run_id=str(uuid.uuid4()),
            status=dg.DagsterRunStatus.FAILURE,
            tags={PLAN_TAG: PART.run_key, **tags},
        )
        assert tried(PART) == became
