"""Forgetting: removes everything of a workflow version, of a workflow, or of the project from the data folder.

Exports are cumulative, and zoo_dag keeps no list of unwanted rows: the next export that holds the rows brings them
back. Forgotten rows are recorded in the table `forgotten`, so that row accounting balances, and files that were
imported before are read again when they are imported again.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import polars as pl

from zoo_dag.checks import standing
from zoo_dag.dagster import event_tags
from zoo_dag.dagster.data_versions import by_content, combine
from zoo_dag.dagster.locks import import_lock
from zoo_dag.dagster.metadata import describe
from zoo_dag.dagster.partitions import WORKFLOW_VERSIONS, WORKFLOWS, register, registered
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import recipe
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.dagster.runs.own_runs import OWN_ASSETS, is_ours
from zoo_dag.dagster.runs.requests import Outcome, Progress
from zoo_dag.dagster.runs.run_all import Deployment, rebuild_stale
from zoo_dag.errors import BusyError, DiskError, TableError
from zoo_dag.exports.files import ExportFiles
from zoo_dag.exports.reads import Reads, imported_rows, quarantine_metadata, quarantine_part
from zoo_dag.exports.rejected_rows import workflow_of_rejected
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.publication import Publication, publication
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import Kind
from zoo_dag.tables.parts import version_of
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import is_key, parse_key, workflow

_RAW = "raw_classifications"
_LOCK_SECONDS = 60
_RUNNING = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
# The raw tables of all workflows together: their export kind, and the condition for the rows of a workflow.
_OF_WORKFLOWS: dict[str, tuple[Kind, pl.Expr]] = {
    "raw_subjects": ("subjects", workflow()),
    "raw_workflows": ("workflows", workflow()),
    # A row without a version may name its workflow; a line that is not a row belongs to none.
    "raw_quarantine": ("classifications", workflow_of_rejected()),
}


class _Forgotten(NamedTuple):
    """Rows of one kind of export that are removed from a raw table, for the table `forgotten`."""

    table: str
    kind: str
    version: str | None
    n_rows: int


@dataclass(frozen=True)
class Going:
    """The part of a table that is removed: files, rows and bytes. A table of all workflows loses rows only."""

    table: str
    files: int
    rows: int
    n_bytes: int


@dataclass(frozen=True)
class Plan:
    """What is to be forgotten: a version, a workflow (without `version`), or everything (without `workflow`).

    `versions` and `workflows` are the partitions to be removed.
    """

    workflow: int | None
    version: str | None
    versions: tuple[str, ...]
    workflows: tuple[str, ...]
    tables: tuple[Going, ...]

    @property
    def what(self) -> str:
        """The name of what is forgotten, for messages."""
        return _called(self.workflow, self.version)


def _called(workflow_id: int | None, version: str | None) -> str:
    if workflow_id is None:
        return "everything"
    return f"workflow {workflow_id}" + (f", version {version}" if version else "")


def plan(folder: DataFolder, workflow_id: int | None, version: str | None = None) -> Plan:
    """Find what would be removed; nothing is changed. Raises TableError if nothing of it is stored."""
    files = folder.tables
    versioned_tables = [table for table in TABLES.values() if table.partition == "workflow_version"]
    known = {key for table in versioned_tables for key in files.keys(table)} | _lost_versions(folder)
    going = {key for key in known if parse_key(key).matches(workflow_id, version)}
    staying = {parse_key(key).workflow_id for key in files.keys(TABLES[_RAW]) if key not in going}
    workflows = {
        key
        for table in TABLES.values()
        if table.partition == "workflow"
        for key in files.keys(table)
        if workflow_id in (None, int(key)) and int(key) not in staying
    }
    tables = tuple(_going(files, workflow_id, version, going, workflows))
    if not tables and not going:
        there = ", ".join(sorted(known, key=parse_key)) or "nothing at all"
        raise TableError(
            f"{folder.address}: nothing to forget of {_called(workflow_id, version)}; there is {there}."
        )
    ordered = tuple(sorted(going, key=parse_key))
    return Plan(workflow_id, version, ordered, tuple(sorted(workflows, key=int)), tables)


def _lost_versions(folder: DataFolder) -> set[str]:
    """The versions that imports read, and of which nothing is stored any more."""
    # A record of imports that is damaged must not keep anything from being forgotten.
    if not folder.tables.is_current(TABLES["imports"]):
        return set()
    imports = folder.tables.scan(TABLES["imports"]).collect()
    return {part for part in imported_rows(imports, folder.forgotten()) if is_key(part)}


def _going(
    files: TableFiles, workflow_id: int | None, version: str | None, versions: set[str], workflows: set[str]
) -> Iterator[Going]:
    for table in TABLES.values():
        keys: list[str | None] = []
        if table.partition:
            going = versions if table.partition == "workflow_version" else workflows
            keys = [key for key in files.keys(table) if key in going]
        elif workflow_id is None and files.exists(table):
            keys = [None]
        if keys:
            paths = [files.path(table, key) for key in keys]
            yield Going(table.name, len(paths), sum(map(_height, paths)), sum(p.stat().st_size for p in paths))
        elif workflow_id is not None and version is None and table.name in _OF_WORKFLOWS and files.exists(table):
            rows = files.scan(table).select((_OF_WORKFLOWS[table.name][1] == workflow_id).sum()).collect().item()
            if rows:
                yield Going(table.name, 0, rows, 0)


def _height(path: Path) -> int:
    try:
        return row_count(pl.scan_parquet(path, glob=False))
    except pl.exceptions.PolarsError:
        return 0


def forget(deployment: Deployment, planned: Plan, progress: Progress) -> Outcome:
    """Remove what the plan names, all of it or nothing, and rebuild what depends on it.

    Raises BusyError where an import or another run of this project is running.
    """
    instance, project = deployment.instance, deployment.project
    folder = project.folder
    waiting = partial(progress, "Waiting for an import to finish", 0, 1)
    with import_lock(instance, project, _LOCK_SECONDS, waiting):
        end_lost_runs(instance, project)
        _require_rest(instance, project)
        folder.remove_left_over()
        for table in TABLES.values():
            folder.tables.remove_parts(table, lambda _version: True)
        shutil.rmtree(folder.downloads, ignore_errors=True)
        # Between the question and the answer an import may have added rows.
        current = plan(folder, planned.workflow, planned.version)
        order = registered(instance, project.names.of(WORKFLOW_VERSIONS))
        # Before the tables: a killed command can be repeated, until they are gone.
        workflows = registered(instance, project.names.of(WORKFLOWS))
        _forget_runs(instance, project, current, [*order, *workflows])
        _forget_reports(folder)
        with folder.staging() as staging, publication(folder.tables, staging) as together:
            _remove(together, folder, current)
        # Not only at the end: what others make of the rows meanwhile, in an object store, must not be saved.
        folder.forget_what_was()
        gone = set(current.versions)
        register(instance, project, [key for key in order if key not in gone])
        if current.workflow is None:
            return Outcome(ExportFiles(()))
        _report(project, instance)
        try:
            return rebuild_stale(deployment, progress)
        except DiskError as error:
            what_then = f"{current.what} is forgotten; `zoo-dag run` rebuilds the tables without it."
            return Outcome(ExportFiles(()), failures=[f"{error} {what_then}"])


def _require_rest(instance: dg.DagsterInstance, project: Project) -> None:
    """Raises BusyError while a run is running, because it might write the forgotten rows again."""
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_RUNNING)):
        if is_ours(project, run):
            raise BusyError(
                f"The run {run.run_id[:8]} of {run.job_name} is running. Wait until it has ended, or terminate it "
                "in Dagster's pages, and try again. Nothing was forgotten."
            )


def _forget_reports(folder: DataFolder) -> None:
    """Remove the reports that the pages show, of all workflows: each says what was imported."""
    for path in folder.reports.glob("*.html"):
        path.unlink(missing_ok=True)


def _forget_runs(instance: dg.DagsterInstance, project: Project, current: Plan, order: Sequence[str]) -> None:
    """Delete Dagster's records of the runs that built only these partitions: they show first rows.

    `order` are the partitions that are registered: a range is named by its ends. Dagster cannot delete a single
    partition from a run of several.
    """
    if current.workflow is None:
        known = [key for key in instance.all_asset_keys() if project.names.is_own(key, OWN_ASSETS)]
        if known:
            instance.wipe_assets(known)
    partitions = {*current.versions, *current.workflows}
    for run in instance.get_runs():
        built = set(map(version_of, event_tags.partitions_of_run(run.tags, order)))
        is_forgotten = current.workflow is None or (built and built <= partitions)
        if is_forgotten and run.is_finished and is_ours(project, run):
            instance.delete_run(run.run_id)


def _remove(together: Publication, folder: DataFolder, current: Plan) -> None:
    """Remove files and rows, and record what was removed: these rows must not count as imported."""
    raw, forgotten = TABLES[_RAW], list[_Forgotten]()
    for key in current.versions:
        path = folder.tables.path(raw, key)
        n_rows = _height(path) if path.exists() else 0
        forgotten.append(_Forgotten(_RAW, "classifications", parse_key(key).version, n_rows))
    going: dict[str | None, Sequence[str | None]] = {
        "workflow_version": current.versions,
        "workflow": current.workflows,
        None: [None] if current.workflow is None else [],
    }
    for table in TABLES.values():
        for each in going[table.partition]:
            together.remove(table, each)
    standing.forget(together)
    if current.workflow is None:
        return
    if current.version is None:
        forgotten += _remove_rows(together, folder, current.workflow)
    _record(together, folder, current.workflow, forgotten)


def _remove_rows(together: Publication, folder: DataFolder, workflow_id: int) -> Iterator[_Forgotten]:
    """Remove the rows of a workflow from the raw tables of all workflows.

    What remains counts as read from no file in particular.
    """
    for name, (kind, of_row) in _OF_WORKFLOWS.items():
        table = TABLES[name]
        if not folder.tables.exists(table):
            continue
        going = (of_row == workflow_id).fill_null(value=False)
        rows = folder.tables.scan(table).collect()
        kept = rows.filter(~going)
        if kept.height == rows.height:
            continue
        reads = folder.reads_of_all_workflows()
        part = quarantine_part(kind) if name == "raw_quarantine" else kind
        reads[part] = reads[part].remaining(int((kept["kind"] == kind).sum()) if part != kind else kept.height)
        metadata = reads[part].metadata() if part == kind else quarantine_metadata(reads)
        _publish(together, folder, name, kept, metadata)
        yield _Forgotten(name, kind, None, rows.height - kept.height)


def _record(together: Publication, folder: DataFolder, workflow_id: int, forgotten: Sequence[_Forgotten]) -> None:
    if not forgotten:
        return
    now, before = datetime.now(UTC), folder.forgotten()
    rows = [(now, workflow_id, each.version, each.table, each.kind, each.n_rows) for each in forgotten]
    _publish(together, folder, "forgotten", before.extend(pl.DataFrame(rows, before.schema, orient="row")))


def _publish(
    together: Publication,
    folder: DataFolder,
    name: str,
    rows: pl.DataFrame,
    reads: Mapping[str, str] | None = None,
) -> None:
    content = by_content(rows)
    metadata = recipe(name, folder.settings).provenance | content.metadata | dict(reads or {})
    rows_at_once = Reads.of(metadata, rows.height).rows_at_once
    together.publish(TABLES[name], content.frame.lazy(), metadata, rows_at_once=rows_at_once)


def _report(project: Project, instance: dg.DagsterInstance) -> None:
    """Let Dagster's pages show the raw tables as they are now."""
    files, names = project.folder.tables, project.names
    for name in (_RAW, *_OF_WORKFLOWS):
        table = TABLES[name]
        versions = {key: files.data_version(table, key) for key in files.keys(table)}
        version = combine(None, versions) if table.partition else files.data_version(table)
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                names.asset(name),
                metadata=describe(files, table, None, names=names),
                tags={event_tags.DATA_VERSION: version},
            )
        )
