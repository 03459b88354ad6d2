"""Old runs are deleted from a real history, and Dagster still knows everything about the stored tables."""

import datetime
import os
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from tests.builders import write_export
from tests.dagster.daemon import Daemon
from tests.dagster_project import materializations, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.event_tags import RUN_KEY
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.runs.old_runs import delete_old_runs
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.dagster.runs.run_all import Deployment, run
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

KEEP_NOTHING, KEEP_ALL = "1e-9", "0"


@pytest.fixture(scope="module")
def three_imports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after three imports: the first one brings a version that the others do not change."""
    place = tmp_path_factory.mktemp("project")
    folder = DataFolder(place / "data")
    imports = [
        votes("3.1", ["Yes", "No"], 1) + votes("3.2", ["Yes"], 100),
        votes("3.2", ["Yes"], 110),
        votes("3.2", ["Yes"], 120),
    ]
    with open_instance(folder) as instance:
        for rows in imports:
            export = write_export(place / "classifications.csv", rows)
            deployment = Deployment(Project(folder, imports_any_file=True), instance)
            assert not run(deployment, Request((export,)), lambda *_: None).failures
    return folder.root


@pytest.fixture
def folder(three_imports: Path, tmp_path: Path) -> DataFolder:
    return DataFolder(Path(shutil.copytree(three_imports, tmp_path / "data")))


@pytest.fixture
def instance(folder: DataFolder) -> Iterator[dg.DagsterInstance]:
    with open_instance(folder) as instance:
        yield instance


def keep(folder: DataFolder, days: str) -> DataFolder:
    """The data folder with this setting, on another day."""
    (folder.root / "zoo_dag.toml").write_text(f"[history]\nkeep_days = {days}\n")
    done = folder.dagster_home / "old_runs_deleted"
    if done.exists():
        os.utime(done, (0, 0))
    return DataFolder(folder.root)


def run_files(folder: DataFolder) -> set[str]:
    """The runs that have a file of events."""
    files = (folder.dagster_home / "history" / "runs").iterdir()
    return {file.name.partition(".")[0] for file in files} - {"index"}


def known(instance: dg.DagsterInstance) -> dict[str, object]:
    """What Dagster knows of each asset: its newest event and the partitions that were built."""
    facts: dict[str, object] = {}
    for asset in instance.get_asset_keys():
        event = instance.get_latest_materialization_event(asset)
        observed = instance.fetch_observations(asset, limit=1).records
        facts[asset.to_user_string()] = (
            event and event.run_id,
            [record.storage_id for record in observed],
            sorted(instance.get_materialized_partitions(asset)),
            instance.get_latest_storage_id_by_partition(asset, dg.DagsterEventType.ASSET_MATERIALIZATION),
        )
    return facts


def pretend(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, job: str) -> str:
    """A run that nothing executes."""
    run_id = str(uuid.uuid4())
    instance.create_run_for_job(dg.GraphDefinition(name=job).to_job(), run_id=run_id, status=status)
    return run_id


def test_runs_go_with_their_files_and_what_is_stored_stays_known(folder, instance):
    before, runs = known(instance), {run.run_id for run in instance.get_runs()}
    assert run_files(folder) == runs
    said = delete_old_runs(instance, Project(keep(folder, KEEP_NOTHING)))
    left = {run.run_id for run in instance.get_runs()}
    assert left < runs
    assert said == f"Deleted {len(runs - left)} old runs."
    assert run_files(folder) == left
    assert known(instance) == before
    newest = {
        event.run_id
        for event in map(instance.get_latest_materialization_event, instance.get_asset_keys())
        if event
    }
    assert newest <= left


def test_an_older_event_of_a_partition_is_gone_and_its_newest_one_is_there(folder, instance):
    # The run of the first one built other tables too, which no run built since.
    newest, middle, first = materializations(instance, "question_consensus", "10-v3.2")
    delete_old_runs(instance, Project(keep(folder, KEEP_NOTHING)))
    assert materializations(instance, "question_consensus", "10-v3.2") == [newest, first]
    assert middle != newest
    assert len(materializations(instance, "question_consensus", "10-v3.1")) == 1


def results_of_checks(folder: DataFolder) -> list[tuple[tuple[str, ...], str]]:
    """Each check with its partition, and the run that evaluated it, the newest last; read without Dagster."""
    with closing(sqlite3.connect(folder.dagster_home / "history" / "runs" / "index.db")) as database:
        rows = database.execute(
            "select asset_key, check_name, partition, run_id from asset_check_executions order by id"
        ).fetchall()
    return [(tuple(check), run_id) for *check, run_id in rows]


def test_the_newest_result_of_each_check_stays(folder, instance):
    before = results_of_checks(folder)
    delete_old_runs(instance, Project(keep(folder, KEEP_NOTHING)))
    after = results_of_checks(folder)
    assert len(after) < len(before)
    assert dict(after) == dict(before)
    left = {run.run_id for run in instance.get_runs()}
    newest = dict(before).items()
    assert all(run_id in left or (check, run_id) in newest for check, run_id in after)


def test_nothing_is_stale_and_nothing_runs_afterwards(folder, instance):
    delete_old_runs(instance, Project(keep(folder, KEEP_NOTHING)))
    count = instance.get_runs_count()
    deployment = Deployment(Project(folder), instance)
    assert run(deployment, Request(()), lambda *_: None).changed == []
    assert instance.get_runs_count() == count


def test_a_table_that_is_lost_later_is_built_again_and_again(folder, instance):
    """Its run needs a key that no run has, also where the earlier runs of the same plan are deleted in part."""
    daemon = Daemon(folder, instance, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    lost = folder.tables.path(TABLES["question_consensus"], "10-v3.1")
    for _ in range(3):
        lost.unlink()
        requests = daemon.evaluate("automation")
        assert requests
        for request in requests:
            assert not instance.get_runs(filters=dg.RunsFilter(tags={RUN_KEY: request.run_key}))
            assert daemon.execute(request).success
        assert lost.exists()
        daemon.come_to_rest()
        delete_old_runs(instance, Project(keep(folder, KEEP_NOTHING)))


def test_a_run_in_progress_and_a_run_of_another_project_stay(folder, instance):
    going_on = [
        pretend(instance, status, "import_exports")
        for status in (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED)
    ]
    ended = pretend(instance, dg.DagsterRunStatus.FAILURE, "import_exports")
    foreign = pretend(instance, dg.DagsterRunStatus.SUCCESS, "theirs")
    delete_old_runs(instance, Project(keep(folder, KEEP_NOTHING)))
    left = {run.run_id for run in instance.get_runs()}
    assert {*going_on, foreign} <= left
    assert ended not in left


@pytest.mark.parametrize(("days", "said"), [(KEEP_ALL, "All runs are kept."), ("1", "Deleted 0 old runs.")])
def test_runs_that_the_setting_keeps_stay(folder, instance, days, said):
    before = instance.get_runs_count()
    assert delete_old_runs(instance, Project(keep(folder, days))) == said
    assert instance.get_runs_count() == before


def test_once_a_day_is_enough_whatever_the_clock_says(folder, instance):
    within_a_day = "Old runs were deleted within the last day."
    folder = keep(folder, KEEP_NOTHING)
    assert delete_old_runs(instance, Project(folder)) != within_a_day
    assert delete_old_runs(instance, Project(folder)) == within_a_day
    tomorrow = time.time() + 10_000_000
    os.utime(folder.dagster_home / "old_runs_deleted", (tomorrow, tomorrow))
    assert delete_old_runs(instance, Project(folder)) == "Deleted 0 old runs."


def test_the_sensor_deletes_them_with_what_they_printed(folder, instance):
    printed = {run.run_id: Path(instance.storage_directory()) / run.run_id for run in instance.get_runs()}
    for place in printed.values():
        (place / "compute_logs").mkdir(parents=True)
    keep(folder, KEEP_NOTHING)
    definitions = build_definitions(folder)
    with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
        tick = definitions.resolve_sensor_def("old_runs").evaluate_tick(context)
    assert tick.skip_message.startswith("Deleted ")
    left = {run.run_id for run in instance.get_runs()}
    assert left
    assert {run_id for run_id, place in printed.items() if place.exists()} == left


def test_a_mistake_in_the_settings_deletes_nothing_and_is_named(folder, instance):
    before = instance.get_runs_count()
    keep(folder, '"a month"')
    definitions = build_definitions(folder)
    with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
        tick = definitions.resolve_sensor_def("old_runs").evaluate_tick(context)
    assert "history.keep_days" in tick.skip_message
    assert instance.get_runs_count() == before
