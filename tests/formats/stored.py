"""Data folders with a few rows of the tables that a format reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.formats.source import Source
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.scanning import Selection
from zoo_dag.tables import TABLES

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


def store(root: Path, tables: Tables, settings: str = "") -> DataFolder:
    """A data folder with these rows; a column that a row does not have is null, and one that a table does not have
    is left out.

    Rows of a table of workflows are of workflow 11, those of a table of versions of the version they name, 1.1
    without one. Each workflow version has raw classifications, since these say which versions there are.
    """
    folder = DataFolder(root)
    root.mkdir(exist_ok=True)
    (root / "zoo_dag.toml").write_text(settings, encoding="utf-8")
    for name, rows in tables.items():
        for key, of_key in _partitions(name, rows).items():
            _publish(folder, name, of_key, key)
    return folder


def source(folder: DataFolder, *named: str, **selected: Any) -> Source:
    """What is written of a folder: of all tables, or of those named; `workflow`, `version` and so on select."""
    chosen = {"workflow": None, "version": None, "subject_set": None, **selected}
    return Source(Selection(str(folder.root), **chosen), named)


def _partitions(name: str, rows: Sequence[Row]) -> dict[str | None, list[Row]]:
    if not TABLES[name].partition:
        return {None: list(rows)}
    of_versions = TABLES[name].partition == "workflow_version"
    parts: dict[str | None, list[Row]] = {} if rows else {"11-v1.1" if of_versions else "11": []}
    for row in rows:
        whole = {"workflow_id": 11, **row}
        key = str(whole["workflow_id"])
        if of_versions:
            whole = {"workflow_version": "1.1", **whole}
            key = f"{key}-v{whole['workflow_version']}"
        parts.setdefault(key, []).append(whole)
    return parts


def _publish(folder: DataFolder, name: str, rows: list[Row], key: str | None) -> None:
    table = TABLES[name]
    dtypes = dict(table.dtypes)
    has_more = table.layout or table.open_ended
    whole = [
        {column: row.get(column) for column in dict.fromkeys((*dtypes, *(row if has_more else ())))}
        for row in rows
    ]
    frame = pl.DataFrame(whole, schema_overrides=dtypes, infer_schema_length=None) if rows else table.empty()
    folder.tables.path(table, key).parent.mkdir(parents=True, exist_ok=True)
    folder.tables.publish(table, frame.lazy(), {"n_rows": str(len(rows))}, key)
