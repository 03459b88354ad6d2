"""The sensors of zoo_dag: they start runs and monitor them.

Two sensors start imports when exports arrive, `automation` then rebuilds what became stale. Others report runs
that failed, and end runs whose process is gone.

While the settings have a problem, nothing is started: the sensors say so, and `automation` sends one alert for
each problem. They read the settings at every evaluation, so they go on as soon as the problem is mended.
"""

import functools
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import dagster as dg

from zoo_dag.dagster import event_tags
from zoo_dag.dagster.fetch_jobs import COPY_OBJECTS
from zoo_dag.dagster.jobs import BUILD_JOBS, Job
from zoo_dag.dagster.locks import import_lock
from zoo_dag.dagster.outside_tables import outside_tables
from zoo_dag.dagster.planned_runs import current_state, run_request
from zoo_dag.dagster.planner import PARSE_SHARED, plan
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.runs import alerts
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.dagster.runs.old_runs import delete_old_runs
from zoo_dag.dagster.runs.own_runs import is_ours
from zoo_dag.errors import BusyError, SettingsError
from zoo_dag.inbox.local import InboxError, InboxFile, InboxState, list_files, select_complete
from zoo_dag.settings.importing import Importing
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.object_store import StoreError
from zoo_dag.store.rebuilds import all_requests
from zoo_dag.wording.sentences import counted

_ALERT_INTERVAL_SECONDS = 30
# The cursor of `automation` as long as something is stale.
_STALE = "stale"


class Sensor(NamedTuple):
    """A sensor as it is declared, without a project: its function gets the context and the project."""

    evaluate: Callable[..., Any]
    seconds: int
    description: str
    starts: Sequence[str]
    after: dg.DagsterRunStatus | None

    def of(self, project: Project, jobs: Sequence[Job]) -> dg.SensorDefinition:
        """The sensor of a project, which has these jobs."""
        started = [project.names.of(name) for name in self.starts]
        options: dict[str, Any] = {
            "name": project.names.of(self.evaluate.__name__),
            "minimum_interval_seconds": self.seconds,
            "default_status": dg.DefaultSensorStatus.RUNNING,
            "description": self.description,
        }
        if self.after is None:
            decorate = dg.sensor(jobs=[job for job in jobs if job.name in started] or None, **options)
        elif self.after == dg.DagsterRunStatus.FAILURE:
            decorate = dg.run_failure_sensor(**options)
        else:
            decorate = dg.run_status_sensor(self.after, **options)
        return decorate(project.given_to(_updated(self.evaluate)))


def _updated(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a sensor, which first follows what others saved in an object store, if there is one.

    The process of the sensors lasts for days: without this it would keep the settings of its start.
    """

    @functools.wraps(evaluate)
    def with_update(context: Any, project: Project) -> Any:
        # Alerts are sent, and lost runs ended, while the store is down. What needs it says so itself.
        with suppress(StoreError):
            project.folder.update()
        return evaluate(context, project)

    return with_update


def sensor(
    seconds: int, description: str, *, starts: Sequence[str] = (), after: dg.DagsterRunStatus | None = None
) -> Callable[[Callable[..., Any]], Sensor]:
    """Declare a function as a sensor: every so many seconds, or for each run that ends so; `starts` are jobs."""
    return lambda evaluate: Sensor(evaluate, seconds, description, starts, after)


@sensor(15, "Imports new files of the inbox, once they are completely written.", starts=[PARSE_SHARED])
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
        lambda files: _op(project, "read_exports", inbox_files=files),
    )


@sensor(60, "Copies new objects of the remote inbox into the inbox.", starts=[COPY_OBJECTS])
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
    return _requested(context, objects, 0, lambda files: _op(project, "copy_objects", objects=files))


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


def _op(project: Project, step: str, **config: list[str]) -> dg.RunConfig:
    return dg.RunConfig({project.names.of(step): {"config": config}})


@sensor(
    15,
    "Rebuilds stale tables: of each workflow version, then of its workflow, then the row accounting.",
    starts=BUILD_JOBS,
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
        with import_lock(instance, project, wait=0):
            stored = _digest(
                str(known), str(outside_tables(folder)), folder.tables.state(), all_requests(folder.root)
            )
            if stored == context.cursor:
                return dg.SensorResult(skip_reason="Nothing is stale.", cursor=stored)
            state = current_state(project, instance, known)
            requests = [run_request(project.names, instance, run, state) for run in plan(state)]
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


@sensor(
    60,
    "Marks runs as failed whose process is gone, so that nothing waits for them. Removes what killed processes "
    "were working on.",
)
def lost_runs(context: dg.SensorEvaluationContext, project: Project) -> dg.SkipReason:
    """End lost runs, and remove what killed processes were working on."""
    ended = end_lost_runs(context.instance, project)
    left_over = project.folder.remove_left_over()
    if left_over:
        ended.append(f"Of killed processes, {counted(len(left_over), 'working files')} were removed.")
    return dg.SkipReason(" ".join(ended) or "No run is lost.")


@sensor(600, "Deletes old runs from the history once a day, as [history] in the settings says.")
def old_runs(context: dg.SensorEvaluationContext, project: Project) -> dg.SkipReason:
    """Delete old runs."""
    try:
        return dg.SkipReason(delete_old_runs(context.instance, project))
    except SettingsError as error:
        return dg.SkipReason(str(error))


# The alert sensors return nothing: Dagster would go on to the next run only at the next evaluation.
@sensor(
    _ALERT_INTERVAL_SECONDS,
    "Reports runs that failed, as [alerts] in the settings says.",
    after=dg.DagsterRunStatus.FAILURE,
)
def alert_on_failure(context: dg.RunFailureSensorContext, project: Project) -> None:
    """Report a failed run that Dagster does not retry."""
    # Only the current tags say whether Dagster retries.
    run = context.instance.get_run_by_id(context.dagster_run.run_id) or context.dagster_run
    if not is_ours(project, run):
        return
    if run.tags.get(event_tags.WILL_RETRY) == "true":
        context.log.info(f"Dagster retries the run {run.run_id}.")
        return
    settings = alerts.hooks(project.folder)
    message = context.failure_event.message
    alerts.report(alerts.of_failed_run(context.instance, run, message, settings.pages), settings, context.log)


@sensor(
    _ALERT_INTERVAL_SECONDS,
    "Reports asset checks that did not pass in runs that succeeded.",
    after=dg.DagsterRunStatus.SUCCESS,
)
def alert_on_failed_check(context: dg.RunStatusSensorContext, project: Project) -> None:
    """Report checks of severity ERROR that did not pass."""
    if not is_ours(project, context.dagster_run):
        return
    settings = alerts.hooks(project.folder)
    alert = alerts.of_failed_checks(context.instance, context.dagster_run, settings.pages)
    if alert:
        alerts.report(alert, settings, context.log)


def sensors(project: Project, importing: Importing, jobs: Sequence[Job]) -> list[dg.SensorDefinition]:
    """All sensors of a project, of which some start its jobs; that of the remote inbox where one is set."""
    remote = [remote_inbox] if importing.remote_inbox else []
    declared = [inbox, *remote, automation, alert_on_failure, alert_on_failed_check, lost_runs, old_runs]
    return [each.of(project, jobs) for each in declared]
