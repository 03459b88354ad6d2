"""The history in SQLite files that stay open, against Dagster's own storage of the same files."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy

from tests.dagster_project import materializations
from zoo_dag.dagster.history import EventLogs
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.partition_events import report_together
from zoo_dag.store.data_folder import DataFolder

# The storage that Dagster itself uses.
DAGSTERS_OWN = EventLogs.__base__
PARTITIONS = dg.StaticPartitionsDefinition(["a", "b", "c"])


@dg.asset(partitions_def=PARTITIONS)
def birds(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    for key in context.partition_keys:
        context.add_asset_metadata({"name": key}, partition_key=key)
    yield dg.MaterializeResult(data_version=dg.DataVersion("1"), tags={"tag": "x"})


@dg.asset(check_specs=[dg.AssetCheckSpec("is_blue", asset="sky")])
def sky() -> dg.MaterializeResult:
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="is_blue", passed=False)])


@contextmanager
def dagsters_own(home: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with Dagster's own storage of the same files."""
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert type(instance.event_log_storage) is DAGSTERS_OWN
        yield instance


def run(instance: dg.DagsterInstance, tags: dict[str, str] | None = None) -> str:
    """Materialize everything, all partitions in one run."""
    ends = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
    return dg.materialize([birds], instance=instance, tags={**ends, **(tags or {})}).run_id


def told(instance: dg.DagsterInstance, run_id: str) -> list[tuple]:
    """What the events of a run say, and in which order."""
    return [
        (entry.step_key, entry.dagster_event_type, entry.get_dagster_event().message, entry.timestamp)
        for entry in instance.all_logs(run_id)
        if entry.is_dagster_event
    ]


def shown(instance: dg.DagsterInstance) -> list[tuple]:
    return [
        (each.partition, each.metadata["name"].value, each.tags["tag"], each.tags["dagster/data_version"])
        for each in materializations(instance, "birds")
    ]


def test_dagsters_own_storage_reads_what_was_written(folder: DataFolder) -> None:
    with open_instance(folder) as instance:
        assert type(instance.event_log_storage) is EventLogs
        run_id = run(instance)
        dg.materialize([sky], instance=instance)
        events, birds_shown = told(instance, run_id), shown(instance)
    assert sorted(birds_shown) == [(key, key, "x", "1") for key in "abc"]
    with dagsters_own(folder.dagster_home) as instance:
        assert told(instance, run_id) == events
        assert shown(instance) == birds_shown
        assert [each.status for each in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 2
        newest = instance.get_latest_materialization_event(dg.AssetKey("birds"))
        assert newest is not None
        assert newest.asset_materialization is not None
        assert newest.asset_materialization.partition == birds_shown[0][0]
        (check,) = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("sky"), "is_blue"), limit=5
        )
        assert check.status.value == "FAILED"


def test_a_history_of_dagsters_own_storage_goes_on(folder: DataFolder) -> None:
    folder.dagster_home.mkdir(parents=True)
    with dagsters_own(folder.dagster_home) as instance:
        before = run(instance)
        events = told(instance, before)
    (folder.dagster_home / "dagster.yaml").unlink()
    with open_instance(folder) as instance:
        assert type(instance.event_log_storage) is EventLogs
        assert told(instance, before) == events
        after = run(instance)
        assert {each.run_id for each in instance.get_runs()} == {before, after}
        assert len(shown(instance)) == 6


@pytest.mark.parametrize("of", ["event_logs", "runs"])
def test_a_history_whose_creation_was_interrupted_is_created_again(folder: DataFolder, of: str) -> None:
    created: list[str] = []

    def interrupt(table: sqlalchemy.Table, *_: object, **__: object) -> None:
        created.append(table.name)
        if of in table.metadata.tables:
            raise KeyboardInterrupt

    sqlalchemy.event.listen(sqlalchemy.Table, "after_create", interrupt)
    try:
        with pytest.raises(KeyboardInterrupt), open_instance(folder):
            pass
    finally:
        sqlalchemy.event.remove(sqlalchemy.Table, "after_create", interrupt)
    assert created
    with open_instance(folder) as instance:
        assert run(instance) in instance.get_run_ids()
        assert instance.get_dynamic_partitions("workflow") == []
    history = folder.dagster_home / "history"
    assert [path for place in (history, history / "runs") for path in place.glob(".*")] == []


def test_a_dagster_yaml_of_the_user_is_left_alone(folder: DataFolder) -> None:
    folder.dagster_home.mkdir(parents=True)
    own = "module: dagster.core.storage.local_compute_log_manager\n  class: LocalComputeLogManager"
    written = f"compute_logs:\n  {own}\n  config:\n    base_dir: {folder.root / 'printed'}\n"
    (folder.dagster_home / "dagster.yaml").write_text(written, encoding="utf-8")
    with open_instance(folder) as instance:
        assert type(instance.event_log_storage) is DAGSTERS_OWN
        assert len(run(instance)) == 36
    assert (folder.dagster_home / "dagster.yaml").read_text(encoding="utf-8") == written


def test_two_that_are_open_at_the_same_time_see_each_others_runs(folder: DataFolder) -> None:
    with open_instance(folder) as one, open_instance(folder) as other:
        runs = [run(instance) for instance in (one, other, one, other)]
        for instance in (one, other):
            assert {each.run_id for each in instance.get_runs()} == set(runs)
            assert len(shown(instance)) == 12
            assert all(told(instance, run_id) for run_id in runs)


def test_what_steps_report_is_seen_before_they_end(folder: DataFolder) -> None:
    seen: list[int] = []

    @dg.asset(partitions_def=PARTITIONS)
    def counted(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetMaterialization]:
        for key in context.partition_keys:
            yield dg.AssetMaterialization("counted", partition=key)
            seen.append(len(materializations(context.instance, "counted")))
        yield dg.MaterializeResult()

    with open_instance(folder) as instance:
        tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
        result = dg.materialize([counted], instance=instance, tags={**tags, "dagster/defer_asset_events": "true"})
        assert result.success
        assert seen == [1, 2, 3]
        # Those that Dagster itself would report, once more for each partition, are deferred to the steps.
        assert len(materializations(instance, "counted")) == 3


def test_partitions_that_are_reported_together_are_as_if_one_by_one(folder: DataFolder) -> None:
    @dg.asset(partitions_def=PARTITIONS)
    def together(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        yield dg.MaterializeResult()
        report_together(
            context,
            [
                dg.AssetMaterialization(
                    "together", partition=key, metadata={"name": key}, tags={"dagster/data_version": f"of {key}"}
                )
                for key in context.partition_keys
            ],
        )

    ends = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
    with open_instance(folder) as instance:
        result = dg.materialize([together], instance=instance, tags={**ends, "dagster/defer_asset_events": "true"})
        assert result.success
    with dagsters_own(folder.dagster_home) as instance:
        found = materializations(instance, "together")
        assert [(each.partition, each.metadata["name"].value) for each in found] == [(key, key) for key in "cba"]
        newest = instance.get_latest_materialization_event(dg.AssetKey("together"))
        assert newest is not None
        assert newest.asset_materialization == found[0]
        events = [
            entry
            for entry in told(instance, result.run_id)
            if entry[1] == dg.DagsterEventType.ASSET_MATERIALIZATION
        ]
        assert [(step, message) for step, _, message, _ in events] == [
            ("together", f"Materialized {key}.") for key in "abc"
        ]
        for key in "abc":
            assert instance.event_log_storage.get_latest_tags_by_partition(
                dg.AssetKey("together"), dg.DagsterEventType.ASSET_MATERIALIZATION, ["dagster/data_version"], [key]
            ) == {key: {"dagster/data_version": f"of {key}"}}


def test_a_run_that_is_deleted_and_a_wiped_history_are_gone(folder: DataFolder) -> None:
    with open_instance(folder) as instance:
        gone, kept = run(instance), run(instance)
        instance.delete_run(gone)
        assert [each.run_id for each in instance.get_runs()] == [kept]
        instance.wipe()
        assert not instance.get_runs()
        assert len(shown(instance)) == 0
        run(instance)
        assert len(shown(instance)) == 3


def test_a_folder_may_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with open_instance(DataFolder(tmp_path / "here")) as instance:
        run_id = run(instance)
    shutil.move(tmp_path / "here", tmp_path / "there")
    with open_instance(DataFolder(tmp_path / "there")) as instance:
        assert told(instance, run_id)
    assert not (tmp_path / "here").exists()
