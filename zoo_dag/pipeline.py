"""One run of everything, on the Dagster instance of the UI: import, then what changed, then the books."""

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from zoo_dag.data_folder import DataFolder
from zoo_dag.definitions import build_definitions
from zoo_dag.errors import ExportError, ZooDagError
from zoo_dag.exports.files import Findings, find_exports
from zoo_dag.exports.versions import VersionKey, parse_key
from zoo_dag.freshness import changed_versions, changed_workflows, partitioned_specs
from zoo_dag.partitions import registered
from zoo_dag.progress import on_step
from zoo_dag.tables import TABLES

# Raw bytes that one Dagster run takes on: many small versions share a run, a large one has its own.
_BYTES_PER_RUN = 64 << 20
_RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
# No lines of Dagster's own in between: the command line shows progress, the UI has the log.
_LOGGERS: dict[str, dict[str, Any]] = {"progress": {}}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Request:
    """What to run: exports, and which of the versions found in them."""

    exports: tuple[Path, ...]
    workflow: int | None = None
    version: str | None = None
    replace: bool = False


@dataclass
class Outcome:
    """How a run went. `stages` are CPU seconds of this process by stage."""

    findings: Findings
    versions: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)


def run(folder: DataFolder, request: Request, progress: Progress) -> Outcome:
    """Import exports and make every table that they change.

    `progress` is called with a description, steps done and steps in all. Raises ZooDagError where the exports or
    the settings have a problem; nothing was written then.
    """
    folder.settings  # noqa: B018  (a problem in the settings is told before anything is written)
    outcome = Outcome(find_exports(request.exports))
    _require_classifications(outcome.findings, folder)
    home = folder.prepare_dagster_home()
    definitions = build_definitions(folder)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        session = _Session(definitions, instance, outcome, progress)
        with session.stage("import"):
            session.execute("import_exports", "Reading exports", run_config=_import_config(outcome, request))
        if outcome.failures:
            return outcome
        outcome.versions = [key for key in registered(instance) if _wanted(parse_key(key), request)]
        specs = partitioned_specs(definitions, "workflow_version")
        with session.stage("compare"):
            outcome.changed = changed_versions(specs, folder, outcome.versions)
        with session.stage("versions"):
            for first, last in _chunks(folder, outcome.changed, registered(instance)):
                tags = dict(zip(_RANGE_TAGS, (first, last), strict=True)) if first != last else None
                session.execute(
                    "one_version",
                    f"Versions {first} to {last}" if tags else f"Version {first}",
                    tags=tags,
                    partition_key=None if tags else first,
                )
        workflows = dict.fromkeys(str(parse_key(key).workflow_id) for key in outcome.versions)
        pooled = partitioned_specs(definitions, "workflow")
        with session.stage("pooled"):
            for key in changed_workflows(pooled, folder, workflows) if not outcome.failures else ():
                session.execute("one_workflow", f"All versions of workflow {key}", partition_key=key)
        with session.stage("ledger"):
            session.execute("balance_books", "Balancing the books")
    return outcome


class _Session:
    """Runs jobs one after the other, and gathers progress, failures and CPU time."""

    def __init__(
        self, definitions: dg.Definitions, instance: dg.DagsterInstance, outcome: Outcome, progress: Progress
    ) -> None:
        self._definitions = definitions
        self._instance = instance
        self._outcome = outcome
        self._progress = progress

    def execute(
        self, name: str, description: str, run_config: dict[str, Any] | None = None, **options: Any
    ) -> None:
        job = self._definitions.resolve_job_def(name)
        steps = len(job.nodes)
        done: list[str] = []

        def listen(step: str) -> None:
            done.extend([step] if step else [])
            self._progress(description, len(done), steps)

        token = on_step.set(listen)
        try:
            result = job.execute_in_process(
                run_config={**(run_config or {}), "loggers": _LOGGERS},
                instance=self._instance,
                raise_on_error=False,
                **options,
            )
        finally:
            on_step.reset(token)
        if not result.success:
            self._outcome.failures.extend(_failures(result) or [f"{description}: the run failed."])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        before = _cpu_seconds()
        yield
        self._outcome.stages[name] = round(_cpu_seconds() - before, 3)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _require_classifications(findings: Findings, folder: DataFolder) -> None:
    kinds = {export.kind for export in findings.exports}
    if "classifications" in kinds or folder.tables.keys(TABLES["raw_classifications"]):
        return
    given = ", ".join(f"{export.path} is a {export.kind} export" for export in findings.exports)
    raise ExportError(f"No classifications: {given}. Give the classifications export too.")


def _import_config(outcome: Outcome, request: Request) -> dict[str, Any]:
    paths = [str(export.path.absolute()) for export in outcome.findings.exports]
    return {"ops": {"read_exports": {"config": {"exports": paths, "replace": request.replace}}}}


def _wanted(key: VersionKey, request: Request) -> bool:
    return request.workflow in (None, key.workflow_id) and request.version in (None, key.version)


def _chunks(folder: DataFolder, changed: Sequence[str], order: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Ranges of neighbouring partitions, first and last, of no more raw bytes than one run should take on."""
    place = {key: number for number, key in enumerate(order)}
    raw = TABLES["raw_classifications"]
    chunk: list[str] = []
    weight = 0
    for key in sorted(changed, key=place.__getitem__):
        size = folder.tables.path(raw, key).stat().st_size
        gap = bool(chunk) and place[key] != place[chunk[-1]] + 1
        if chunk and (gap or weight + size > _BYTES_PER_RUN):
            yield chunk[0], chunk[-1]
            chunk, weight = [], 0
        chunk.append(key)
        weight += size
    if chunk:
        yield chunk[0], chunk[-1]


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """What went wrong, one sentence each. Raises ZooDagError where it is the user's to solve."""
    messages = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None and error.cls_name in {"ExportError", "SettingsError"}:
                raise ZooDagError(error.message.partition(": ")[2].strip() or error.message)
            messages.append(f"{event.step_key}: {(error.message if error else event.message or '').strip()}")
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed:
                messages.append(f"{evaluation.check_name}: {evaluation.description}")
    return messages
