"""Lost runs: processes that are really killed, and runs that must be left alone."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import dagster as dg
import pytest

from tests.builders import write_export
from tests.dagster_project import run_all, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.names import ALONE
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import HOST, PROCESS, RUN, executes_a_step, process_tags
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.dagster.runs.requests import Request

STARTED = dg.DagsterRunStatus.STARTED
FAILURE = dg.DagsterRunStatus.FAILURE


@pytest.fixture
def instance(history_on_disk: dg.DagsterInstance) -> dg.DagsterInstance:
    return history_on_disk


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "classifications.csv", votes("3.2", ["Yes", "No"] * 5000, 1))


def unfinished(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return list(instance.get_runs(filters=dg.RunsFilter(statuses=[STARTED])))


@pytest.fixture
def halfway(folder, instance, export) -> Iterator[Callable[[], subprocess.Popen]]:
    """Start `zoo-dag run` in another process, and stop it for a while in the middle of a run."""
    command = [sys.executable, "-m", "zoo_dag", "run", str(export), "--data", str(folder.root)]
    processes = []

    def halfway() -> subprocess.Popen:
        process = subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603
        processes.append(process)
        while process.poll() is None:
            if unfinished(instance):
                process.send_signal(signal.SIGSTOP)
                os.waitid(os.P_PID, process.pid, os.WSTOPPED)
                if unfinished(instance):
                    return process
                process.send_signal(signal.SIGCONT)
            time.sleep(0.01)
        raise AssertionError(f"the run ended before it was stopped: {process.communicate()[1]}")

    yield halfway
    for process in processes:
        process.kill()
        process.communicate()


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def test_a_killed_process_leaves_a_run_that_is_ended_and_the_living_are_left_alone(folder, instance, halfway):
    process = halfway()
    (lost,) = unfinished(instance)
    assert lost.tags[ALONE.run_tag(HOST)] == socket.gethostname()
    assert lost.tags[ALONE.run_tag(PROCESS)].startswith(f"{process.pid}-")
    assert end_lost_runs(instance, Project(folder)) == []
    assert [each.run_id for each in unfinished(instance)] == [lost.run_id]
    kill(process)
    of_dagster = pretend(instance, host=socket.gethostname(), process="1-gone")
    told = [each for each in end_lost_runs(instance, Project(folder)) if of_dagster[:8] not in each]
    assert told == [f"The run {lost.run_id[:8]} of {lost.job_name} lost its process and was marked as failed."]
    assert instance.get_run_by_id(lost.run_id).status == FAILURE
    # Dagster tries its own runs again, but none of the command line.
    assert instance.get_run_by_id(of_dagster).tags["dagster/will_retry"] == "true"
    assert instance.get_run_by_id(lost.run_id).tags["dagster/will_retry"] == "false"
    assert end_lost_runs(instance, Project(folder)) == []


def test_the_next_run_ends_the_lost_one_says_so_and_makes_the_tables(folder, instance, halfway, export):
    kill(halfway())
    (lost,) = unfinished(instance)
    outcome = run_all(folder, Request((export,)))
    assert outcome.failures == []
    assert [note for note in outcome.notes if lost.run_id[:8] in note]
    assert unfinished(instance) == []
    assert outcome.versions == ["10-v3.2"]


def test_the_sensor_ends_a_lost_run_and_removes_what_it_left_while_dagster_goes_on(folder, instance, halfway):
    kill(halfway())
    (lost,) = unfinished(instance)
    (folder.root / "staging" / "of a killed run").mkdir(parents=True)
    (folder.root / "staging" / "of a killed run.lock").touch()
    definitions = build_definitions(folder)
    with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
        tick = definitions.resolve_sensor_def("lost_runs").evaluate_tick(context)
    assert lost.run_id[:8] in tick.skip_message
    assert "Of killed processes, " in tick.skip_message
    assert os.listdir(folder.root / "staging") == []
    assert instance.get_run_by_id(lost.run_id).status == FAILURE


def pretend(instance: dg.DagsterInstance, status: dg.DagsterRunStatus = STARTED, **tags: str) -> str:
    """A run in a state, which no process executes."""
    job = dg.GraphDefinition(name="pretended").to_job()
    run_id = str(uuid.uuid4())
    given = {f".dagster/zoo_dag_{name}": value for name, value in {"run": run_id, **tags}.items()}
    instance.create_run_for_job(job, run_id=run_id, status=status, tags=given)
    return run_id


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        (dg.DagsterRunStatus.NOT_STARTED, FAILURE),
        (dg.DagsterRunStatus.STARTING, FAILURE),
        (STARTED, FAILURE),
        (dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED),
        (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.SUCCESS),
    ],
)
def test_what_becomes_of_a_run_whose_process_is_gone(folder, instance, status, ended):
    run_id = pretend(instance, status, host=socket.gethostname(), process="1-gone")
    end_lost_runs(instance, Project(folder))
    assert instance.get_run_by_id(run_id).status == ended


def test_a_run_that_is_tried_again_has_the_tags_of_the_first_one_but_not_its_process(folder, instance):
    lost = pretend(instance, host=socket.gethostname(), process="1-gone")
    again = pretend(instance, run=lost, host=socket.gethostname(), process="1-gone")
    assert len(end_lost_runs(instance, Project(folder))) == 1
    assert [each.run_id for each in unfinished(instance)] == [again]


def test_a_retried_run_names_its_new_process(folder, instance):
    job = build_definitions(folder).resolve_job_def("import_exports")
    copied = {ALONE.run_tag(PROCESS): "1-gone", ALONE.run_tag(RUN): "another"}
    result = job.execute_in_process(instance=instance, tags=copied)
    tags = instance.get_run_by_id(result.run_id).tags
    assert tags[ALONE.run_tag(RUN)] == result.run_id
    assert tags[ALONE.run_tag(PROCESS)].startswith(f"{os.getpid()}-")


def test_runs_of_other_machines_and_of_others_are_left_alone(folder, instance):
    elsewhere = pretend(instance, host="another-machine", process="1-gone")
    others = pretend(instance)
    assert end_lost_runs(instance, Project(folder)) == []
    assert {each.run_id for each in unfinished(instance)} == {elsewhere, others}


def test_a_process_of_another_host_name_on_the_same_disk_is_recognised(folder, instance):
    """A container has a new host name each time it starts."""
    locks = folder.dagster_home / "processes"
    locks.mkdir()
    (locks / "1-gone.lock").touch()
    run_id = pretend(instance, host="another-container", process="1-gone")
    assert len(end_lost_runs(instance, Project(folder))) == 1
    assert instance.get_run_by_id(run_id).status == FAILURE
    assert not (locks / "1-gone.lock").exists()


def test_the_name_of_a_process_is_never_a_way_out_of_the_folder(folder, instance):
    outside = folder.dagster_home / "outside.lock"
    outside.touch()
    pretend(instance, host=socket.gethostname(), process="../outside")
    assert len(end_lost_runs(instance, Project(folder))) == 1
    assert outside.exists()


def test_a_run_that_dagster_starts_says_which_process_executes_it(folder, instance):
    job = build_definitions(folder).resolve_job_def("import_exports")
    result = job.execute_in_process(instance=instance)
    tags = instance.get_run_by_id(result.run_id).tags
    expected = process_tags(instance, Project(folder), result.run_id)
    assert {name: tags[name] for name in expected} == expected
    assert tags[ALONE.run_tag(PROCESS)].startswith(f"{os.getpid()}-")


def test_a_process_that_executes_one_step_is_not_that_of_its_run(folder, instance, monkeypatch):
    # As an executor of a platform starts it: it ends before the run, which would seem to be lost.
    monkeypatch.setattr(sys, "argv", ["dagster", "api", "execute_step"])
    job = build_definitions(folder, "penguins").resolve_job_def("penguins__full_refresh")
    result = job.execute_in_process(instance=instance)
    assert result.success
    assert not [tag for tag in instance.get_run_by_id(result.run_id).tags if "zoo_dag_process" in tag]


def say_who_executes_a_step(said: SimpleQueue, processes: int) -> None:
    said.put(executes_a_step())
    if processes > 1:
        started = multiprocessing.get_context("fork").Process(
            target=say_who_executes_a_step, args=(said, processes - 1)
        )
        started.start()
        started.join()


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        # The pages: their server starts a process for the run, which may start one for a step.
        (["dagster", "api", "grpc"], [False, True]),
        # The command line of Dagster is the process of the run.
        (["dagster", "job", "execute"], [True]),
    ],
)
def test_of_the_processes_that_dagster_starts_that_of_the_run_is_known(started, expected, monkeypatch):
    # A process that is started so has the arguments of the one that starts it.
    monkeypatch.setattr(sys, "argv", started)
    said = multiprocessing.get_context("fork").SimpleQueue()
    process = multiprocessing.get_context("fork").Process(
        target=say_who_executes_a_step, args=(said, len(expected))
    )
    process.start()
    process.join()
    assert [said.get() for _ in expected] == expected


def test_a_run_of_an_instance_that_is_not_kept_leaves_no_file(folder):
    job = build_definitions(folder).resolve_job_def("import_exports")
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
    assert not (folder.dagster_home / "processes").exists()
