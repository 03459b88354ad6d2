"""Jobs that bring exports into the inbox: from Zooniverse, or from a prefix of an object store.

Runs of these may last for hours and touch no table.
"""

import dagster as dg

from zoo_dag.dagster.one_step_jobs import one_step_job
from zoo_dag.dagster.project import Project
from zoo_dag.errors import FetchError, SettingsError
from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder

FETCH_EXPORTS, COPY_OBJECTS = "fetch_exports", "copy_from_remote_inbox"
FETCH_JOBS = (FETCH_EXPORTS, COPY_OBJECTS)


class CopyConfig(dg.Config):
    """Which objects to copy, by their names."""

    objects: list[str]


def copy_objects(context: dg.OpExecutionContext, project: Project, config: CopyConfig) -> None:
    """Copy new objects of the remote inbox into the inbox of the data folder."""
    from zoo_dag.inbox import remote  # noqa: PLC0415  (stores are for rare work)

    folder = project.folder
    prefix = _settings(folder).importing.remote_inbox
    if prefix is None:
        raise dg.Failure("No remote inbox: set `remote_inbox` in [importing].", allow_retries=False)
    with folder.staging() as staging:
        for path in remote.copy_objects(prefix, config.objects, folder.inbox, staging):
            context.log.info(f"{path.name}: {path.stat().st_size:,} bytes")


def _settings(folder: DataFolder) -> Settings:
    try:
        return folder.settings
    except SettingsError as error:
        # The same settings would have the same problem.
        raise dg.Failure(str(error), allow_retries=False) from None


class FetchConfig(dg.Config):
    """Whose exports to fetch: a project id, its name `owner/name` or its address; else the setting."""

    project: str = ""


def fetch(context: dg.OpExecutionContext, project: Project, config: FetchConfig) -> None:
    """Request the exports of the project from Zooniverse, wait for them, and put them into the inbox."""
    from zoo_dag.fetching.exports import FetchRequest  # noqa: PLC0415  (HTTP is for rare work)
    from zoo_dag.fetching.exports import fetch_exports as fetch_into  # noqa: PLC0415
    from zoo_dag.fetching.resources import parts_of_project  # noqa: PLC0415
    from zoo_dag.fetching.retries import RetriesExhaustedError  # noqa: PLC0415

    folder = project.folder
    options = _settings(folder).fetching
    wanted = config.project or options.project
    parts = () if config.project else parts_of_project(options.workflows, options.subject_sets)
    if wanted is None:
        raise dg.Failure("No project: set `project` in [fetching] of zoo_dag.toml.", allow_retries=False)
    states: dict[str, str] = {}

    def report(export: str, state: str, _done: int, _total: int | None) -> None:
        if states.get(export) != state:
            context.log.info(f"{export}: {state}")
        states[export] = state

    try:
        request = FetchRequest(wanted, folder.inbox, folder.downloads, parts=parts, limits=folder.limits)
        fetched = fetch_into(request, options, report)
    except FetchError as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, RetriesExhaustedError)) from error
    for export in fetched:
        context.log.info(
            f"{export.path.name}: {export.n_bytes:,} bytes, finished {export.finished_at}. {export.note}"
        )


def fetch_jobs(project: Project) -> list[dg.JobDefinition]:
    """These jobs of a project."""
    return [
        # One step, because the exports are requested together and waited for together.
        one_step_job(
            project,
            FETCH_EXPORTS,
            fetch,
            "Download the exports of the project from Zooniverse into the inbox.",
            dg.RetryPolicy(max_retries=2, delay=600, backoff=dg.Backoff.EXPONENTIAL),
        ),
        one_step_job(
            project,
            COPY_OBJECTS,
            copy_objects,
            "Copy new objects of the remote inbox into the inbox.",
            dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL),
        ),
    ]
