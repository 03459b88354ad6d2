"""The jobs that mark tables as stale although nothing changed."""

import dagster as dg
import pytest

import zoo_dag
from tests.builders import write_export
from tests.dagster_project import instance_of, run_all, runs_of, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.dagster.runs.run_events import step_failures
from zoo_dag.tables import TABLES


@pytest.fixture
def two_workflows(built_projects, folder):
    rows = votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("1.1", ["Yes"], 3, workflow=11)
    return built_projects.of_rows(rows).copy(folder)


def start(folder, name: str, **config) -> dg.ExecuteInProcessResult:
    with instance_of(folder) as instance:
        job = build_definitions(folder).resolve_job_def(name)
        run_config = {"ops": {"mark_workflow_stale": {"config": config}}} if config else {}
        return job.execute_in_process(instance=instance, run_config=run_config, raise_on_error=False)


def times_built(folder, asset: str) -> dict[str, int]:
    with instance_of(folder) as instance:
        return {key: len(runs_of(instance, asset, key)) for key in folder.tables.keys(TABLES[asset])}


def test_a_full_refresh_rebuilds_everything_once(folder, two_workflows, tmp_path):
    assert start(folder, "full_refresh").success
    export = write_export(tmp_path / "more.csv", votes("3.2", ["No", "No"], 5))
    assert run_all(folder, Request((export,))).changed == ["10-v3.2", "10-v3.9", "11-v1.1"]
    for asset in ("tasks", "classifications", "question_consensus"):
        assert times_built(folder, asset) == {"10-v3.2": 2, "10-v3.9": 2, "11-v1.1": 2}
    assert times_built(folder, "subject_summary") == {"10": 2, "11": 2}
    votes_of = zoo_dag.scan("question_consensus", folder.root, version="3.2").sort("rank").collect()
    assert votes_of.select("answer", "votes").rows() == [("No", 2), ("Yes", 1)]
    assert run_all(folder, Request(())).changed == []


def test_one_workflow_is_rebuilt_and_the_others_stay(folder, two_workflows):
    assert start(folder, "one_workflow", workflow=10).success
    assert run_all(folder, Request(())).changed == ["10-v3.2", "10-v3.9"]
    assert times_built(folder, "question_consensus") == {"10-v3.2": 2, "10-v3.9": 2, "11-v1.1": 1}
    assert times_built(folder, "subject_summary") == {"10": 2, "11": 1}


def test_a_workflow_that_does_not_exist_is_named_beside_those_that_do(folder, two_workflows):
    result = start(folder, "one_workflow", workflow=12)
    assert not result.success
    (failure,) = step_failures(result.all_events)
    assert str(failure) == "There is no workflow 12; there are 10, 11."


def test_one_workflow_needs_its_id(folder, two_workflows):
    with pytest.raises(dg.DagsterInvalidConfigError, match="workflow"):
        start(folder, "one_workflow")
