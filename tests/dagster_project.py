"""A small project on a real Dagster instance."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

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


_INSTANCES: dict[Path, dg.DagsterInstance] = {}


@contextmanager
def instance_of(folder: DataFolder) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of a data folder of the tests: its history is in memory, and lasts as long as they do.

    A history on disk takes more than half of the time of a small run. Tests of processes, of the command line and
    of the pages use the real one.
    """
    if folder.root not in _INSTANCES:
        _INSTANCES[folder.root] = _ephemeral()
    yield _INSTANCES[folder.root]


def _ephemeral() -> dg.DagsterInstance:
    """An instance in memory over one connection: Dagster opens one for each event, and looks up its tables."""
    instance = dg.DagsterInstance.ephemeral()
    events: Any = instance.event_log_storage

    @contextmanager
    def connect() -> Iterator[Any]:
        with events._db_lock, events._held_conn.begin():
            yield events._held_conn

    events._connect, events.has_table = connect, functools.cache(events.has_table)
    return instance


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
