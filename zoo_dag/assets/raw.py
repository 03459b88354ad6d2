"""The raw group: exports, verbatim, cell by cell. Importing them registers the workflow versions found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from zoo_dag import partitions
from zoo_dag.assets.declaration import outs
from zoo_dag.data_folder import DataFolder
from zoo_dag.errors import ExportError
from zoo_dag.exports.files import Findings, find_exports
from zoo_dag.exports.importing import Imported, import_exports
from zoo_dag.exports.versions import parse_key
from zoo_dag.storage import Project, Stored
from zoo_dag.table_files import DATA_VERSION
from zoo_dag.tables import TABLES


class ImportConfig(dg.Config):
    """What to import; without `exports`, what lies in the inbox."""

    exports: list[str] = Field(default_factory=list)
    replace: bool = False


@dg.multi_asset(
    name="read_exports",
    outs=outs("raw_classifications", "raw_subjects", "raw_workflows", "raw_quarantine", "imports", "raw_versions"),
)
def raw_tables(
    context: dg.AssetExecutionContext, project: Project, config: ImportConfig
) -> Iterator[dg.Output[Any]]:
    """Read the exports given, or those in the inbox, and merge them with what was imported before.

    A file that was imported before is skipped. Tables that nothing new came for stay as they are.
    """
    folder = project.folder
    findings = _find(context, folder, config)
    with folder.spool() as spool:
        imported = import_exports(findings.exports, folder.raw_tables(), spool, replace=config.replace)
        for name in imported.skipped:
            context.log.info(f"{name} was imported before and is skipped")
        yield dg.Output(_versions(imported), output_name="raw_classifications", metadata=_provenance(imported))
        yield dg.Output(imported.subjects, output_name="raw_subjects")
        yield dg.Output(imported.workflows, output_name="raw_workflows")
        yield dg.Output(imported.quarantine, output_name="raw_quarantine")
        yield dg.Output(imported.imports, output_name="imports")
    for key in imported.removed:
        folder.tables.remove(TABLES["raw_classifications"], key)
    versions = folder.raw_versions()
    yield dg.Output(versions, output_name="raw_versions")
    keys = folder.versions()
    _forget(folder, keys)
    partitions.register(context.instance, keys)


def _find(context: dg.AssetExecutionContext, folder: DataFolder, config: ImportConfig) -> Findings:
    if config.exports:
        return find_exports([Path(path) for path in config.exports])
    if not folder.inbox.is_dir() or not any(folder.inbox.iterdir()):
        context.log.info(f"The inbox {folder.inbox} is empty: nothing to import, nothing changed.")
        return Findings(())
    try:
        return find_exports([folder.inbox])
    except ExportError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


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
    files, raw = folder.tables, TABLES["raw_classifications"]
    workflows = {str(parse_key(key).workflow_id) for key in kept}
    for table in TABLES.values():
        present = set(kept) if table.partition == "workflow_version" else workflows
        for key in files.keys(table) if table.partition and table is not raw else ():
            if key not in present:
                files.remove(table, key)
