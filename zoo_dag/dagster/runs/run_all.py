"""One run of everything, on the Dagster instance of the UI: import, then what changed, then the books."""

import resource
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from zoo_dag.dagster.assets.checks import FailedCheck, failed_checks
from zoo_dag.dagster.data_versions import out_of_date, partitions_of
from zoo_dag.dagster.definitions import build_definitions, made_specs
from zoo_dag.dagster.partitions import register, registered
from zoo_dag.dagster.runs.lost_runs import end_lost_runs, process_tags
from zoo_dag.dagster.runs.progress import on_step
from zoo_dag.dagster.runs.run_events import failures
from zoo_dag.errors import ExportError, ZooDagError
from zoo_dag.exports.files import ExportFiles, find_exports
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key

# Raw bytes that one Dagster run takes on: many small versions share a run, a large one has its own.
_BYTES_PER_RUN = 64 << 20
_RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
# No lines of Dagster's own in between: the command line shows progress, the UI has the log.
_LOGGERS: dict[str, dict[str, Any]] = {"progress": {}}

# What is not in the raw group of the import, and made anew from it.
_PARSED = [dg.AssetKey("subjects"), dg.AssetKey("workflow_versions")]
# Of these the user hears a sentence, and nothing is done any more.
_STOPPING = {"BusyError", "ExportError", "SettingsError"}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Request:
    """What to run: exports, and which of the versions found in them; `anew` makes also what is up to date."""

    exports: tuple[Path, ...]
    workflow: int | None = None
    version: str | None = None
    replace: bool = False
    anew: bool = False


@dataclass
class Outcome:
    """How a run went. `checks` are those that did not pass, `stages` CPU seconds of this process by stage."""

    findings: ExportFiles
    versions: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[FailedCheck] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)


def run(folder: DataFolder, request: Request, progress: Progress) -> Outcome:
    """Import exports and make every table that is out of date, because of them or for another reason.

    Without exports the tables are made from what was imported before. `progress` is called with a description,
    steps done and steps in all. Raises ZooDagError where the exports or the settings have a problem; nothing was
    written then.
    """
    folder.settings  # noqa: B018  (a problem in the settings is told before anything is written)
    findings = find_exports(request.exports) if request.exports else ExportFiles(())
    _require_classifications(findings, folder)
    return _make(folder, request, Outcome(findings), progress)


def remake(folder: DataFolder, progress: Progress) -> Outcome:
    """Make every table that is out of date from what was imported before, be it nothing at all."""
    return _make(folder, Request(()), Outcome(ExportFiles(())), progress)


def _make(folder: DataFolder, request: Request, outcome: Outcome, progress: Progress) -> Outcome:
    home = folder.prepare_dagster_home()
    definitions = build_definitions(folder)
    progress("Waiting for another import to finish", 0, 1)
    with folder.import_lock(), dg.DagsterInstance.from_config(str(home)) as instance:
        outcome.notes.extend(end_lost_runs(instance, home))
        session = _Session(definitions, instance, outcome, progress, home)
        _work(folder, request, session, instance)
    outcome.failures.extend(_untold_errors(outcome))
    if any("parquet: " in failure for failure in outcome.failures):
        outcome.failures.extend(folder.tables.damage(TABLES.values()))
    return outcome


def _work(folder: DataFolder, request: Request, session: "_Session", instance: dg.DagsterInstance) -> None:
    outcome = session.outcome
    with session.stage("import"):
        _take_in(folder, request, session, instance)
    if outcome.failures:
        return
    outcome.versions = [
        key for key in registered(instance) if parse_key(key).matches(request.workflow, request.version)
    ]
    with session.stage("compare"):
        stale = out_of_date(made_specs(folder), folder, {"workflow_version": outcome.versions})
        outcome.changed = outcome.versions if request.anew else partitions_of(stale, outcome.versions)
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
    with session.stage("pooled"):
        stale = out_of_date(made_specs(folder), folder, {"workflow": workflows})
        pooled = list(workflows) if request.anew else partitions_of(stale, workflows)
        for key in pooled if not outcome.failures else ():
            session.execute("pooled_only", f"All versions of workflow {key}", partition_key=key)
    with session.stage("ledger"):
        session.execute("balance_books", "Balancing the books")


def _untold_errors(outcome: Outcome) -> list[str]:
    """The checks that found an error, but for those that stopped their run and are told as its failure."""
    told = " ".join(outcome.failures)
    return [str(check) for check in outcome.checks if check.is_error and check.description not in told]


class _Session:
    """Runs jobs one after the other, and gathers progress, failures and CPU time."""

    def __init__(
        self,
        definitions: dg.Definitions,
        instance: dg.DagsterInstance,
        outcome: Outcome,
        progress: Progress,
        home: Path,
    ) -> None:
        self._definitions = definitions
        self._instance = instance
        self.outcome = outcome
        self._progress = progress
        self._home = home

    def execute(
        self,
        name: str,
        description: str,
        run_config: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        job = self._definitions.resolve_job_def(name)
        steps = len(job.nodes)
        done: list[str] = []

        def listen(step: str) -> None:
            done.extend([step] if step else [])
            self._progress(description, len(done), steps)

        run_id = str(uuid.uuid4())
        token = on_step.set(listen)
        try:
            result = job.execute_in_process(
                run_config={**(run_config or {}), "loggers": _LOGGERS},
                run_id=run_id,
                # Dagster cannot try again what it did not start.
                tags={"dagster/max_retries": "0", **process_tags(run_id, self._home), **(tags or {})},
                instance=self._instance,
                raise_on_error=False,
                **options,
            )
        finally:
            on_step.reset(token)
        partition = result.dagster_run.tags.get("dagster/partition")
        self.outcome.checks.extend(failed_checks(result.all_events, partition))
        if not result.success:
            self.outcome.failures.extend(_failures(result) or [f"{description}: the run failed."])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        before = _cpu_seconds()
        yield
        self.outcome.stages[name] = round(_cpu_seconds() - before, 3)


def _take_in(folder: DataFolder, request: Request, session: _Session, instance: dg.DagsterInstance) -> None:
    """Import the exports; without any, parse again what is not of one version."""
    if request.exports:
        session.execute(
            "import_exports", "Reading exports", run_config=_import_config(session.outcome.findings, request)
        )
    else:
        register(instance, folder.versions())
        session.execute("import_exports", "Parsing again", asset_selection=_PARSED)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _require_classifications(findings: ExportFiles, folder: DataFolder) -> None:
    kinds = {export.kind for export in findings.exports}
    if "classifications" in kinds or folder.tables.keys(TABLES["raw_classifications"]):
        return
    if not kinds:
        raise ZooDagError(f"Nothing was imported into {folder.root} yet. Give the exports: zoo-dag run EXPORT…")
    given = ", ".join(f"{export.path} is a {export.kind} export" for export in findings.exports)
    raise ExportError(f"No classifications: {given}. Give the classifications export too.")


def _import_config(findings: ExportFiles, request: Request) -> dict[str, Any]:
    paths = [str(export.path.absolute()) for export in findings.exports]
    return {"ops": {"read_exports": {"config": {"exports": paths, "replace": request.replace}}}}


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
    found = failures(result.all_events)
    for failure in found:
        if failure.error in _STOPPING:
            raise ZooDagError(failure.sentence)
    return list(map(str, found))
