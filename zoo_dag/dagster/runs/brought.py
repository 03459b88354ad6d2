"""What a run brought: the rows that it read, and by how many rows the stored ones became more."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from zoo_dag.errors import TableError
from zoo_dag.exports.files import ExportFile, shown_names
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES


class FileRead(NamedTuple):
    """A file that was read, its kind, and its rows."""

    file: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Brought:
    """The files that a run read, and by part (`zoo_dag.exports.reads`) their rows, and the rows that became more.

    Rows became fewer where they were replaced (`--replace`), or belong to another version in a newer export.
    """

    files: tuple[FileRead, ...] = ()
    read: Mapping[str, int] = field(default_factory=dict)
    new: Mapping[str, int] = field(default_factory=dict)


class Before(NamedTuple):
    """What was stored before a run: the number of imported files, and the rows by part."""

    n_imports: int
    rows: Mapping[str, int]


def stored_before(folder: DataFolder) -> Before:
    """What is stored now, to compare with later."""
    table = TABLES["imports"]
    n_imports = folder.tables.scan(table).collect().height if folder.tables.exists(table) else 0
    return Before(n_imports, _rows(folder))


def brought_since(folder: DataFolder, before: Before, exports: Iterable[ExportFile]) -> Brought:
    """What was imported since `stored_before`. Files of equal names among `exports` have their paths."""
    imports = folder.tables.scan(TABLES["imports"]).collect()[before.n_imports :]
    read: Counter[str] = Counter()
    for rows_read in imports["rows_read"].drop_nulls():
        read.update(orjson.loads(rows_read))
    rows = _rows(folder)
    new = {part: rows.get(part, 0) - before.rows.get(part, 0) for part in {**before.rows, **rows}}
    names = shown_names(exports)
    files = tuple(
        FileRead(names.get(sha256, name), kind, rows)
        for sha256, name, kind, rows in imports.select("sha256", "source_file", "kind", "n_rows").iter_rows()
    )
    return Brought(files, read, {part: number for part, number in new.items() if number})


def _rows(folder: DataFolder) -> dict[str, int]:
    # The run that reads a damaged file reports it.
    try:
        return {part: reads.n_read - reads.n_merged for part, reads in folder.reads().items()}
    except TableError:
        return {}
