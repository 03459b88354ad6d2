"""What the sensor `automation` requests: evaluation by evaluation, on a real instance, with the requested runs."""

import datetime
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

import polars as pl
import pytest

import zoo_dag
from tests.builders import write_export
from tests.built_projects import BuiltProjects
from tests.dagster.daemon import Daemon, daemon
from tests.dagster_project import deployment_of, votes
from zoo_dag.dagster import event_tags
from zoo_dag.dagster.runs.forgetting import forget, plan
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.rebuilds import request_rebuild
from zoo_dag.tables import TABLES

# By the ends of the range of partitions, the tables.
Requested = dict[tuple[str, ...], set[str]]


class Automation:
    """The automation sensor and its runs, one evaluation at a time."""

    def __init__(self, running: Daemon) -> None:
        self.daemon, self.folder = running, running.folder

    def tick(self) -> Requested:
        """What is requested; nothing is executed."""
        self.requests = self.daemon.evaluate("automation")
        requested: Requested = {}
        for request in self.requests:
            ends = [
                request.tags[tag] for tag in (event_tags.RANGE_START, event_tags.RANGE_END) if tag in request.tags
            ]
            key = tuple(ends) or ((request.partition_key,) if request.partition_key else ())
            requested[key] = {each.to_user_string() for each in request.asset_selection}
        return requested

    def run(self) -> list[bool]:
        """Execute what was requested last, and say which runs succeeded."""
        return [self.daemon.execute(request).success for request in self.requests]

    def settle(self) -> list[Requested]:
        """Evaluate and execute until nothing is requested any more."""
        ticks = []
        for _ in range(10):
            ticks.append(self.tick())
            if not ticks[-1]:
                return ticks[:-1]
            self.run()
        pytest.fail(f"automation does not come to rest: {ticks[-3:]}")


@pytest.fixture
def automation(folder):
    with daemon(folder, datetime.datetime(2026, 3, 1, tzinfo=UTC)) as running:
        yield Automation(running)


@pytest.fixture
def put(automation: Automation) -> Callable[[Sequence[dict]], None]:
    """Import rows, and nothing else."""
    numbers = iter(range(1000))

    def put(rows: Sequence[dict]) -> None:
        automation.folder.inbox.mkdir(parents=True, exist_ok=True)
        write_export(automation.folder.inbox / f"classifications-{next(numbers)}.csv", rows)
        job = automation.daemon.definitions.resolve_job_def("import_exports")
        assert job.execute_in_process(
            instance=automation.daemon.instance, run_config={"loggers": {"progress": {}}}
        ).success

    return put


@pytest.fixture
def built(folder: DataFolder, built_projects: BuiltProjects) -> Callable[[Sequence[dict]], DataFolder]:
    """Start with a project of these rows, as the command line built it."""
    return lambda rows: built_projects.of_rows(rows).copy(folder)


VERSION_TABLES = {
    name
    for name, table in TABLES.items()
    if table.partition == "workflow_version" and table.stage != "raw" and not table.asked_for
}
POOLED_TABLES = {name for name, table in TABLES.items() if table.partition == "workflow" and not table.asked_for}
ACCOUNTING = {"accounting", "quarantine"}


@contextmanager
def an_import_of_another_process(folder: DataFolder) -> Iterator[None]:
    """Another process holds the lock of imports."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom zoo_dag.store.data_folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).import_lock():\n    print('locked', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(folder.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603
        assert other.stdout
        assert other.stdout.readline() == b"locked\n"
        yield
        assert other.stdin
        other.stdin.close()


def test_the_first_import_is_worked_off_in_three_evaluations_and_neighbours_share_a_run(automation, put):
    put(votes("3.2", ["Yes"], 1) + votes("3.10", ["No"], 2))
    with an_import_of_another_process(automation.folder):
        assert automation.tick() == {}
        assert automation.daemon.skipped == "An import is running."
    first, second, third = automation.settle()
    assert first == {("10-v3.2", "10-v3.10"): VERSION_TABLES}
    assert second == {("10",): POOLED_TABLES}
    assert third == {(): ACCOUNTING}


def test_the_same_rows_again_request_the_accounting_only(automation, built, put):
    rows = votes("3.2", ["Yes"], 1)
    built(rows)
    put([row | {"user_ip": "f" * 20} for row in rows])
    assert automation.settle() == [{(): ACCOUNTING}]


def test_a_longer_export_requests_the_version_that_changed_and_its_workflow(automation, built, put):
    rows = votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("1.1", ["Yes"], 3, workflow=11)
    built(rows)
    put(rows + votes("3.9", ["No"], 9))
    assert automation.settle() == [
        {("10-v3.9",): VERSION_TABLES - {"tasks"}},
        {("10",): POOLED_TABLES},
        {(): ACCOUNTING},
    ]


def test_a_version_that_fails_is_requested_once_more_alone_and_the_others_are_pooled_without_it(automation, put):
    good, bad = votes("3.2", ["Yes"], 1), votes("3.9", ["No"], 2)
    put(good + bad)
    broken = automation.folder.tables.path(TABLES["raw_classifications"], "10-v3.9")
    intact = broken.read_bytes()
    broken.write_bytes(intact[:-20])
    first, second, *others = automation.settle()
    assert set(first) == {("10-v3.2", "10-v3.9")}
    assert set(second) == {("10-v3.2",), ("10-v3.9",)}
    assert [set(tick) for tick in others] == [{("10",)}, {()}]
    pooled = automation.folder.tables.scan(TABLES["pooled_question_consensus"], "10").collect()
    assert pooled["answer"].to_list() == ["Yes"]
    broken.write_bytes(intact)
    assert automation.tick() == {}
    # An export that brings other rows is a new reason.
    put(good + bad + votes("3.9", ["Yes"], 7))
    assert ("10-v3.9",) in automation.tick()


def test_a_setting_that_is_changed_and_changed_back_builds_everything_each_time_without_a_reload(
    automation, built
):
    built(votes("3.2", ["Yes"], 1))
    for settings in ('[exclusion]\nrepeat = "all"\n', "", '[exclusion]\nrepeat = "all"\n'):
        (automation.folder.root / "zoo_dag.toml").write_text(settings)
        assert automation.settle() == [
            {(): {"subjects", "workflow_versions"}},
            {("10-v3.2",): VERSION_TABLES},
            {("10",): POOLED_TABLES},
            {(): ACCOUNTING},
        ]


def test_what_was_forgotten_and_imported_again_is_pooled_again(automation, built, put, folder):
    rows = votes("3.2", ["Yes"], 1) + votes("3.9", ["No"], 2)
    built(rows)
    forget(deployment_of(folder), plan(folder, 10, "3.9"), lambda *_: None)
    put(rows)
    assert [set(tick) for tick in automation.settle()] == [{("10-v3.9",)}, {("10",)}, {()}]
    assert zoo_dag.scan("subject_summary", folder.root).collect()["versions"].to_list() == [["3.2", "3.9"]]


def test_a_damaged_or_deleted_table_is_built_again(automation, built):
    built(votes("3.2", ["Yes"], 1))
    for table, key in (("subject_summary", "10"), ("quarantine", None)):
        path = automation.folder.tables.path(TABLES[table], key)
        path.write_bytes(path.read_bytes()[:-9])
        assert automation.settle() == [{(key,) if key else (): {table}}]
        assert automation.folder.tables.is_current(TABLES[table], key)
    for table in ("question_consensus", "survey_consensus"):
        # Twice, because the first rebuild has used the key of its run.
        for _ in range(2):
            shutil.rmtree(automation.folder.root / "tables" / table)
            assert automation.settle() == [{("10-v3.2",): {table}}]
            assert automation.folder.tables.keys(TABLES[table]) == ["10-v3.2"]


def test_a_raw_file_that_is_missing_does_not_stop_the_automation_of_the_others(automation, put):
    put(votes("3.2", ["Yes"], 1) + votes("3.9", ["No"], 2))
    automation.folder.tables.path(TABLES["raw_classifications"], "10-v3.9").unlink()
    automation.settle()
    assert automation.folder.tables.keys(TABLES["question_consensus"]) == ["10-v3.2"]


def test_a_raw_file_that_is_lost_later_is_reported_and_an_older_copy_of_it_is_noticed(
    automation, built, put, folder
):
    built(votes("3.2", ["Yes"], 1) + votes("3.9", ["No"], 2))
    path = folder.tables.path(TABLES["raw_classifications"], "10-v3.9")
    older = path.read_bytes()
    put(votes("3.2", ["Yes"], 1) + votes("3.9", ["No", "No"], 2))
    automation.settle()
    path.unlink()
    assert automation.settle() == [{(): ACCOUNTING}]
    lost = pl.col("workflow_version") == "3.9", pl.col("stage") == "raw"
    reported = zoo_dag.scan("accounting", folder.root).filter(*lost).collect()
    assert reported.select("rows_in", "rows_out").rows() == [(3, 0)]
    path.write_bytes(older)
    assert set(automation.tick()) == {("10-v3.9",)}
    automation.run()
    automation.settle()
    assert zoo_dag.scan("question_consensus", folder.root, version="3.9").collect()["votes"].to_list() == [1]


def test_where_nothing_is_stale_the_cursor_is_the_state_of_the_files_and_a_change_of_any_of_them_is_noticed(
    automation, built, folder
):
    built(votes("3.2", ["Yes"], 1))
    # What the command line built is not built again.
    assert automation.tick() == {}
    assert automation.daemon.skipped == "Nothing is stale."
    state = automation.daemon.cursor("automation")
    assert automation.tick() == {}
    assert automation.daemon.cursor("automation") == state
    path = folder.tables.path(TABLES["question_consensus"], "10-v3.2")
    intact = path.read_bytes()
    path.write_bytes(b"x" * len(intact))
    assert automation.tick() == {("10-v3.2",): {"question_consensus"}}
    assert automation.daemon.cursor("automation") != state
    automation.run()
    automation.settle()
    request_rebuild(folder.root, 10)
    assert automation.tick().keys() == {("10-v3.2",)}
