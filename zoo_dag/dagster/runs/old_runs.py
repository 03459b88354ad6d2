"""Deleting old runs from Dagster's history, which would grow for ever: with hourly imports by gigabytes a year."""

import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from zoo_dag.dagster.project import Project
from zoo_dag.dagster.runs.own_runs import is_ours

_DAY = 24 * 3600
# A sensor has a minute. What is left is deleted with the next evaluation.
_MOST_SECONDS = 20
# When old runs were deleted, by the time of this file.
_DELETED = "old_runs_deleted"
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def delete_old_runs(instance: dg.DagsterInstance, project: Project) -> str:
    """Delete the runs of a project that its settings do not keep, at most once a day. Returns a sentence on it.

    Runs in progress are kept, and those that reported the newest event of an asset or of one of its partitions:
    with them Dagster would lose what it knows about a stored table. Raises SettingsError.
    """
    keep_days = project.folder.settings.history.keep_days
    done = project.records / _DELETED
    if not keep_days or _seconds_since(done) < _DAY:
        return "Old runs were deleted within the last day." if keep_days else "All runs are kept."
    started = time.monotonic()
    before = datetime.now(UTC) - timedelta(days=keep_days)
    n_deleted = 0
    for run_id in _old_runs(instance, project, before):
        if time.monotonic() - started > _MOST_SECONDS:
            return f"Deleted {n_deleted:,} old runs; there are more."
        instance.delete_run(run_id)
        # What the run printed: an instance of a command, which captures nothing, would leave it.
        shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)
        n_deleted += 1
    done.parent.mkdir(parents=True, exist_ok=True)
    done.touch()
    return f"Deleted {n_deleted:,} old runs."


def _old_runs(instance: dg.DagsterInstance, project: Project, before: datetime) -> list[str]:
    """The runs to delete, the oldest first."""
    old = [
        run
        for run in instance.get_runs(filters=dg.RunsFilter(statuses=_ENDED, created_before=before), ascending=True)
        if is_ours(project, run)
    ]
    kept = set(_runs_of_newest_events(instance)) if old else set()
    return [run.run_id for run in old if run.run_id not in kept]


def _runs_of_newest_events(instance: dg.DagsterInstance) -> Iterator[str]:
    """The runs that reported the newest materialization and observation of each asset and each partition of it."""
    fetches = {
        dg.DagsterEventType.ASSET_MATERIALIZATION: instance.fetch_materializations,
        dg.DagsterEventType.ASSET_OBSERVATION: instance.fetch_observations,
    }
    for asset in instance.get_asset_keys():
        for kind, fetch in fetches.items():
            yield from _run_ids(fetch(asset, limit=1).records)
            newest = list(instance.get_latest_storage_id_by_partition(asset, kind).values())
            if newest:
                of_partitions = dg.AssetRecordsFilter(asset_key=asset, storage_ids=newest)
                yield from _run_ids(fetch(of_partitions, limit=len(newest)).records)


def _run_ids(records: Iterable[dg.EventLogRecord]) -> Iterator[str]:
    yield from (record.run_id for record in records)


def _seconds_since(file: Path) -> float:
    """How long ago a file was touched; for ever where there is none, or where the clock was set back since."""
    try:
        seconds = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
    return seconds if seconds >= 0 else float("inf")
