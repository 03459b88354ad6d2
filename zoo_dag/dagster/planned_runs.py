"""Planned runs and Dagster's history: what the planner learns from it, and the requests for what it plans."""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from zoo_dag.dagster import event_tags, partitions
from zoo_dag.dagster.data_versions import PartitionKey, stale_tables
from zoo_dag.dagster.fetch_jobs import FETCH_JOBS
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.part_job import config_of_parts
from zoo_dag.dagster.planner import BUILD_PART, PARSE_SHARED, PlannedRun, Running, State, Tried
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.raw_files import follow_raw_files
from zoo_dag.dagster.recipes import Recipe
from zoo_dag.dagster.run_size import bytes_read, size_tags
from zoo_dag.dagster.runs import alerts
from zoo_dag.dagster.runs.own_runs import is_ours
from zoo_dag.dagster.runs.run_events import step_failures
from zoo_dag.dagster.version_parts import lacking_parts
from zoo_dag.errors import SettingsError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES, Partition

# The key of a planned run of a project, without the number of times it succeeded before.
PLAN_TAG = "zoo_dag/plan"
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def current_state(project: Project, instance: dg.DagsterInstance, known: Sequence[Recipe]) -> State:
    """What the planner needs to know: what is stale, what runs, and what became of earlier runs."""
    folder, names = project.folder, project.names
    versions = follow_raw_files(instance, project)
    workflows = partitions.registered(instance, names.of(partitions.WORKFLOWS))
    keys: dict[Partition | None, Sequence[PartitionKey]] = {
        None: [None],
        "workflow_version": versions,
        "workflow": workflows,
    }
    stale = stale_tables(known, folder, keys)
    return State(
        stale,
        versions,
        folder.raw_bytes(versions),
        folder.settings.running.bytes_per_run,
        lacking_parts(folder, versions, stale) if stale else {},
        _running(project, instance, [*versions, *workflows]) if stale else Running(),
        _tried(project, instance),
    )


def _running(project: Project, instance: dg.DagsterInstance, order: Sequence[str]) -> Running:
    names = project.names
    ignored = set(map(names.of, FETCH_JOBS))
    runs = [
        run
        for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED))
        if run.job_name not in ignored and is_ours(project, run)
    ]
    of = [event_tags.partitions_of_run(run.tags, order) for run in runs]
    unpartitioned = [run for run, keys in zip(runs, of, strict=True) if not keys]
    return Running(
        frozenset(key for keys in of for key in keys),
        shared=any(
            run.job_name == names.of(PARSE_SHARED) or run.job_name.startswith("__") for run in unpartitioned
        ),
        unpartitioned=bool(unpartitioned),
    )


def _tried(project: Project, instance: dg.DagsterInstance) -> Callable[[PlannedRun], Tried]:
    """What became of the newest run of a plan."""
    folder = project.folder

    def tried(run: PlannedRun) -> Tried:
        newest = instance.get_run_records(filters=_of_plan(project.names, run), limit=1)
        if not newest:
            return Tried.NOT_YET
        (record,) = newest
        status, tags = record.dagster_run.status, record.dagster_run.tags
        if tags.get(event_tags.WILL_RETRY) == "true" and event_tags.RETRIED_BY not in tags:
            # Dagster starts it again in some seconds.
            return Tried.STOPPED
        if status == dg.DagsterRunStatus.FAILURE:
            mended = _failed_for_settings(instance, record) and folder.settings_changed_since(record.end_time or 0)
            return Tried.NOT_YET if mended else Tried.FAILED
        if status != dg.DagsterRunStatus.SUCCESS or not _changed_since(folder, run, record.end_time or 0):
            return Tried.STOPPED
        return Tried.NOT_YET

    return tried


def _failed_for_settings(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    failures = step_failures(alerts.events_of(instance, record.dagster_run, dg.DagsterEventType.STEP_FAILURE))
    return any(failure.error is SettingsError for failure in failures)


def _changed_since(folder: DataFolder, run: PlannedRun, end_time: float) -> bool:
    """Whether a table that a run built was deleted, damaged, or built from something else since."""
    keys: Sequence[str | None] = run.partitions or [None]
    paths = [folder.tables.path(TABLES[name], key) for name in run.tables for key in keys]
    return any(folder.is_changed_since(path, end_time) for path in paths)


def _of_plan(names: Names, run: PlannedRun) -> dg.RunsFilter:
    return dg.RunsFilter(tags={PLAN_TAG: names.of(run.run_key)})


def run_request(names: Names, instance: dg.DagsterInstance, run: PlannedRun, state: State) -> dg.RunRequest:
    """The request for a planned run; its key also names the newest run of the same plan, which may be deleted.

    `state` has the sizes of the versions, by which Kubernetes gives it memory and cores.
    """
    newest = instance.get_runs(filters=_of_plan(names, run), limit=1)
    key = names.of(run.run_key)
    range_tags = event_tags.range_tags(run.partitions) if len(run.partitions) > 1 else {}
    return dg.RunRequest(
        run_key=f"{key} {newest[0].run_id if newest else 0}",
        job_name=names.of(run.job),
        tags={PLAN_TAG: key, **size_tags(instance, bytes_read(run, state)), **range_tags},
        **execution(names, run),
    )


def execution(names: Names, run: PlannedRun) -> dict[str, Any]:
    """What a planned run is of: a partition, unless it is of several or none, and tables, which are assets."""
    keys, of_part = run.partitions, run.job == BUILD_PART
    return {
        "partition_key": keys[0] if len(keys) == 1 else None,
        # The tables that a part is of are no assets of its job.
        **({"run_config": config_of_parts(names, run.tables)} if of_part else {}),
        **({} if of_part else {"asset_selection": [names.asset(name) for name in run.tables]}),
    }
