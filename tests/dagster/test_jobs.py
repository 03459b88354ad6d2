"""The jobs that make tables anew although they are up to date."""

import dagster as dg
import pytest

import zoo_dag
from tests.builders import write_export
from tests.dagster_project import runs_of, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.tables import TABLES


@pytest.fixture
def two_workflows(import_rows):
    return import_rows(votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("1.1", ["Yes"], 3, workflow=11))


def start(folder, name: str, **config) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.get() as instance:
        job = build_definitions(folder).resolve_job_def(name)
        run_config = {"ops": {"make_anew": {"config": config}}} if config else {}
        return job.execute_in_process(instance=instance, run_config=run_config, raise_on_error=False)


def times_made(folder, asset: str) -> dict[str, int]:
    with dg.DagsterInstance.get() as instance:
        return {key: len(runs_of(instance, asset, key)) for key in folder.tables.keys(TABLES[asset])}


def test_a_full_refresh_imports_the_inbox_and_makes_everything_anew(folder, two_workflows):
    folder.inbox.mkdir()
    write_export(folder.inbox / "more.csv", votes("3.2", ["No", "No"], 5))
    assert start(folder, "full_refresh").success
    assert times_made(folder, "question_consensus") == {"10-v3.2": 2, "10-v3.9": 2, "11-v1.1": 2}
    assert times_made(folder, "subject_summary") == {"10": 2, "11": 2}
    votes_of = zoo_dag.scan("question_consensus", folder.root, version="3.2").sort("rank").collect()
    assert votes_of.select("answer", "votes").rows() == [("No", 2), ("Yes", 1)]


def test_one_workflow_is_made_anew_and_the_others_stay(folder, two_workflows):
    assert start(folder, "one_workflow", workflow=10).success
    assert times_made(folder, "question_consensus") == {"10-v3.2": 2, "10-v3.9": 2, "11-v1.1": 1}
    assert times_made(folder, "subject_summary") == {"10": 2, "11": 1}


def test_a_workflow_that_does_not_exist_is_told(folder, two_workflows):
    result = start(folder, "one_workflow", workflow=12)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "There is no workflow 12; there are 10, 11." in str(failure.step_failure_data)


def test_one_workflow_needs_to_be_told_which(folder, two_workflows):
    with pytest.raises(dg.DagsterInvalidConfigError, match="workflow"):
        start(folder, "one_workflow")
