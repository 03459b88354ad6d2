"""Tables that are published together: all of them or none, at whatever moment the process is killed.

The files are written to a folder. Once all are complete, the folder is renamed: from then on they count. What a
killed process did not put in place, the next one does: whoever takes the lock of imports calls `finish` first.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from zoo_dag.errors import explaining_full_disk
from zoo_dag.store.parquet_footer import add_metadata
from zoo_dag.store.table_files import ROWS_AT_ONCE, TableFiles
from zoo_dag.tables import Table

_COMPLETE = ".publication"
# Beside the complete files: an empty one for each that is to be removed.
_REMOVED = ".removed"


class Publication:
    """Tables to be published together."""

    def __init__(self, files: TableFiles, folder: Path) -> None:
        """Write to `folder` what is to be put in place in `files`."""
        self._files = files
        self._written = TableFiles(folder)

    def publish(
        self,
        table: Table,
        frame: pl.LazyFrame,
        metadata: Mapping[str, str],
        key: str | None = None,
        rows_at_once: int = ROWS_AT_ONCE,
    ) -> None:
        """Store a table, or a partition of it, with the others; an error of the frame is raised.

        `rows_at_once` is how many rows the writer, and each reader, has in memory at once.
        """
        path = self._written.path(table, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files.write(frame, path, metadata, rows_at_once)

    def take(self, table: Table, path: Path, metadata: Mapping[str, str], key: str | None = None) -> bool:
        """Store a file of the rows that `publish` would write, on the same disk; returns whether it was done."""
        with explaining_full_disk(path.parent):
            if not add_metadata(path, metadata):
                return False
        target = self._written.path(table, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        return True

    def remove(self, table: Table, key: str | None = None) -> None:
        """Remove a table, or a partition of it, and what checks found in it, with the others."""
        self._remove(self._files.path(table, key))
        self.remove_findings(table, key)

    def remove_findings(self, table: Table, key: str | None = None) -> None:
        """Remove what checks found in a table, or in a partition of it, with the others."""
        self._remove(self._files.findings_path(table, key))

    def _remove(self, path: Path) -> None:
        # In a working copy of an object store, what was not brought yet is a link to nothing.
        if os.path.lexists(path):
            marker = self._written.root / path.relative_to(self._files.root)
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.with_name(f"{marker.name}{_REMOVED}").touch()


@contextmanager
def publication(files: TableFiles, staging: Path) -> Iterator[Publication]:
    """Publish together what the block stores; nothing where it raises an error.

    `staging` is a folder on the disk of the tables. The caller holds the lock of imports.
    """
    folder = staging / "publication"
    folder.mkdir()
    yield Publication(files, folder)
    files.root.mkdir(parents=True, exist_ok=True)
    os.replace(folder, files.root / _COMPLETE)
    finish(files)


def finish(files: TableFiles) -> bool:
    """Put in place what is left of a publication; returns whether there was one. The caller holds the lock."""
    complete = files.root / _COMPLETE
    if not complete.is_dir():
        return False
    for path in sorted(complete.rglob("*.parquet")):
        target = files.root / path.relative_to(complete)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    for path in sorted(complete.rglob(f"*{_REMOVED}")):
        target = files.root / path.relative_to(complete)
        target.with_name(target.name.removesuffix(_REMOVED)).unlink(missing_ok=True)
    shutil.rmtree(complete)
    return True
