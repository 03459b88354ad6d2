"""How new exports arrive: a sensor watches the inbox, and a schedule fetches from Zooniverse into it.

Both only bring an import under way. What has to be made anew because of it is found by the automation.
"""

import hashlib
import time
from collections.abc import Callable, Sequence

import dagster as dg

from zoo_dag.dagster.io_manager import Project
from zoo_dag.dagster.jobs import import_exports
from zoo_dag.errors import FetchError
from zoo_dag.inbox.local import InboxError, InboxFile, InboxState, list_files, select_complete
from zoo_dag.settings.fetching import Fetching
from zoo_dag.settings.importing import Importing


@dg.sensor(
    name="inbox",
    job=import_exports,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Imports new files of the inbox, once they are completely written.",
)
def inbox_sensor(context: dg.SensorEvaluationContext, project: Project) -> dg.SensorResult:
    """Look into the inbox, and start an import where new files are complete."""
    folder = project.folder
    settle = folder.settings.importing.settle_seconds
    return _asked(
        context, lambda: list_files(folder.inbox), settle, lambda names: _op("read_exports", inbox_files=names)
    )


def _asked(
    context: dg.SensorEvaluationContext,
    listed: Callable[[], Sequence[InboxFile]],
    settle_seconds: float,
    config: Callable[[list[str]], dg.RunConfig],
) -> dg.SensorResult:
    """A run for the new files of an inbox, once they are complete; else why there is none.

    The cursor keeps what is known of the files. A look that fails leaves it as it is.
    """
    try:
        files = listed()
    except InboxError as error:
        return dg.SensorResult(skip_reason=str(error), cursor=context.cursor)
    selection = select_complete(files, InboxState.parse(context.cursor), time.time(), settle_seconds)
    if not selection.files:
        return dg.SensorResult(skip_reason=selection.reason, cursor=str(selection.state))
    run_config = config([file.name for file in selection.files])
    request = dg.RunRequest(run_key=_run_key(selection.files), run_config=run_config)
    return dg.SensorResult(run_requests=[request], cursor=str(selection.state))


def _run_key(files: Sequence[InboxFile]) -> str:
    text = "\n".join(f"{file.name}\t{file.stamp}" for file in files)
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _op(name: str, **config: list[str]) -> dg.RunConfig:
    return dg.RunConfig({name: {"config": config}})


class CopyConfig(dg.Config):
    """Which objects to copy, by their names."""

    objects: list[str]


@dg.op(name="copy_objects", retry_policy=dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL))
def copy_op(context: dg.OpExecutionContext, project: Project, config: CopyConfig) -> None:
    """Copy new objects of the remote inbox into the inbox of the data folder."""
    from zoo_dag.inbox.remote import copy_objects  # noqa: PLC0415  (stores are for rare work)

    folder = project.folder
    prefix = folder.settings.importing.remote_inbox
    if prefix is None:
        raise dg.Failure("No remote inbox: set `remote_inbox` in [importing].", allow_retries=False)
    with folder.staging() as staging:
        for path in copy_objects(prefix, config.objects, folder.inbox, staging):
            context.log.info(f"{path.name}: {path.stat().st_size:,} bytes")


@dg.job(name="copy_from_remote_inbox", description="Copy new objects of the remote inbox into the inbox.")
def copy_job() -> None:
    """The objects that its sensor found."""
    copy_op()


@dg.sensor(
    name="remote_inbox",
    job=copy_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Copies new objects of the remote inbox into the inbox.",
)
def remote_inbox_sensor(context: dg.SensorEvaluationContext, project: Project) -> dg.SensorResult:
    """List the objects under the prefix, and have the new ones copied. A look that fails changes nothing."""
    from zoo_dag.inbox.remote import list_objects  # noqa: PLC0415  (stores are for rare work)

    prefix = project.folder.settings.importing.remote_inbox
    if prefix is None:
        return dg.SensorResult(skip_reason="no remote inbox is set", cursor=context.cursor)
    # An object appears whole: there is nothing to wait for.
    return _asked(context, lambda: list_objects(prefix), 0, lambda names: _op("copy_objects", objects=names))


class FetchConfig(dg.Config):
    """Whose exports to fetch: a project id, its name `owner/name` or its address; else the setting."""

    project: str = ""


@dg.op(name="fetch", retry_policy=dg.RetryPolicy(max_retries=2, delay=600, backoff=dg.Backoff.EXPONENTIAL))
def fetch_op(context: dg.OpExecutionContext, project: Project, config: FetchConfig) -> None:
    """Ask Zooniverse for the exports of the project, wait for them, and put them into the inbox."""
    from zoo_dag.fetching.exports import FetchRequest, fetch_exports  # noqa: PLC0415  (HTTP is for rare work)
    from zoo_dag.fetching.retries import RetriesExhaustedError  # noqa: PLC0415

    folder = project.folder
    options = folder.settings.fetching
    wanted = config.project or options.project
    if wanted is None:
        raise dg.Failure("No project: set `project` in [fetching] of zoo_dag.toml.", allow_retries=False)
    told: dict[str, str] = {}

    def report(kind: str, state: str, _done: int, _total: int | None) -> None:
        if told.get(kind) != state:
            context.log.info(f"{kind}: {state}")
        told[kind] = state

    try:
        with folder.staging() as staging:
            fetched = fetch_exports(FetchRequest(wanted, folder.inbox, staging), options, report)
    except FetchError as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, RetriesExhaustedError)) from error
    for export in fetched:
        context.log.info(f"{export.path.name}: {export.n_bytes:,} bytes, made {export.made_at}. {export.note}")


@dg.job(name="fetch_exports", description="Download the exports of the project from Zooniverse into the inbox.")
def fetch_exports_job() -> None:
    """One step, because the exports are asked for together and waited for together."""
    fetch_op()


# Runs of these may last for hours and touch no table.
ARRIVAL_JOBS = [fetch_exports_job, copy_job]


def arrival_sensors(importing: Importing) -> list[dg.SensorDefinition]:
    """The sensor of the inbox, and that of the remote inbox where one is set."""
    return [inbox_sensor, *([remote_inbox_sensor] if importing.remote_inbox else [])]


def schedules(options: Fetching) -> list[dg.ScheduleDefinition]:
    """The schedule that fetches; none where the settings name no time or no project."""
    if options.schedule is None or options.project is None:
        return []
    return [
        dg.ScheduleDefinition(
            name="fetch_daily",
            job=fetch_exports_job,
            cron_schedule=options.schedule,
            execution_timezone=options.timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Fetches the exports of the project at the times set in [fetching].",
        )
    ]
