"""Tables on disk: one Parquet file for each, or one for each partition, published atomically.

A file is written under a hidden name in its folder and then renamed. A reader never sees half a table, and a query
that fails leaves the previous table as it was.
"""

import difflib
import functools
import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from zoo_dag.errors import AccessError, TableError, explaining_full_disk
from zoo_dag.store.file_errors import StoredFile, reading_error
from zoo_dag.store.stored_file import Footer, differences, open_file, read_files, read_footer
from zoo_dag.store.working_copy import copy_at
from zoo_dag.store.working_files import DRAFT, working
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.file_format import COMPRESSION, COMPRESSION_LEVEL
from zoo_dag.tables.parts import is_part, parse_part
from zoo_dag.tables.versions import is_key, parse_key

# Keys of the metadata of a stored file: the version of its data; for `classifications` the number of elements of
# the annotations; for flattened tables the number of those that only repeat another one.
DATA_VERSION = "data_version"
N_ELEMENTS = "n_elements"
N_MERGED = "n_merged"
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class TableFiles:
    """The folder `tables` of a data folder."""

    root: Path

    @property
    def name(self) -> str:
        """Where the tables are, for messages: the folder, or the URL of an object store."""
        copy = copy_at(self.root.parent)
        return copy.url if copy else str(self.root)

    def path(self, table: Table, key: str | None = None) -> Path:
        """The path of a table, or of a partition of it, whether it is stored or not.

        `key` may also be that of a part of a version (`zoo_dag.tables.parts`), whose file is hidden.
        """
        return Path(self._address(table, key))

    def _address(self, table: Table, key: str | None) -> str:
        # As text: a run asks for many thousands of them.
        if (table.partition is None) != (key is None):
            raise ValueError(f"{table.name} is partitioned by {table.partition or 'nothing'}, key {key!r}")
        if not key:
            return f"{self.root}{os.sep}{table.name}.parquet"
        hidden = "." if "-part-" in key else ""
        return f"{self.root}{os.sep}{table.name}{os.sep}{hidden}{key}.parquet"

    def _footer(self, table: Table, key: str | None) -> Footer:
        return read_footer(self._address(table, key), table)

    def findings_path(self, table: Table, key: str | None = None) -> Path:
        """The path of what checks found in a table, or in a partition of it (`zoo_dag.checks.standing`).

        The raw classifications are checked as one table, so that they have one without a key.
        """
        folder = self.root / table.name if key else self.root
        return folder / f".{key or table.name}.findings.json"

    def keys(self, table: Table) -> list[str]:
        """The stored partitions, in the order of their versions. Other files in the folder are ignored."""
        names = [path.stem for path in (self.root / table.name).glob("[!.]*.parquet")]
        if table.partition == "workflow":
            return sorted(filter(str.isdecimal, names), key=int)
        return sorted(filter(is_key, names), key=parse_key)

    def exists(self, table: Table, key: str | None = None) -> bool:
        """Whether a table, or a partition of it, is stored."""
        path = self._address(table, key)
        # In a working copy of an object store, what was not brought yet is a link to nothing.
        return os.path.isfile(path) or os.path.islink(path)

    def scan(self, table: Table, key: str | None = None) -> pl.LazyFrame:
        """One stored file as a LazyFrame with the columns that are declared today.

        Raises TableError where it does not exist, is damaged, or was written with other columns.
        """
        return self._read(table, [key])

    def state(self) -> str:
        """A text that changes when any file of the tables is written, replaced or removed; no file is read."""
        stats = [
            f"{path}\t{stat.st_ino}\t{stat.st_size}\t{stat.st_mtime_ns}" for path, stat in _files(str(self.root))
        ]
        return hashlib.blake2b("\n".join(sorted(stats)).encode(errors="surrogateescape")).hexdigest()

    def is_current(self, table: Table, key: str | None = None) -> bool:
        """Whether a table, or a partition of it, is stored with the columns that are declared today."""
        try:
            is_declared = self._footer(table, key).is_declared
        except (pl.exceptions.PolarsError, OSError):
            is_declared = False
        # A query costs more than to look at the columns, and says more of what is wrong.
        return is_declared or self.problem(table, key) is None

    def are_empty(self, table: Table, keys: Iterable[str | None] = (None,)) -> bool:
        """Whether a table that can be read, or these partitions of it, have no rows."""
        return all(self._footer(table, key).empty is not None for key in keys)

    def problem(self, table: Table, key: str | None = None) -> str | None:
        """Why a table, or a partition of it, has to be rebuilt; None where it can be read.

        Raises AccessError where its file cannot be opened.
        """
        try:
            self.scan(table, key)
        except AccessError:
            raise
        except TableError as error:
            return str(error)
        return None

    def current_keys(self, table: Table) -> list[str]:
        """The stored partitions that can be read."""
        return [key for key in self.keys(table) if self.is_current(table, key)]

    def scan_all(self, table: Table, keys: Sequence[str | None] | None = None) -> pl.LazyFrame:
        """All partitions of a table, or those of `keys`, as one LazyFrame; empty where there are none."""
        if not table.partition:
            return self.scan(table)
        return self._read(table, self.keys(table) if keys is None else keys)

    def _read(self, table: Table, keys: Sequence[str | None]) -> pl.LazyFrame:
        try:
            return read_files(table, [self._stored(table, key) for key in keys])
        except (FileNotFoundError, NotADirectoryError) as error:
            key = next((key for key in keys if not self.exists(table, key)), None)
            part = f" for {key}" if key else ""
            raise TableError(
                f"The table {table.name} does not exist yet{part} in {self.name}. Run `zoo-dag run` first."
            ) from error

    def publish(
        self, table: Table, frame: pl.LazyFrame, metadata: Mapping[str, str], key: str | None = None
    ) -> Path:
        """Store a table, or a partition of it, and replace the previous one once the file is complete.

        The same rows and metadata give the same bytes. An error of the frame is raised, and the previous table
        stays. Returns the path.
        """
        target = self.path(table, key)
        with working(target.with_name(f".{target.stem}.{uuid.uuid4().hex}.parquet")) as draft:
            self.write(frame, draft, metadata)
            os.replace(draft, target)
        return target

    def drafts(self) -> list[Path]:
        """The hidden drafts of tables, and their locks, of processes that live or were killed."""
        folders = [self.root, *(self.root / name for name in TABLES)]
        hidden = (path for folder in folders for path in folder.glob(".*"))
        return [path for path in hidden if DRAFT.fullmatch(path.name)]

    def write(
        self, frame: pl.LazyFrame, path: Path, metadata: Mapping[str, str], rows_at_once: int = ROWS_AT_ONCE
    ) -> None:
        """Write a table to a file as `publish` does, for `put_in_place`.

        `rows_at_once` is how many rows the writer, and each reader, has in memory at once.
        """
        with explaining_full_disk(path.parent):
            _write(frame, path, metadata, rows_at_once)

    def write_empty(self, table: Table, path: Path, metadata: Mapping[str, str]) -> None:
        """Write a table without rows to a file: the bytes that `write` writes. Most versions have many such."""
        version = metadata[DATA_VERSION]
        others = tuple((name, value) for name, value in metadata.items() if name != DATA_VERSION)
        with explaining_full_disk(path.parent):
            path.write_bytes(
                _without_rows(table.name, len(version), others).replace(
                    _NO_VERSION[: len(version)].encode(), version.encode()
                )
            )

    def put_in_place(self, table: Table, path: Path, key: str | None = None) -> None:
        """Make a complete file, on the same disk, that of a table or of a partition of it."""
        target = self.path(table, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)

    def metadata(self, table: Table, key: str | None = None) -> dict[str, str]:
        """The metadata that `publish` stored with a table, such as its data version; {} where it is absent.

        A table that is damaged or has other columns counts as absent, because it will be rebuilt. Raises
        TableError for a damaged raw table, which cannot be rebuilt, and AccessError where a file cannot be opened.
        """
        return dict(self._metadata(table, key))

    def _metadata(self, table: Table, key: str | None) -> Mapping[str, str]:
        try:
            footer = self._footer(table, key)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (pl.exceptions.PolarsError, OSError) as error:
            problem = reading_error(self._stored(table, key), error)
            if table.stage == "raw" or isinstance(problem, AccessError):
                raise problem from error
            return {}
        is_readable = table.stage == "raw" or footer.is_declared or not differences(table, footer.columns)
        return footer.metadata if is_readable else {}

    def data_version(self, table: Table, key: str | None = None) -> str:
        """The version of the data of a stored table or partition; "" where it is absent, as in `metadata`."""
        return self._metadata(table, key).get(DATA_VERSION, "")

    def damage(self, tables: Iterable[Table]) -> Iterator[str]:
        """A sentence for each file of these tables, or of parts of them, that is damaged. Reads all to the end."""
        for table in tables:
            for key in [*self.keys(table), *sorted(self.parts(table))] if table.partition else [None]:
                try:
                    with open_file(self.path(table, key)) as file:
                        pl.scan_parquet(file, glob=False).collect()
                # What is not there, or is removed meanwhile, is not damaged.
                except FileNotFoundError:
                    continue
                except (pl.exceptions.PolarsError, OSError) as error:
                    yield str(reading_error(self._stored(table, key), error))

    def _stored(self, table: Table, key: str | None) -> StoredFile:
        return StoredFile(table, key, self.path(table, key), self.root.parent)

    def remove(self, table: Table, key: str | None = None) -> None:
        """Remove a table, or a partition of it, if it is stored."""
        self.path(table, key).unlink(missing_ok=True)
        self.findings_path(table, key).unlink(missing_ok=True)

    def parts(self, table: Table) -> list[str]:
        """The keys of the stored parts of versions, in any order."""
        names = (path.stem for path in (self.root / table.name).glob(".*-part-*.parquet"))
        return list(filter(is_part, (name.removeprefix(".") for name in names)))

    def remove_parts(self, table: Table, of: Callable[[str], bool]) -> None:
        """Remove the stored parts of versions for whose keys `of` is true."""
        for key in self.parts(table):
            if of(parse_part(key).version):
                self.path(table, key).unlink(missing_ok=True)

    def select_keys(self, table: Table, workflow: int | None, version: str | None) -> list[str]:
        """The stored partitions of a workflow and version, if named; pooled tables have no versions."""

        def wanted(key: str) -> bool:
            if table.partition == "workflow":
                return workflow in (None, int(key)) and version is None
            return parse_key(key).matches(workflow, version)

        return list(filter(wanted, self.keys(table)))

    def related_keys(self, table: Table, key: str | None) -> Sequence[str | None]:
        """The partitions of a table that belong to the partition `key` of another table (None: all of that table).

        [None] for a table without partitions; for a workflow its stored versions, for a version its workflow, for
        None all stored ones.
        """
        if not table.partition:
            return [None]
        if key is None:
            return self.keys(table)
        if is_key(key) == (table.partition == "workflow_version"):
            return [key]
        if is_key(key):
            return [str(parse_key(key).workflow_id)]
        return self.select_keys(table, int(key), None)


_NO_VERSION = "0" * 64


@functools.lru_cache(maxsize=1000)
def _without_rows(name: str, length: int, others: tuple[tuple[str, str], ...]) -> bytes:
    """The file of a table without rows, with zeros as its data version: the rest is the same for all versions."""
    file = io.BytesIO()
    _write(TABLES[name].empty().lazy(), file, {DATA_VERSION: _NO_VERSION[:length], **dict(others)}, ROWS_AT_ONCE)
    return file.getvalue()


def _write(frame: pl.LazyFrame, file: Path | io.BytesIO, metadata: Mapping[str, str], rows_at_once: int) -> None:
    frame.sink_parquet(
        file,
        compression=COMPRESSION,
        compression_level=COMPRESSION_LEVEL,
        row_group_size=rows_at_once,
        metadata=dict(sorted(metadata.items())),
    )


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from _files(entry.path)
                else:
                    yield entry.path, entry.stat(follow_symlinks=False)
    # What is removed while it is listed is gone.
    except (FileNotFoundError, NotADirectoryError):
        return


def table_named(name: str) -> Table:
    """The table of that name. Raises TableError with the nearest names for an unknown name."""
    if name in TABLES:
        return TABLES[name]
    near = difflib.get_close_matches(name, TABLES, n=3, cutoff=0.4)
    hint = f"; did you mean {' or '.join(near)}?" if near else f". Tables: {', '.join(TABLES)}."
    raise TableError(f"There is no table {name!r}{hint}")
