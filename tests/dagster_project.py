"""A small project on a real Dagster instance."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.types import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage
from sqlalchemy import Connection

from tests.builders import answer, classification_row, write_export
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.dagster.runs.run_all import Deployment, run
from zoo_dag.store.data_folder import DataFolder


def run_all(folder: DataFolder, request: Request) -> Outcome:
    """Import exports and build what is stale, as `zoo-dag run` does."""
    return run(deployment_of(folder), request, lambda *_: None)


def deployment_of(folder: DataFolder) -> Deployment:
    """The definitions of a data folder, and its instance."""
    with instance_of(folder) as instance:
        return Deployment(Project(folder, imports_any_file=True), instance)


class _EventsInMemory(InMemoryEventLogStorage):
    """Events in memory over one connection: Dagster opens one for each event, and looks up its tables."""

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._db_lock, self._held_conn.begin():
            yield self._held_conn

    def has_table(self, table_name: str) -> bool:
        return table_name in _TABLES_OF_EVENTS


_TABLES_OF_EVENTS = SqlEventLogStorageMetadata.tables
_INSTANCES: dict[Path, dg.DagsterInstance] = {}


@contextmanager
def instance_of(folder: DataFolder) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of a data folder of the tests: its history is in memory, and lasts as long as they do.

    A history on disk takes more than half of the time of a small run. Tests of processes, of the command line and
    of the pages use the real one.
    """
    if folder.root not in _INSTANCES:
        # As `DagsterInstance.ephemeral` makes it, but for the events.
        _INSTANCES[folder.root] = dg.DagsterInstance(
            InstanceType.EPHEMERAL,
            local_artifact_storage=TemporaryLocalArtifactStorage(),
            run_storage=InMemoryRunStorage(),
            event_storage=_EventsInMemory(),
            compute_log_manager=NoOpComputeLogManager(),
            run_coordinator=DefaultRunCoordinator(),
            run_launcher=SyncInMemoryRunLauncher(),
        )
    yield _INSTANCES[folder.root]


@pytest.fixture
def history_on_disk(folder: DataFolder) -> Iterator[dg.DagsterInstance]:
    """The real Dagster instance of the data folder, as the command line and the pages have it."""
    with open_instance(folder) as instance:
        _INSTANCES[folder.root] = instance
        yield instance


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """An empty data folder with a separate Dagster home."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "data" / "dagster_home"))
    return DataFolder(tmp_path / "data")


@pytest.fixture
def import_rows(folder: DataFolder, tmp_path: Path) -> Callable[..., Outcome]:
    """Write rows as a classifications export and run everything."""
    numbers = iter(range(1000))

    def import_rows(rows: Sequence[dict], **options: object) -> Outcome:
        export = tmp_path / f"classifications-{next(numbers)}.csv"
        write_export(export, rows)
        return run_all(folder, Request((export,), **options))

    return import_rows


def votes(version: str, answers: Sequence[str], first_id: int, workflow: int = 10) -> list[dict]:
    """Classifications of one subject by different volunteers, one for each answer."""
    return [
        classification_row(
            first_id + number,
            workflow_id=workflow,
            workflow_version=version,
            annotations=[answer(value=value)],
        )
        for number, value in enumerate(answers)
    ]


def materializations(instance: dg.DagsterInstance, asset: str, partition: str | None = None) -> list:
    """All materializations of an asset (or of one partition), the newest first."""
    wanted = dg.AssetRecordsFilter(
        asset_key=dg.AssetKey(asset), asset_partitions=[partition] if partition else None
    )
    return [record.asset_materialization for record in instance.fetch_materializations(wanted, limit=1000).records]


def runs_of(instance: dg.DagsterInstance, asset: str, partition: str) -> set[str]:
    """The runs that built a partition of an asset."""
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[partition])
    return {record.run_id for record in instance.fetch_materializations(wanted, limit=1000).records}
