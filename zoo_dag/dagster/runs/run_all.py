"""One run of everything, on the Dagster instance of the pages: import, then all runs of the planner.

The command line passes the project and the instance: jobs are executed one after the other in this process.
"""

import shlex
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import dagster as dg

from zoo_dag.dagster import event_tags, planner
from zoo_dag.dagster.data_versions import stale_tables
from zoo_dag.dagster.definitions import definitions_of, on_their_own
from zoo_dag.dagster.locks import import_lock
from zoo_dag.dagster.partitions import WORKFLOW_VERSIONS, registered
from zoo_dag.dagster.planned_runs import execution
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.raw_files import follow_raw_files
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.run_process import process_tags
from zoo_dag.dagster.runs.brought import brought_since, stored_before
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.dagster.runs.old_runs import delete_old_runs
from zoo_dag.dagster.runs.progress import on_step
from zoo_dag.dagster.runs.requests import (
    Outcome,
    Progress,
    Request,
    partitions_of,
    requested_exports,
    requested_versions,
    standing_checks,
)
from zoo_dag.dagster.runs.run_events import StepFailure, failed_checks, step_failures, was_interrupted
from zoo_dag.dagster.side_by_side import Workers, workers_of
from zoo_dag.dagster.version_parts import lacking_parts
from zoo_dag.errors import BusyError, DiskError, ExportError, SettingsError, ZooDagError
from zoo_dag.exports.files import ExportFiles
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.object_store import StoreError
from zoo_dag.tables import TABLES
from zoo_dag.tables.parts import parse_part

# No log lines of Dagster on the terminal: the command line shows progress, the pages have the log.
_LOGGERS: dict[str, dict[str, Any]] = {"progress": {}}
# After one of these no other job is run.
_STOPPING = (BusyError, DiskError, ExportError, SettingsError, StoreError)
# The name of a run on the terminal, and the stage to which its CPU time is added.
_STAGES = {
    planner.PARSE_SHARED: "import",
    planner.BUILD_VERSIONS: "versions",
    planner.BUILD_PART: "versions",
    planner.POOL_WORKFLOW: "pooled",
    planner.ROW_ACCOUNTING: "ledger",
}
_IF_FAILED = {
    "range": "failed together, and were built one by one.",
    planner.BUILD_PART: "failed, and the version was left to one run.",
}


@dataclass(frozen=True)
class Deployment:
    """What runs are executed with: a project, and the Dagster instance that keeps the history."""

    project: Project
    instance: dg.DagsterInstance

    @cached_property
    def definitions(self) -> dg.Definitions:
        """The definitions of the project."""
        return on_their_own(definitions_of(self.project))


def run(
    deployment: Deployment,
    request: Request,
    progress: Progress,
    findings: ExportFiles | None = None,
) -> Outcome:
    """Import exports and build every table that is stale, because of them or for another reason.

    Without exports the tables are built from earlier imports. `progress` is called with a description,
    steps done and steps in all. `findings` are the exports, where they were looked at before. Raises ZooDagError
    where the exports or the settings have a problem; nothing was written then.
    """
    folder = deployment.project.folder
    found = findings or requested_exports(folder, request)
    outcome = _run(deployment, request, Outcome(found), progress)
    outcome.standing = standing_checks(folder, outcome.versions)
    outcome.fail_on_errors()
    return outcome


def rebuild_stale(deployment: Deployment, progress: Progress) -> Outcome:
    """Build every table that is stale from what was imported before, be it nothing at all."""
    return _run(deployment, Request(()), Outcome(ExportFiles(())), progress)


def _run(deployment: Deployment, request: Request, outcome: Outcome, progress: Progress) -> Outcome:
    project = deployment.project
    folder = project.folder
    progress("Preparing the run", 0, 1)
    waiting = partial(progress, "Waiting for another import to finish", 0, 1)
    with import_lock(deployment.instance, project, waiting=waiting), workers_of(folder) as workers:
        outcome.notes.extend(end_lost_runs(deployment.instance, project))
        delete_old_runs(deployment.instance, project)
        session = _Session(deployment, outcome, progress, workers)
        if request.exports:
            before = stored_before(folder)
            run_config = _import_config(project, outcome.findings, request)
            session.execute(planner.PARSE_SHARED, "Reading exports", run_config=run_config)
            if not outcome.failures:
                outcome.brought = brought_since(folder, before, outcome.findings.exports)
        else:
            outcome.failures.extend(_missing_raw_tables(folder))
            follow_raw_files(deployment.instance, project)
        if not outcome.failures:
            _execute_plan(request, session)
    outcome.fail_on_errors()
    if session.is_unreadable:
        outcome.failures.extend(folder.tables.damage(TABLES.values()))
    return outcome


def _missing_raw_tables(folder: DataFolder) -> Iterator[str]:
    """A sentence for each table of subjects or definitions that was imported and is missing."""
    files = folder.tables
    for kind in ("subjects", "workflows"):
        table = TABLES[f"raw_{kind}"]
        if files.exists(TABLES["imports"]) and not files.exists(table):
            again = f"zoo-dag run {kind}.csv --data {shlex.quote(folder.address)}"
            yield f"{files.path(table)} is missing. Import the {kind} export again: {again}"


def _execute_plan(request: Request, session: "_Session") -> None:
    """Plan and execute until nothing that was not tried is stale.

    Raises ZooDagError if there is nothing of the requested workflow and version.
    """
    outcome, project = session.outcome, session.deployment.project
    folder, order = project.folder, registered(session.deployment.instance, project.names.of(WORKFLOW_VERSIONS))
    try:
        outcome.versions = requested_versions(order, request)
    except ZooDagError as error:
        if not request.exports:
            raise
        raise ZooDagError(f"{error} The exports are imported; nothing was built from them.") from error
    done: set[str] = set()

    def tried(run: planner.PlannedRun) -> planner.Tried:
        return planner.Tried.FAILED if run.run_key in done else planner.Tried.NOT_YET

    while True:
        with session.stage("compare"):
            stale = stale_tables(recipes(folder.settings), folder, partitions_of(outcome.versions))
            raw_bytes = folder.raw_bytes(outcome.versions)
            lacking = lacking_parts(folder, outcome.versions, stale)
            most = folder.settings.running.bytes_per_run
            runs = planner.plan(planner.State(stale, order, raw_bytes, most, lacking, tried=tried))
        for planned in runs:
            session.execute_planned(planned)
            done.add(planned.run_key)
        if not runs:
            still = {key for versions in stale.values() for key in versions}
            outcome.changed = [key for key in outcome.changed if key not in still]
            return


class _Session:
    """Executes jobs one after the other, and collects progress, failures and CPU time."""

    def __init__(self, deployment: Deployment, outcome: Outcome, progress: Progress, workers: Workers) -> None:
        self.deployment = deployment
        self.outcome = outcome
        self._progress = progress
        self._project = deployment.project
        self._workers = workers
        # Whether a run failed because a file could not be read.
        self.is_unreadable = False

    def execute_planned(self, planned: planner.PlannedRun) -> None:
        """Execute a planned run."""
        keys = planned.partitions
        is_range = len(keys) > 1
        if planned.job == planner.BUILD_VERSIONS:
            self.outcome.changed.extend(key for key in keys if key not in self.outcome.changed)
        self.execute(
            planned.job,
            _description(planned),
            tags=event_tags.range_tags(keys) if is_range else None,
            # These versions have another run next, which reports its own failure.
            if_failed=_IF_FAILED.get("range" if is_range else planned.job, ""),
            **execution(self._project.names, planned),
        )

    def execute(
        self,
        name: str,
        description: str,
        run_config: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        *,
        if_failed: str = "",
        **options: Any,
    ) -> None:
        """Execute a job, or some assets of it; `if_failed` says what comes next where another run takes over."""
        job = self.deployment.definitions.resolve_job_def(self._project.names.of(name))
        steps = len(job.nodes)
        done: list[str] = []

        def listen(step: str) -> None:
            done.extend([step] if step else [])
            self._progress(description, min(len(done), steps), steps)

        run_id, instance = str(uuid.uuid4()), self.deployment.instance
        token = on_step.set(listen)
        try:
            with self.stage(_STAGES[name]):
                result = job.execute_in_process(
                    run_config={**(run_config or {}), "loggers": _LOGGERS},
                    run_id=run_id,
                    # Dagster cannot retry a run that it did not start.
                    tags={
                        event_tags.MAX_RETRIES: "0",
                        **process_tags(instance, self._project, run_id),
                        **(tags or {}),
                    },
                    instance=instance,
                    raise_on_error=False,
                    **options,
                )
        finally:
            on_step.reset(token)
        self._gather(result, description, if_failed)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the CPU time of the block to the stage."""
        before = self._cpu_seconds()
        yield
        stages = self.outcome.stages
        stages[name] = round(stages.get(name, 0.0) + self._cpu_seconds() - before, 3)

    def _cpu_seconds(self) -> float:
        return time.process_time() + self._workers.cpu_seconds

    def _gather(self, result: dg.ExecuteInProcessResult, description: str, if_failed: str) -> None:
        """Collect the problems of a run.

        Raises ZooDagError if the user must solve one before anything else.

        Raises KeyboardInterrupt where the user stopped the run.
        """
        partition = result.dagster_run.tags.get(event_tags.PARTITION)
        checks = failed_checks(result.all_events, partition)
        if result.success:
            self.outcome.checks.extend(checks)
            return
        if was_interrupted(result.all_events):
            raise KeyboardInterrupt
        failures = step_failures(result.all_events)
        for failure in failures:
            if failure.error is DiskError:
                raise DiskError(f"{self._project.folder.address}: {failure.sentence}")
            if failure.error is not None and issubclass(failure.error, _STOPPING):
                raise ZooDagError(failure.sentence)
        if not failures and not any(check.is_error for check in checks):
            failures = [StepFailure(description, "the run failed.", None)]
        self.is_unreadable |= any(failure.is_unreadable for failure in failures)
        if if_failed:
            self.outcome.checks.extend(check for check in checks if not check.is_error)
            self.outcome.notes.append(f"{description} {if_failed}")
        else:
            self.outcome.checks.extend(checks)
            self.outcome.failures.extend(map(str, failures))


def _description(planned: planner.PlannedRun) -> str:
    keys = planned.partitions
    if planned.job == planner.POOL_WORKFLOW:
        return f"All versions of workflow {' to '.join(dict.fromkeys([keys[0], keys[-1]]))}"
    if planned.job == planner.ROW_ACCOUNTING:
        return "Accounting for every row"
    if not keys:
        return "Parsing subjects and workflows"
    if planned.job == planner.BUILD_PART:
        part = parse_part(keys[0])
        return f"Version {part.version}, part {part.number} of {part.n_parts}"
    return f"Versions {keys[0]} to {keys[-1]}" if len(keys) > 1 else f"Version {keys[0]}"


def _import_config(project: Project, findings: ExportFiles, request: Request) -> dict[str, Any]:
    paths = [str(export.path.absolute()) for export in findings.exports]
    config = {"exports": paths, "replace": request.replace}
    return {"ops": {project.names.of("read_exports"): {"config": config}}}
