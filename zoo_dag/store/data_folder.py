"""The data folder of a project: tables, inbox, settings, Dagster's folder, and room for temporary files."""

import os
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
from filelock import BaseFileLock, FileLock, Timeout

from zoo_dag.errors import BusyError, SettingsError, ZooDagError
from zoo_dag.exports.imports import RawTables
from zoo_dag.exports.limits import Limits
from zoo_dag.exports.reads import Reads, quarantine_part
from zoo_dag.settings.loading import SETTINGS_FILE, Settings, load_or_default, load_settings
from zoo_dag.store.location import find_root
from zoo_dag.store.pseudonyms import KEY_FILE
from zoo_dag.store.publication import finish
from zoo_dag.store.raw_versions import raw_metadata
from zoo_dag.store.table_files import TableFiles
from zoo_dag.store.working_copy import WorkingCopy, address, copy_at
from zoo_dag.store.working_files import remove_left_over, working
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import LAYOUTS
from zoo_dag.tables.row_count import row_count


@dataclass(frozen=True)
class DataFolder:
    """The data of one project: on disk, or in an object store, of which `root` is a working copy then.

    `given` are its settings where they are not those of `zoo_dag.toml`.
    """

    root: Path
    given: Settings | None = None

    @classmethod
    def find(cls, data: str | os.PathLike[str] | None = None) -> "DataFolder":
        """The folder or the URL `data`, else `$ZOO_DAG_DATA`, else `./zoo_data`. Raises as `find_root`."""
        return cls(find_root(data))

    @property
    def copy(self) -> WorkingCopy | None:
        """The working copy of the object store that the project is in; None for a folder on a disk."""
        return copy_at(self.root)

    @property
    def address(self) -> str:
        """What to name with `--data`: the path of the folder, or the URL."""
        return address(self.root)

    @property
    def machine(self) -> Path:
        """The folder for what is of this machine: the data folder itself, unless it is in an object store."""
        return self.copy.machine if self.copy else self.root

    def save(self) -> None:
        """Save in the object store, if there is one, what this process changed.

        Raises BusyError where other processes changed the same, and StoreError where the store cannot be used.
        """
        if self.copy:
            self.copy.save()

    def update(self) -> None:
        """Follow what other processes saved in the object store, if there is one."""
        if self.copy:
            self.copy.update(self.given.model_dump(mode="json") if self.given else {})

    def bring_all(self) -> None:
        """Have all files on this machine."""
        if self.copy:
            self.copy.bring_all()

    def forget_what_was(self) -> None:
        """Remove from the object store, if there is one, and from this machine, what the tables were before."""
        if self.copy:
            self.copy.forget()

    def prepare(self) -> None:
        """Create the folder where there is none. Raises ZooDagError where it cannot be, or cannot be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except (FileExistsError, NotADirectoryError):
            raise ZooDagError(
                f"{self.root}: a file is in place of the data folder, or of one above it. Name another folder "
                "with --data."
            ) from None
        except OSError as error:
            raise ZooDagError(
                f"{self.root}: the data folder cannot be written ({error.strerror}). Change its permissions, or "
                "name another folder with --data."
            ) from None

    @property
    def tables(self) -> TableFiles:
        """The stored tables."""
        return TableFiles(self.root / "tables")

    @cached_property
    def settings(self) -> Settings:
        """The given settings, else those of `zoo_dag.toml`, or the defaults.

        Raises SettingsError where the file has a problem, or is there although settings are given.
        """
        if self.given is None:
            try:
                return load_settings(self.root)
            except SettingsError as error:
                raise self._addressed(error) from None
        if self._settings_file.exists():
            raise SettingsError(
                f"{self.address}/{SETTINGS_FILE}: the definitions of this project on Dagster give settings too. "
                "Move all settings to one of the two places."
            )
        return self.given

    def settings_or_default(self) -> tuple[Settings, SettingsError | None]:
        """The settings and None; where they have a problem, what can be read of them, and the problem."""
        if self.given is None:
            settings, problem = load_or_default(self.root)
            return settings, problem and self._addressed(problem)
        try:
            return self.settings, None
        except SettingsError as error:
            return self.given, error

    def _addressed(self, error: SettingsError) -> SettingsError:
        """The error of a file in an object store, which is the one to mend, and not its copy here."""
        return SettingsError(str(error).replace(str(self.root), self.address))

    def settings_changed_since(self, time: float) -> bool:
        """Whether the settings file was changed or removed after a time, or may have been."""
        if self.given is not None:
            return False
        return self.is_changed_since(self._settings_file, time)

    def is_changed_since(self, path: Path, time: float) -> bool:
        """Whether a file in this folder was written, put in place or removed after a time, in seconds."""
        if not path.exists():
            return True
        stat = path.stat()
        # What is in an object store comes to this machine later, with the time at which it was put there.
        return (stat.st_mtime if self.copy else stat.st_ctime) > time

    @property
    def _settings_file(self) -> Path:
        return self.root / SETTINGS_FILE

    @property
    def limits(self) -> Limits:
        """How large exports may be; they are unpacked in this folder."""
        return Limits(self.settings.importing, self.root)

    @property
    def inbox(self) -> Path:
        """Where the raw assets read exports from when the run's config names none."""
        return self.machine / self.settings.importing.inbox

    @property
    def downloads(self) -> Path:
        """What fetches that broke off have of exports, for the next one to go on with."""
        return self.machine / "downloads"

    @property
    def reports(self) -> Path:
        """Where the asset `report` writes."""
        return self.root / "reports"

    def report(self, workflow_id: int) -> Path:
        """The report of a workflow, whether it is there or not."""
        return self.reports / f"{workflow_id}.html"

    def pseudonyms_key(self, named: Path | None) -> Path:
        """The file with the key of the pseudonyms: the one that is named, else that of the data folder.

        Raises ZooDagError for an object store, where it would be beside what it protects, and lost with a cache.
        """
        if named is None and self.copy:
            raise ZooDagError(
                f"{self.address}: with an object store, name the file with the key: --pseudonym-key FILE. "
                "Keep it: another key gives other pseudonyms."
            )
        return named or self.root / KEY_FILE

    @property
    def dagster_home(self) -> Path:
        """Dagster's folder: `$DAGSTER_HOME`, else one inside the data folder of this machine."""
        return Path(os.environ.get("DAGSTER_HOME") or self.machine / "dagster_home").absolute()

    @property
    def history_lock(self) -> Path:
        """The lock for opening Dagster's history. It lies in the history, so that both are lost together."""
        return self.dagster_home / "history" / "opening.lock"

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A new folder for temporary files on the disk of the tables; removed at the end."""
        with working(self.root / "staging" / uuid.uuid4().hex) as folder:
            folder.mkdir()
            yield folder

    def remove_left_over(self) -> list[Path]:
        """Remove what killed processes were working on, and return it: they hold rows of volunteers."""
        if self.copy:
            self.copy.remove_unused()
        return remove_left_over([*(self.root / "staging").glob("*"), *self.tables.drafts()])

    @contextmanager
    def import_lock(
        self,
        wait: float = 600,
        waiting: Callable[[], None] = lambda: None,
        others: AbstractContextManager[None] | None = None,
    ) -> Iterator[None]:
        """Exclude other imports into this folder, on this machine or another one that shares the disk.

        What a killed import did not put in place is put there first. A process may hold the lock several times.
        `waiting` is called where another one holds it. Raises BusyError after `wait` seconds.

        `others`, entered once this lock is held, excludes machines that do not share the disk. What is in the
        block is saved in the object store, if there is one, at its end, unless other machines changed the same:
        BusyError too.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.machine / "import.lock", is_singleton=True)
        try:
            _acquire(lock, wait, waiting)
        except Timeout as error:
            raise BusyError(
                f"{self.address}: another import was still running after {wait:.0f} seconds. Wait until it has "
                "ended, or stop it, and try again."
            ) from error
        is_first = lock.lock_counter == 1
        try:
            with (is_first and others) or nullcontext():
                finish(self.tables)
                self.update()
                self.bring_all()
                yield
                self.save()
        finally:
            lock.release()

    def raw_tables(self) -> RawTables:
        """The raw tables as they are stored, for an import to merge with."""
        files = self.tables
        raw = TABLES["raw_classifications"]
        return RawTables(
            classifications={key: files.path(raw, key) for key in files.keys(raw)},
            subjects=self._path("raw_subjects"),
            workflows=self._path("raw_workflows"),
            reads=self.reads(),
            quarantine=self._read("raw_quarantine"),
            imports=self._read("imports"),
            forgotten=self.forgotten(),
        )

    def forgotten(self) -> pl.DataFrame:
        """The table `forgotten`; empty where nothing was forgotten."""
        return self._read("forgotten")

    def reads(self) -> dict[str, Reads]:
        """What was read into each stored part of the raw tables, from the metadata of their files."""
        files, raw = self.tables, TABLES["raw_classifications"]
        reads = {}
        for key in files.keys(raw):
            metadata = files.metadata(raw, key)
            reads[key] = Reads.of(metadata, int(metadata["n_rows"]))
        return reads | self.reads_of_all_workflows()

    def reads_of_all_workflows(self) -> dict[str, Reads]:
        """What was read into the raw tables of all workflows together, by part."""
        files, reads = self.tables, {}
        for kind in ("subjects", "workflows"):
            table = TABLES[f"raw_{kind}"]
            if files.exists(table):
                reads[kind] = Reads.of(files.metadata(table), row_count(files.scan(table)))
        rejected, table = self._read("raw_quarantine")["kind"], TABLES["raw_quarantine"]
        if files.exists(table):
            for kind in LAYOUTS:
                reads[quarantine_part(kind)] = Reads.of(files.metadata(table), int((rejected == kind).sum()), kind)
        return reads

    def versions(self) -> list[str]:
        """The keys of the workflow versions that have rows, in order; also those whose raw file is damaged."""
        return [key for key, metadata in raw_metadata(self.tables).items() if metadata.get("n_rows") != "0"]

    def raw_bytes(self, keys: Iterable[str]) -> dict[str, int]:
        """The size of the raw file of each workflow version; none for a file that is missing."""
        paths = {key: self.tables.path(TABLES["raw_classifications"], key) for key in keys}
        return {key: path.stat().st_size for key, path in paths.items() if path.exists()}

    def _path(self, name: str) -> Path | None:
        table = TABLES[name]
        return self.tables.path(table) if self.tables.exists(table) else None

    def _read(self, name: str) -> pl.DataFrame:
        table = TABLES[name]
        return self.tables.scan(table).collect() if self.tables.exists(table) else table.empty()


def _acquire(lock: BaseFileLock, wait: float, waiting: Callable[[], None]) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire(timeout=wait)
