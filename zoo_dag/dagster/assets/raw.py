"""The raw group: exports, verbatim, cell by cell. Importing them registers the workflow versions found.

An import is one step for all versions, because an export is one file. What it leaves of a version is told by the
asset `raw_versions`, which has a partition for each: what is made from a version depends on that, so that a new
export makes only the versions stale that got other rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from zoo_dag.dagster import partitions
from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.declaration import external, outs
from zoo_dag.dagster.io_manager import Project, Stored
from zoo_dag.dagster.metadata import describe
from zoo_dag.errors import BusyError
from zoo_dag.exports.content_hash import content_hash
from zoo_dag.exports.files import ExportFiles, find_exports, identify_all
from zoo_dag.exports.importing import Imported, import_exports
from zoo_dag.inbox.local import list_files
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey, parse_key


class ImportConfig(dg.Config):
    """What to import: exports by their paths, else files of the inbox by their names, else all that lies in it."""

    exports: list[str] = Field(default_factory=list)
    inbox_files: list[str] = Field(default_factory=list)
    replace: bool = False


_IMPORTED = ("raw_classifications", "raw_subjects", "raw_workflows", "raw_quarantine", "imports")


_FILES_READ = dg.AssetCheckSpec(
    "files_are_whole_exports",
    asset="imports",
    description="Every file of the inbox that was looked at is an export, and whole.",
)


@dg.multi_asset(name="read_exports", outs=outs(*_IMPORTED), check_specs=[*checking.specs(*_IMPORTED), _FILES_READ])
def raw_tables(
    context: dg.AssetExecutionContext, project: Project, config: ImportConfig
) -> Iterator[dg.Output[Any] | dg.AssetObservation | dg.AssetMaterialization | dg.AssetCheckResult]:
    """Read the exports given, or those in the inbox, and merge them with what was imported before.

    A file that was imported before is skipped. Tables that nothing new came for stay as they are.
    """
    folder = project.folder
    with _lock(folder):
        findings = _find(context, folder, config)
        with folder.staging() as staging:
            imported = import_exports(findings.exports, folder.raw_tables(), staging, replace=config.replace)
            for name in imported.skipped:
                context.log.info(f"{name} was imported before and is skipped")
            yield dg.Output(_versions(imported), output_name="raw_classifications", metadata=_provenance(imported))
            yield dg.Output(_versioned(imported.subjects), output_name="raw_subjects")
            yield dg.Output(_versioned(imported.workflows), output_name="raw_workflows")
            yield dg.Output(_versioned(imported.quarantine), output_name="raw_quarantine")
            yield dg.Output(_versioned(imported.imports), output_name="imports")
        for key in imported.removed:
            folder.tables.remove(TABLES["raw_classifications"], key)
        keys = folder.versions()
        _forget(folder, keys)
        partitions.register(context.instance, keys)
        yield from _tell_versions(folder, keys)
        yield from checking.results(context, project, _IMPORTED)
        # What is given by hand may lie in a folder beside other files.
        yield _files_read(() if config.exports else findings.ignored)


def _files_read(problems: Sequence[str]) -> dg.AssetCheckResult:
    advice = "The other files were imported. Replace these, or take them out of the inbox."
    return dg.AssetCheckResult(
        check_name=_FILES_READ.name,
        asset_key="imports",
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{' '.join(problems)} {advice}" if problems else "Every file is an export, and whole.",
        metadata={"files not read": len(problems)},
    )


raw_versions = external("raw_versions", deps=["raw_classifications"], partitions_def=partitions.workflow_version)


def _tell_versions(
    folder: DataFolder, registered: list[str]
) -> Iterator[dg.AssetObservation | dg.AssetMaterialization]:
    """Store and tell what the raw files of the versions hold, where it is not what was told before.

    Last of all, and from the files themselves: an import that broke off is told by the next one.
    """
    files, table = folder.tables, TABLES["raw_versions"]
    for row in folder.raw_versions().iter_slices(1):
        key = str(VersionKey(*row.select("workflow_id", "version_major", "version_minor").row(0)))
        if files.exists(table, key) and files.scan(table, key).collect().equals(row):
            continue
        version = row["content_hash"].item()
        files.publish(table, row.lazy(), {DATA_VERSION: version}, key)
        if key in registered:
            metadata = {**describe(files, table, key), "rows": row["n_rows"].item()}
            tags = {"dagster/data_version": version}
            # Dagster finds news of an asset that has no step of its own in observations; its pages show the other.
            yield dg.AssetObservation(table.name, partition=key, tags=tags)
            yield dg.AssetMaterialization(table.name, partition=key, metadata=metadata, tags=tags)


def _versioned(rows: pl.LazyFrame | pl.DataFrame | None) -> Stored | None:
    return None if rows is None else versioned(rows)


def versioned(rows: pl.LazyFrame | pl.DataFrame) -> Stored:
    """Rows with a data version that changes when they do, wherever in a file they stood."""
    frame = rows.lazy()
    return Stored(frame, {DATA_VERSION: content_hash(frame)[0]})


@contextmanager
def _lock(folder: DataFolder) -> Iterator[None]:
    try:
        with folder.import_lock():
            yield
    except BusyError as error:
        raise dg.RetryRequested(max_retries=3, seconds_to_wait=60) from error


def _find(context: dg.AssetExecutionContext, folder: DataFolder, config: ImportConfig) -> ExportFiles:
    if config.exports:
        return find_exports([Path(path) for path in config.exports])
    names = [Path(name).name for name in config.inbox_files] or [entry.name for entry in list_files(folder.inbox)]
    if not names:
        context.log.info(f"The inbox {folder.inbox} is empty: nothing to import, nothing changed.")
        return ExportFiles(())
    findings = identify_all(folder.inbox / name for name in names)
    for problem in findings.ignored:
        context.log.warning(problem)
    if not findings.exports:
        raise dg.Failure(" ".join(findings.ignored), allow_retries=False)
    return findings


def _versions(imported: Imported) -> dict[str, Stored]:
    return {
        key: Stored(
            version.frame,
            {
                DATA_VERSION: version.content_hash,
                "n_rows": str(version.n_rows),
                "n_read": str(version.n_read),
                "n_merged": str(version.n_merged),
            },
        )
        for key, version in imported.classifications.items()
    }


def _provenance(imported: Imported) -> dict[str, Any]:
    """Where this import came from: file, size, hash and rows of everything read."""
    if imported.read is None:
        return {"imported": dg.MetadataValue.text("nothing new")}
    records = imported.read.with_columns(pl.col("imported_at").dt.to_string("iso")).to_dicts()
    return {"imported": dg.MetadataValue.table([dg.TableRecord(record) for record in records])}


def _forget(folder: DataFolder, kept: list[str]) -> None:
    """Remove what was made of versions that are no more, and of workflows that have none left.

    A version whose rows all gave way to those of another keeps its raw file, without rows: the books need it.
    """
    files = folder.tables
    present = {
        "workflow_version": set(kept),
        "workflow": {str(parse_key(key).workflow_id) for key in kept},
        "raw_versions": set(files.keys(TABLES["raw_classifications"])),
    }
    for table in TABLES.values():
        if table.partition and table.name != "raw_classifications":
            for key in set(files.keys(table)) - present.get(table.name, present[table.partition]):
                files.remove(table, key)
