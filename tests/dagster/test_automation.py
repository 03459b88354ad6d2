"""What automation asks for: tick by tick, on a real instance, with the runs that it asks for."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence

import dagster as dg
import pytest

from tests.builders import write_export
from tests.dagster_project import run_all, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.run_all import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

Requested = dict[str | None, set[str]]


class Automation:
    """The automation sensor and the launcher of its runs, in one process, one tick at a time."""

    def __init__(self, folder: DataFolder, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = folder, instance
        self.definitions = build_definitions(folder)
        self._cursor = None

    def tick(self) -> Requested:
        """What is asked for: by partition the assets."""
        result = dg.evaluate_automation_conditions(self.definitions, self.instance, cursor=self._cursor)
        self._cursor = result.cursor
        requested: Requested = defaultdict(set)
        for each in result.results:
            subset = each.true_subset
            if subset.is_partitioned:
                for key in subset.expensively_compute_partition_keys():
                    requested[key].add(each.key.to_user_string())
            elif not subset.is_empty:
                requested[None].add(each.key.to_user_string())
        return dict(requested)

    def run(self, requested: Requested) -> list[bool]:
        """Run what was asked for, a run for each partition, and tell which succeeded."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return [
            job.get_subset(asset_selection={dg.AssetKey(name) for name in names})
            .execute_in_process(
                instance=self.instance,
                partition_key=key,
                raise_on_error=False,
                run_config={"loggers": {"progress": {}}},
            )
            .success
            for key, names in requested.items()
        ]

    def settle(self) -> list[Requested]:
        """Tick and run until nothing is asked for any more."""
        ticks = []
        for _ in range(10):
            ticks.append(self.tick())
            if not ticks[-1]:
                return ticks[:-1]
            self.run(ticks[-1])
        pytest.fail(f"automation does not come to rest: {ticks[-3:]}")


@pytest.fixture
def automation(folder: DataFolder):
    folder.prepare_dagster_home()
    with dg.DagsterInstance.get() as instance:
        yield Automation(folder, instance)


@pytest.fixture
def put(automation: Automation) -> Callable[[Sequence[dict]], None]:
    """Import rows, and nothing else."""
    numbers = iter(range(1000))

    def put(rows: Sequence[dict]) -> None:
        automation.folder.inbox.mkdir(exist_ok=True)
        write_export(automation.folder.inbox / f"classifications-{next(numbers)}.csv", rows)
        job = automation.definitions.resolve_job_def("import_exports")
        assert job.execute_in_process(instance=automation.instance).success

    return put


VERSION_ASSETS = {
    name for name, table in TABLES.items() if table.partition == "workflow_version" and table.stage != "raw"
}
POOLED_ASSETS = {name for name, table in TABLES.items() if table.partition == "workflow"}
BOOKS = {"accounting", "quarantine"}


def test_the_first_import_is_worked_off_in_two_ticks_with_a_run_for_each_version(automation, put):
    put(votes("3.2", ["Yes"], 1) + votes("3.10", ["No"], 2))
    first, second = automation.settle()
    assert first == {"10-v3.2": VERSION_ASSETS, "10-v3.10": VERSION_ASSETS}
    assert second == {"10": POOLED_ASSETS, None: BOOKS}


def test_the_same_rows_again_ask_for_the_books_only(automation, put):
    rows = votes("3.2", ["Yes"], 1)
    put(rows)
    automation.settle()
    put([row | {"user_ip": "f" * 20} for row in rows])
    assert automation.settle() == [{None: BOOKS}]


def test_a_longer_export_asks_for_the_version_that_changed_and_its_workflow(automation, put):
    rows = votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("1.1", ["Yes"], 3, workflow=11)
    put(rows)
    automation.settle()
    put(rows + votes("3.9", ["No"], 9))
    assert automation.settle() == [{"10-v3.9": VERSION_ASSETS - {"tasks"}}, {"10": POOLED_ASSETS, None: BOOKS}]


def test_a_changed_setting_asks_for_everything_without_a_reload(automation, put):
    put(votes("3.2", ["Yes"], 1))
    automation.settle()
    (automation.folder.root / "zoo_dag.toml").write_text('[exclusion]\nrepeat = "all"\n')
    unpartitioned = {None: {"subjects", "workflow_versions"}}
    assert automation.settle() == [unpartitioned, {"10-v3.2": VERSION_ASSETS}, {"10": POOLED_ASSETS, None: BOOKS}]


def test_a_version_that_fails_is_asked_for_once_and_the_others_are_pooled_without_it(automation, put):
    good, bad = votes("3.2", ["Yes"], 1), votes("3.9", ["No"], 2)
    put(good + bad)
    broken = automation.folder.tables.path(TABLES["raw_classifications"], "10-v3.9")
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-20])
    ticks = automation.settle()
    assert ticks == [{"10-v3.2": VERSION_ASSETS, "10-v3.9": VERSION_ASSETS}, {"10": POOLED_ASSETS, None: BOOKS}]
    broken.write_bytes(whole)
    assert automation.tick() == {}
    # An export that brings other rows is a new reason.
    put(good + bad + votes("3.9", ["Yes"], 7))
    assert automation.settle()[0] == {"10-v3.9": VERSION_ASSETS - {"tasks"}}


def test_nothing_is_asked_for_while_an_import_is_at_work(automation, put):
    put(votes("3.2", ["Yes"], 1))
    code = (
        "import sys\nfrom pathlib import Path\nfrom zoo_dag.store.data_folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).import_lock():\n    print('locked', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(automation.folder.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603
        assert other.stdout.readline() == b"locked\n"
        assert automation.tick() == {}
        other.stdin.close()
    assert set(automation.tick()) == {"10-v3.2"}


def test_what_the_command_line_made_is_not_made_again(automation, folder, tmp_path):
    export = tmp_path / "classifications.csv"
    write_export(export, votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2))
    assert run_all(folder, Request((export,))).failures == []
    assert automation.tick() == {}
