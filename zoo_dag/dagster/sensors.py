"""The sensors of zoo_dag: they start runs and monitor them.

Two sensors start imports when exports arrive, `automation` then rebuilds what became stale. Others report runs
that failed, and end runs whose process is gone.

While the settings have a problem, nothing is started: the sensors say so, and `automation` sends one alert for
each problem. They read the settings at every evaluation, so they go on as soon as the problem is mended.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence

import dagster as dg

from zoo_dag.dagster import event_tags, partitions
from zoo_dag.dagster.data_versions import PartitionKey, stale_tables
from zoo_dag.dagster.fetch_jobs import FETCH_JOBS, copy_from_remote_inbox
from zoo_dag.dagster.jobs import BUILD_JOBS, import_exports
from zoo_dag.dagster.planner import PARSE_SHARED, PlannedRun, Running, State, Tried, plan
from zoo_dag.dagster.raw_files import follow_raw_files
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.resources import Project
from zoo_dag.dagster.runs import alerts
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.dagster.runs.old_runs import delete_old_runs
from zoo_dag.dagster.runs.run_events import step_failures
from zoo_dag.errors import BusyError, SettingsError
from zoo_dag.inbox.local import InboxError, InboxFile, InboxState, list_files, select_complete
from zoo_dag.settings.importing import Importing
from zoo_dag.settings.loading import SETTINGS_FILE
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.rebuilds import all_requests
from zoo_dag.tables import TABLES, Partition
from zoo_dag.wording.sentences import counted

# The key of a planned run, without the number of times it succeeded before.
PLAN_TAG = "zoo_dag/plan"
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_ALERT_INTERVAL_SECONDS = 30
# The cursor of `automation` as long as something is stale.
_STALE = "stale"


@dg.sensor(
    name="inbox",
    job=import_exports,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Imports new files of the inbox, once they are completely written.",
)
def inbox(context: dg.SensorEvaluationContext, project: Project) -> dg.SensorResult:
    """List the inbox, and start an import where new files are complete. Fails where the inbox cannot be read."""
    folder = project.folder
    try:
        importing = folder.settings.importing
    except SettingsError as error:
        return dg.SensorResult(skip_reason=str(error), cursor=context.cursor)
    return _requested(
        context,
        list_files(folder.inbox),
        importing.settle_seconds,
        lambda names: _op("read_exports", inbox_files=names),
    )


@dg.sensor(
    name="remote_inbox",
    job=copy_from_remote_inbox,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Copies new objects of the remote inbox into the inbox.",
)
def remote_inbox(context: dg.SensorEvaluationContext, project: Project) -> dg.SensorResult:
    """List the objects under the prefix, and start a copy of the new ones. A failed listing changes nothing."""
    from zoo_dag.inbox.remote import list_objects  # noqa: PLC0415  (stores are for rare work)

    try:
        prefix = project.folder.settings.importing.remote_inbox
        if prefix is None:
            return dg.SensorResult(skip_reason="no remote inbox is set", cursor=context.cursor)
        objects = list_objects(prefix)
    except (InboxError, SettingsError) as error:
        # The next evaluation may reach the store again, or find the settings mended.
        return dg.SensorResult(skip_reason=str(error), cursor=context.cursor)
    # Objects appear complete: there is nothing to wait for.
    return _requested(context, objects, 0, lambda names: _op("copy_objects", objects=names))


def _requested(
    context: dg.SensorEvaluationContext,
    files: Sequence[InboxFile],
    settle_seconds: float,
    config: Callable[[list[str]], dg.RunConfig],
) -> dg.SensorResult:
    """A run for the new files of an inbox, once they are complete; else why there is none.

    The cursor keeps the state of the files.
    """
    selection = select_complete(files, InboxState.parse(context.cursor), time.monotonic(), settle_seconds)
    if not selection.files:
        return dg.SensorResult(skip_reason=selection.reason, cursor=str(selection.state))
    run_config = config([file.name for file in selection.files])
    request = dg.RunRequest(run_key=_run_key(selection.files), run_config=run_config)
    return dg.SensorResult(run_requests=[request], cursor=str(selection.state))


def _run_key(files: Sequence[InboxFile]) -> str:
    return _digest(*(f"{file.name}\t{file.stamp}" for file in files))


def _digest(*lines: str) -> str:
    text = "\n".join(lines)
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _op(name: str, **config: list[str]) -> dg.RunConfig:
    return dg.RunConfig({name: {"config": config}})


@dg.sensor(
    name="automation",
    jobs=BUILD_JOBS,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Rebuilds stale tables: of each workflow version, then of its workflow, then the row accounting.",
)
def automation(context: dg.SensorEvaluationContext, project: Project) -> dg.SensorResult:
    """Request the runs that the planner names, each once for the data versions that it builds.

    The cursor is the state of the stored files in which nothing was stale: as long as it lasts, there is nothing
    to compare. While the settings have a problem, it is the problem that was reported.
    """
    folder, instance = project.folder, context.instance
    try:
        known = recipes(folder.settings)
    except SettingsError as error:
        return _report_settings(context, folder, str(error))
    try:
        with folder.import_lock(wait=0):
            stored = _digest(str(known), folder.tables.state(), all_requests(folder.root))
            if stored == context.cursor:
                return dg.SensorResult(skip_reason="Nothing is stale.", cursor=stored)
            state = _state(folder, instance)
            requests = [_request(instance, run) for run in plan(state)]
    except BusyError:
        return dg.SensorResult(skip_reason="An import is running.", cursor=context.cursor)
    if requests:
        return dg.SensorResult(run_requests=requests, cursor=_STALE)
    if not state.stale:
        return dg.SensorResult(skip_reason="Nothing is stale.", cursor=stored)
    stale = ", ".join(sorted(state.stale))
    return dg.SensorResult(
        skip_reason=f"Stale, but waiting for a run, or tried before without success: {stale}.",
        cursor=_STALE,
    )


def _report_settings(context: dg.SensorEvaluationContext, folder: DataFolder, problem: str) -> dg.SensorResult:
    """Report a problem of the settings once: to the alerts, and in any case to the log."""
    if context.cursor != problem:
        log = logging.getLogger("zoo_dag")
        log.error(problem)
        alerts.report(alerts.of_settings(problem), alerts.hooks(folder), log)
    return dg.SensorResult(skip_reason=problem, cursor=problem)


def _state(folder: DataFolder, instance: dg.DagsterInstance) -> State:
    versions = follow_raw_files(instance, folder)
    keys: dict[Partition | None, Sequence[PartitionKey]] = {
        None: [None],
        "workflow_version": versions,
        "workflow": partitions.registered(instance, partitions.WORKFLOWS),
    }
    stale = stale_tables(recipes(folder.settings), folder, keys)
    return State(
        stale,
        versions,
        folder.raw_bytes(versions),
        _running(instance, versions) if stale else Running(),
        _tried(folder, instance),
    )


def _running(instance: dg.DagsterInstance, versions: Sequence[str]) -> Running:
    ignored = {job.name for job in FETCH_JOBS}
    runs = [
        run
        for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED))
        if run.job_name not in ignored
    ]
    of = [event_tags.partitions_of_run(run.tags, versions) for run in runs]
    unpartitioned = [run for run, keys in zip(runs, of, strict=True) if not keys]
    return Running(
        frozenset(key for keys in of for key in keys),
        shared=any(run.job_name == PARSE_SHARED or run.job_name.startswith("__") for run in unpartitioned),
        unpartitioned=bool(unpartitioned),
    )


def _tried(folder: DataFolder, instance: dg.DagsterInstance) -> Callable[[PlannedRun], Tried]:
    """What became of the newest run of a plan."""

    def tried(run: PlannedRun) -> Tried:
        newest = instance.get_run_records(filters=dg.RunsFilter(tags={PLAN_TAG: run.run_key}), limit=1)
        if not newest:
            return Tried.NOT_YET
        (record,) = newest
        status = record.dagster_run.status
        if status == dg.DagsterRunStatus.FAILURE:
            mended = _failed_for_settings(instance, record) and _settings_changed_since(folder, record)
            return Tried.NOT_YET if mended else Tried.FAILED
        if status != dg.DagsterRunStatus.SUCCESS or not _changed_since(folder, run, record.end_time or 0):
            return Tried.STOPPED
        return Tried.NOT_YET

    return tried


def _failed_for_settings(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    failures = step_failures(alerts.events_of(instance, record.dagster_run, dg.DagsterEventType.STEP_FAILURE))
    return any(failure.error is SettingsError for failure in failures)


def _settings_changed_since(folder: DataFolder, record: dg.RunRecord) -> bool:
    file = folder.root / SETTINGS_FILE
    return not file.exists() or file.stat().st_ctime > (record.end_time or 0)


def _changed_since(folder: DataFolder, run: PlannedRun, end_time: float) -> bool:
    """Whether a table that a run built was deleted, damaged, or built from something else since."""
    keys: Sequence[str | None] = run.partitions or [None]
    paths = [folder.tables.path(TABLES[name], key) for name in run.tables for key in keys]
    return any(not path.exists() or path.stat().st_ctime > end_time for path in paths)


def _request(instance: dg.DagsterInstance, run: PlannedRun) -> dg.RunRequest:
    """The request for a planned run; its key also names the newest run of the same plan, which may be deleted."""
    newest = instance.get_runs(filters=dg.RunsFilter(tags={PLAN_TAG: run.run_key}), limit=1)
    is_range = len(run.partitions) > 1
    return dg.RunRequest(
        run_key=f"{run.run_key} {newest[0].run_id if newest else 0}",
        job_name=run.job,
        partition_key=None if is_range or not run.partitions else run.partitions[0],
        asset_selection=[dg.AssetKey(name) for name in run.tables],
        tags={PLAN_TAG: run.run_key, **(event_tags.range_tags(run.partitions) if is_range else {})},
    )


@dg.sensor(
    name="lost_runs",
    description="Marks runs as failed whose process is gone, so that nothing waits for them. Removes what killed "
    "processes were working on.",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def lost_runs(context: dg.SensorEvaluationContext, project: Project) -> dg.SkipReason:
    """End lost runs, and remove what killed processes were working on."""
    ended = end_lost_runs(context.instance, project.folder.dagster_home)
    left_over = project.folder.remove_left_over()
    if left_over:
        ended.append(f"Of killed processes, {counted(len(left_over), 'working files')} were removed.")
    return dg.SkipReason(" ".join(ended) or "No run is lost.")


@dg.sensor(
    name="old_runs",
    description="Deletes old runs from the history once a day, as [history] in the settings says.",
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def old_runs(context: dg.SensorEvaluationContext, project: Project) -> dg.SkipReason:
    """Delete old runs."""
    try:
        return dg.SkipReason(delete_old_runs(context.instance, project.folder))
    except SettingsError as error:
        return dg.SkipReason(str(error))


# The alert sensors return nothing: Dagster would go on to the next run only at the next evaluation.
@dg.run_failure_sensor(
    name="alert_on_failure",
    description="Reports runs that failed, as [alerts] in the settings says.",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=_ALERT_INTERVAL_SECONDS,
)
def alert_on_failure(context: dg.RunFailureSensorContext, project: Project) -> None:
    """Report a failed run that Dagster does not retry."""
    # Only the current tags say whether Dagster retries.
    run = context.instance.get_run_by_id(context.dagster_run.run_id) or context.dagster_run
    if run.tags.get(event_tags.WILL_RETRY) == "true":
        context.log.info(f"Dagster retries the run {run.run_id}.")
        return
    settings = alerts.hooks(project.folder)
    message = context.failure_event.message
    alerts.report(alerts.of_failed_run(context.instance, run, message, settings.pages), settings, context.log)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="alert_on_failed_check",
    description="Reports asset checks that did not pass in runs that succeeded.",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=_ALERT_INTERVAL_SECONDS,
)
def alert_on_failed_check(context: dg.RunStatusSensorContext, project: Project) -> None:
    """Report checks of severity ERROR that did not pass."""
    settings = alerts.hooks(project.folder)
    alert = alerts.of_failed_checks(context.instance, context.dagster_run, settings.pages)
    if alert:
        alerts.report(alert, settings, context.log)


def sensors(importing: Importing) -> list[dg.SensorDefinition]:
    """All sensors; that of the remote inbox where one is set."""
    remote = [remote_inbox] if importing.remote_inbox else []
    return [inbox, *remote, automation, alert_on_failure, alert_on_failed_check, lost_runs, old_runs]
