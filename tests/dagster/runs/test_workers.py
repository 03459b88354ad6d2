"""Several machines on one project in an object store: two workers of Celery are lost, and nothing else is."""

import datetime
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.builders import classification_row, write_classifications
from tests.built_projects import BuiltProjects
from tests.cli.test_object_store import content
from tests.dagster.daemon import Daemon
from tests.object_stores import Fault, Request, Store
from tests.workers import Distributor, Workers, make_home, workers
from zoo_dag.dagster import database_locks, event_tags, planner
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.planned_runs import current_state
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import recipes
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.object_store import open_store
from zoo_dag.store.working_copy import close_copies

N_VERSIONS, N_RUNS = 60, 4
START = datetime.datetime(2024, 3, 5, tzinfo=datetime.UTC)
_MOST_SECONDS = 600


@pytest.fixture
def folder(object_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    """A project in an object store, on the machine of the pages: in the inbox sixty versions of one workflow."""
    monkeypatch.setenv("ZOO_DAG_CACHE", str(tmp_path / "pages" / "cache"))
    url = object_store.new_url()
    # The raw rows have 0.44 MiB.
    open_store(url).put("zoo_dag.toml", b"[running]\nmib_per_run = 0.15\n")
    folder = DataFolder.find(url)
    folder.inbox.mkdir(parents=True)
    rows = [
        classification_row(number, workflow_version=f"3.{number % N_VERSIONS}", subject_ids=str(number % 7 + 1))
        for number in range(N_VERSIONS * 3)
    ]
    write_classifications(folder.inbox / "classifications.csv", rows)
    yield folder
    close_copies()


@pytest.fixture
def history(
    folder: DataFolder, postgres: Callable[[], str], redis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """Its history, in PostgreSQL."""
    monkeypatch.setenv("ZOO_DAG_POSTGRES", postgres())
    monkeypatch.setenv("ZOO_DAG_BROKER", redis)
    monkeypatch.setenv("DAGSTER_HOME", str(make_home(tmp_path / "pages" / "home")))
    # Lost after two seconds, not after sixty.
    monkeypatch.setattr(database_locks, "_LOST_SECONDS", 2)
    with open_instance(folder) as instance:
        yield instance


@pytest.fixture
def started(
    folder: DataFolder, history: dg.DagsterInstance, object_store: Store, tmp_path: Path
) -> Iterator[Workers]:
    """Two workers, each on a machine of its own."""
    with workers(tmp_path, folder.address, object_store) as started:
        started.start("one", "first machine")
        started.start("two", "second machine")
        yield started


def losing(started: Workers) -> Fault:
    """Lose the worker `one` half-way in a run, and `two` while it saves. Between them `three` comes.

    It is on the machine of the pages, which need not get from the store what it saved.
    """
    lost: list[str] = []
    saves: Counter[str] = Counter()

    def fault(request: Request) -> str | int | None:
        saves[request.access_key] += request.is_of_pointer
        if request.access_key == "one" and saves["one"] >= 4 and "/objects/" in request.path and not lost:
            lost.append("one")
            started.kill("one")
            started.start("three", "pages")
            return 503
        # A fast worker would have built everything before the third one is there.
        end = time.monotonic() + _MOST_SECONDS / 10
        while request.access_key == "two" and lost == ["one"] and saves["three"] <= 3 and time.monotonic() < end:
            time.sleep(0.05)
        if request.access_key == "two" and saves["three"] > 3 and request.is_of_pointer and lost == ["one"]:
            lost.append("two")
            # It has replaced the pointer, and does not hear of it.
            threading.Timer(0.03, started.kill, ["two"]).start()
            return "lost"
        return None

    return fault


def test_a_project_whose_workers_are_lost_is_the_same_as_one_that_was_built_on_one_machine(
    history: dg.DagsterInstance,
    folder: DataFolder,
    started: Workers,
    built_projects: BuiltProjects,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project, daemon = Project(folder), Daemon(folder, history, START)
    assert daemon.execute(dg.RunRequest(job_name=planner.PARSE_SHARED)).success
    versions, lost = folder.versions(), list[dg.DagsterRun]()
    assert len(versions) == N_VERSIONS
    distributor = Distributor(daemon, project)
    assert distributor.launch_planned() >= N_RUNS
    end = time.monotonic() + _MOST_SECONDS
    with started.store.spoiled(losing(started)):
        on_one_machine = built_projects.of(folder.inbox).folder
        while distributor.unfinished() or distributor.launch_planned():
            assert time.monotonic() < end, started.log()
            lost += distributor.retry_lost()
            time.sleep(1)

    # Each of the two had one run, and nobody else lost one.
    assert [run.job_name for run in lost] == [planner.BUILD_VERSIONS] * 2
    successful = dg.RunsFilter(job_name=planner.BUILD_VERSIONS, statuses=[dg.DagsterRunStatus.SUCCESS])
    built = [event_tags.partitions_of_run(run.tags, versions) for run in history.get_runs(filters=successful)]
    assert Counter(key for keys in built for key in keys) == Counter(versions)
    assert not current_state(project, history, recipes(folder.settings)).stale
    here, there = content(folder.address), content(on_one_machine.root)
    assert here.keys() == there.keys()
    assert [name for name in here if not here[name].equals(there[name])] == []
