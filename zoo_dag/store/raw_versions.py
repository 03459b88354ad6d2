"""The table `raw_versions`, which follows the raw files of classifications: what each of them has, by version."""

from collections.abc import Mapping

import polars as pl

from zoo_dag.errors import TableError
from zoo_dag.exports.reads import Reads
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES, versions
from zoo_dag.tables.versions import parse_key


def update_raw_versions(files: TableFiles) -> dict[str, pl.DataFrame]:
    """Make the stored `raw_versions` those of the raw files: somebody may have deleted or restored a file.

    Returns the rows that changed, by partition key. A damaged raw file changes nothing: the runs that read it
    report it.
    """
    table = TABLES["raw_versions"]
    changed: dict[str, pl.DataFrame] = {}
    for key, row in changed_raw_versions(files).items():
        if row is None:
            files.remove(table, key)
            continue
        files.publish(table, row.lazy(), {DATA_VERSION: row["content_hash"].item()}, key)
        changed[key] = row
    return changed


def changed_raw_versions(files: TableFiles) -> dict[str, pl.DataFrame | None]:
    """The rows of `raw_versions` that differ from the stored ones, by key; None where the raw file is gone."""
    table, raw = TABLES["raw_versions"], raw_metadata(files)
    changed: dict[str, pl.DataFrame | None] = dict.fromkeys(set(files.keys(table)) - set(raw))
    present = [key for key in raw if files.exists(table, key)]
    rows = files.scan_all(table, present).with_columns(key=versions.key(pl.col("workflow_id").cast(pl.String)))
    stored = dict(rows.select("key", row=pl.struct(table.dtypes.names())).collect().iter_rows())
    for key, metadata in raw.items():
        row = _raw_version(key, metadata) if metadata else None
        if row is not None and stored.get(key) != row.to_dicts()[0]:
            changed[key] = row
    return changed


def raw_metadata(files: TableFiles) -> dict[str, dict[str, str]]:
    """The metadata of the raw file of each workflow version, in order; {} where it is damaged."""
    keys: dict[str, dict[str, str]] = {}
    raw = TABLES["raw_classifications"]
    for key in files.keys(raw):
        try:
            keys[key] = files.metadata(raw, key)
        except TableError:
            keys[key] = {}
    return keys


def _raw_version(key: str, metadata: Mapping[str, str]) -> pl.DataFrame:
    """The row of `raw_versions` for a version, from the metadata of its raw file."""
    version, n_rows = parse_key(key), int(metadata["n_rows"])
    reads = Reads.of(metadata, n_rows)
    row = {
        "workflow_id": version.workflow_id,
        "workflow_version": version.version,
        "version_major": version.major,
        "version_minor": version.minor,
        "n_rows": n_rows,
        "n_read": reads.n_read,
        "n_merged": reads.n_merged,
        "content_hash": metadata[DATA_VERSION],
    }
    return pl.DataFrame([row], schema=TABLES["raw_versions"].dtypes)
