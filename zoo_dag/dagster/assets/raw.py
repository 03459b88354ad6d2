"""The raw group: exports, verbatim, cell by cell. Importing them registers the workflow versions in them.

An import is one step for all versions, because an export is one file. The raw rows of each version are reported as
a partition of the asset `raw_versions`. All tables of a version depend on that partition, so that a new export
makes only the versions with changed rows stale. What the rows say about their subjects changes with nearly every
export; it is another partition, of `shown_subjects`, on which only the summary of subjects depends.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from zoo_dag.dagster import event_tags, partitions
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import StepCheck, spec, step
from zoo_dag.dagster.assets.publishing import Publisher, raw_version, report_raw
from zoo_dag.dagster.data_versions import Versioned, by_content
from zoo_dag.dagster.locks import import_lock
from zoo_dag.dagster.metadata import describe
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.partition_events import report_together
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.raw_files import lacks_shown_subjects, store_of_files, store_shown_subjects
from zoo_dag.dagster.recipes import IMPORTED, recipe
from zoo_dag.errors import BusyError, OvertakenError
from zoo_dag.exports.files import ExportFiles, find_exports, identify_all
from zoo_dag.exports.importing import import_exports
from zoo_dag.exports.imports import Imported
from zoo_dag.exports.reads import Reads, quarantine_metadata
from zoo_dag.inbox.allowed import require_allowed
from zoo_dag.inbox.local import list_files
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.publication import Publication, publication
from zoo_dag.store.raw_versions import update_raw_versions
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.layouts import LAYOUTS
from zoo_dag.tables.versions import parse_key


class ImportConfig(dg.Config):
    """What to import: exports by their paths, else files of the inbox by their names, else all files in it.

    Runs of the pages take paths only in the inbox and in the folders that the settings name.
    """

    exports: list[str] = Field(default_factory=list)
    inbox_files: list[str] = Field(default_factory=list)
    replace: bool = False


_FILES_READ = StepCheck(
    "files_are_whole_exports", "imports", "Every file of the inbox that was read is an export, and complete."
)
# The tables that an import stores as partitions, and of which Dagster knows no step.
_WITHOUT_STEP = ("raw_versions", "shown_subjects")


def without_step(names: Names) -> list[dg.AssetSpec]:
    """`raw_versions` and `shown_subjects`, which an import reports."""
    versions = partitions.definition(names, "workflow_version")
    return [spec(names, name, ["raw_classifications"], partitions_def=versions) for name in _WITHOUT_STEP]


def with_freshness(asset: dg.AssetSpec, days: float) -> dg.AssetSpec:
    """The raw classifications are fresh if an export was imported within so many days; with 0 always.

    Dagster evaluates this by itself, also when no more exports arrive.
    """
    if not days or asset.key.path[-1] != "raw_classifications":
        return asset
    # Dagster accepts no window of less than a minute.
    window = max(timedelta(days=days), timedelta(minutes=1))
    return asset.replace_attributes(freshness_policy=dg.FreshnessPolicy.time_window(window))


@step(*IMPORTED, is_skippable=True, more_checks=[_FILES_READ])
def read_exports(
    context: dg.AssetExecutionContext, project: Project, config: ImportConfig
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Read the exports named in the config, or those in the inbox, and merge them with what was imported before.

    A file that was imported before is skipped. Tables for which nothing arrived stay as they are and are not
    reported.
    """
    folder = project.folder
    with _lock(context.instance, project):
        findings = _find(context, project, config)
        with folder.staging() as staging:
            imported = import_exports(
                findings.exports,
                folder.raw_tables(),
                staging,
                replace=config.replace,
                # Files that the user names are imported together or not at all.
                without_refused=not config.exports,
            )
            if imported.refused and imported.read is None and not imported.skipped:
                raise dg.Failure(" ".join(imported.refused), allow_retries=False)
            for name in imported.skipped:
                context.log.info(f"{name} was imported before and is skipped")
            with publication(folder.tables, staging) as together:
                names, changed = _store(together, folder, imported)
        # In an object store others may have been faster. Then nothing was reported yet.
        folder.save()
        yield from _report(context, project, imported, names)
        keys = folder.versions()
        _remove_what_is_gone(folder, keys)
        partitions.register(context.instance, project, keys)
        _report_versions(context, project, keys)
        _report_shown_subjects(context, project, keys, changed)
        yield from checks.results(context, project, IMPORTED)
        # Files that the user names may be in a folder with other files.
        yield _files_read(project.names, () if config.exports else (*findings.ignored, *imported.refused))


def _store(together: Publication, folder: DataFolder, imported: Imported) -> tuple[list[str], list[str]]:
    """Store what an import changes; returns the tables to report, and the versions whose subjects changed.

    The rows and the record that they were imported are published together: none may be without the other.
    """
    for key, version in imported.classifications.items():
        metadata = {DATA_VERSION: version.content_hash, "n_rows": str(version.n_rows), **version.reads.metadata()}
        table = TABLES["raw_classifications"]
        metadata = _built(folder, table) | metadata
        if version.part is None or not together.take(table, version.part, metadata, key):
            together.publish(table, version.frame, metadata, key, version.reads.rows_at_once)
    for key in imported.removed:
        together.remove(TABLES["raw_classifications"], key)
    changed = [
        key
        for key, version in imported.classifications.items()
        if store_shown_subjects(
            folder, key, Versioned(version.shown_subjects, {DATA_VERSION: version.shown_hash}), together.publish
        )
    ]
    is_first = not folder.tables.exists(TABLES["imports"])
    kinds = set() if imported.read is None else set(imported.read["kind"])
    of_classifications = "classifications" in kinds or imported.classifications or imported.removed
    names = ["raw_classifications"] if is_first or of_classifications else []
    tables: Mapping[str, pl.LazyFrame | pl.DataFrame | None] = {
        "raw_subjects": imported.subjects,
        "raw_workflows": imported.workflows,
        "raw_quarantine": imported.quarantine,
        "imports": imported.imports,
        "forgotten": imported.forgotten,
    }
    for name, rows in tables.items():
        table = TABLES[name]
        if rows is None and (name == "forgotten" or folder.tables.exists(table)):
            continue
        stored = by_content(table.empty() if rows is None else rows)
        metadata = _built(folder, table) | stored.metadata | _reads(imported, name)
        rows_at_once = imported.reads.get(name.removeprefix("raw_"), Reads()).rows_at_once
        together.publish(table, table.conform(stored.frame.lazy()), metadata, rows_at_once=rows_at_once)
        names.extend([name] if name in IMPORTED else [])
    return names, changed


def _built(folder: DataFolder, table: Table) -> dict[str, str]:
    """How a table is built, as metadata of its file."""
    return recipe(table.name, folder.settings).provenance


def _report(
    context: dg.AssetExecutionContext, project: Project, imported: Imported, names: Sequence[str]
) -> Iterator[dg.MaterializeResult[Any]]:
    """Report the tables that an import changed, and those that a killed one did not report any more."""
    publisher = Publisher(context, project)
    for name in IMPORTED:
        if name not in names and _is_reported(context, project, name):
            continue
        if name == "raw_classifications":
            yield from report_raw(context, project, name, _provenance(imported))
        else:
            yield from publisher.report(name, [None])


def _is_reported(context: dg.AssetExecutionContext, project: Project, name: str) -> bool:
    event = context.instance.get_latest_materialization_event(project.names.asset(name))
    last = event.asset_materialization if event else None
    version = raw_version(project.folder.tables, name)
    return last is not None and (last.tags or {}).get(event_tags.DATA_VERSION) == version


def _reads(imported: Imported, name: str) -> dict[str, str]:
    """What was read into a raw table without partitions, as metadata of its file."""
    if name == "raw_quarantine":
        return quarantine_metadata(imported.reads)
    kind = name.removeprefix("raw_")
    return imported.reads.get(kind, Reads()).metadata() if kind in LAYOUTS else {}


def _provenance(imported: Imported) -> dict[str, Any]:
    """Where this import came from: file, size, hash and rows of everything read."""
    if imported.read is None:
        return {"imported": dg.MetadataValue.text("nothing new")}
    records = imported.read.with_columns(pl.col("imported_at").dt.to_string("iso")).to_dicts()
    return {"imported": dg.MetadataValue.table([dg.TableRecord(record) for record in records])}


def _files_read(names: Names, problems: Sequence[str]) -> dg.AssetCheckResult:
    advice = "The other files were imported. Replace these, or remove them from the inbox."
    return dg.AssetCheckResult(
        check_name=_FILES_READ.name,
        asset_key=names.asset(_FILES_READ.table),
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{' '.join(problems)} {advice}" if problems else "Every file is an export, and complete.",
        metadata={"files not read": len(problems)},
    )


def _report_versions(context: dg.AssetExecutionContext, project: Project, registered: list[str]) -> None:
    """Store and report the content of the raw files of the versions, where it differs from the last report.

    This is the last step, and reads the files: so an import also reports what an interrupted one did not.
    """
    changed = update_raw_versions(project.folder.tables)
    rows = {key: {"rows": row["n_rows"].item()} for key, row in changed.items() if key in registered}
    _report_without_step(context, project, TABLES["raw_versions"], rows, changed)


def _report_shown_subjects(
    context: dg.AssetExecutionContext, project: Project, registered: list[str], changed: Sequence[str]
) -> None:
    """Report the versions whose subjects changed, and those of data folders that did not have this table yet."""
    folder = project.folder
    added = store_of_files(folder, [key for key in registered if lacks_shown_subjects(folder, key)])
    keys = [key for key in registered if key in added or key in changed]
    _report_without_step(context, project, TABLES["shown_subjects"], {key: {} for key in keys})


def _report_without_step(
    context: dg.AssetExecutionContext,
    project: Project,
    table: Table,
    metadata: Mapping[str, Mapping[str, Any]],
    at_hand: Mapping[str, pl.DataFrame] | None = None,
) -> None:
    """Report partitions of an asset without a step, which an import stored; `metadata` is by partition.

    `at_hand` are the rows of those that need not be read.

    Dagster reads changes of such an asset from observations; its pages show materializations.
    """
    files, names, asset = project.folder.tables, project.names, project.names.asset(table.name)
    rows = at_hand or {}
    tags = {key: {event_tags.DATA_VERSION: files.data_version(table, key)} for key in metadata}
    report_together(context, [dg.AssetObservation(asset, partition=key, tags=tags[key]) for key in metadata])
    report_together(
        context,
        [
            dg.AssetMaterialization(
                asset,
                partition=key,
                metadata={**describe(files, table, key, rows.get(key), names=names), **besides},
                tags=tags[key],
            )
            for key, besides in metadata.items()
        ],
    )


@contextmanager
def _lock(instance: dg.DagsterInstance, project: Project) -> Iterator[None]:
    try:
        with import_lock(instance, project):
            yield
    except BusyError as error:
        # After others were faster, the import starts over with what they saved.
        wait = 1 if isinstance(error, OvertakenError) else 60
        raise dg.RetryRequested(max_retries=3, seconds_to_wait=wait) from error


def _find(context: dg.AssetExecutionContext, project: Project, config: ImportConfig) -> ExportFiles:
    folder = project.folder
    if config.exports:
        paths = [Path(path) for path in config.exports]
        if not project.imports_any_file:
            require_allowed(paths, folder.machine, folder.settings.importing)
        return find_exports(paths, folder.limits)
    names = [Path(name).name for name in config.inbox_files] or [entry.name for entry in list_files(folder.inbox)]
    if not names:
        context.log.info(f"The inbox {folder.inbox} is empty: nothing to import, nothing changed.")
        return ExportFiles(())
    findings = identify_all((folder.inbox / name for name in names), folder.limits)
    for problem in findings.ignored:
        context.log.warning(problem)
    if not findings.exports:
        raise dg.Failure(" ".join(findings.ignored), allow_retries=False)
    return findings


def _remove_what_is_gone(folder: DataFolder, kept: list[str]) -> None:
    """Remove what was built from versions that no longer exist, and from workflows that have none left.

    A version whose rows were all superseded by those of another keeps its raw file, without rows: row accounting
    needs it.
    """
    files = folder.tables
    present = {
        "workflow_version": set(kept),
        "workflow": {str(parse_key(key).workflow_id) for key in kept},
        "raw_versions": set(files.keys(TABLES["raw_classifications"])),
    }
    for table in TABLES.values():
        files.remove_parts(table, lambda version: version not in kept)
        if table.partition and table.name != "raw_classifications":
            for key in set(files.keys(table)) - present.get(table.name, present[table.partition]):
                files.remove(table, key)
