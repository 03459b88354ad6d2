"""Dagster's history in SQLite files whose connections stay open.

Dagster opens an engine and a connection for every event that it writes, and closing the last connection to a file
copies its write-ahead log. In a run of a few rows this is most of the time. Here the engine of a file is kept, and
with it a connection. The files are those of Dagster's own storage, which can read them at any time.
"""

import os
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Self

import dagster as dg
import sqlalchemy as db
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from zoo_dag.dagster import table_revisions
from zoo_dag.store.working_files import remove_left_over, working

Handler = Callable[[dg.EventLogEntry, str], None]

# Each run has a file of its own; the pages read those of many runs.
_MOST_ENGINES = 16
# As long as Dagster's own storage waits for another process that writes.
_BUSY_SECONDS = 30
_CREATING = ".creating-"


class _Engines:
    """The engines of the files that were used last."""

    def __init__(self) -> None:
        self._engines: OrderedDict[str, db.Engine] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def connect(self, address: str) -> Iterator[db.Connection]:
        """A connection to a file, with a transaction that ends with it."""
        with self._engine(address).begin() as connection:
            yield connection

    def close(self, address: str) -> None:
        """Close the connections to a file."""
        with self._lock:
            engine = self._engines.pop(address, None)
        if engine is not None:
            engine.dispose()

    def dispose(self) -> None:
        """Close all connections."""
        with self._lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    def _engine(self, address: str) -> db.Engine:
        with self._lock:
            engine = self._engines.pop(address, None)
            if engine is None:
                engine = db.create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
                db.event.listen(engine, "connect", _write_without_waiting)
            self._engines[address] = engine
            if len(self._engines) > _MOST_ENGINES:
                self._engines.popitem(last=False)[1].dispose()
            return engine


def _write_without_waiting(connection: Any, _record: object) -> None:
    # With a write-ahead log, a loss of power can cost the last events, but damages nothing.
    connection.execute("PRAGMA synchronous=NORMAL")


class EventLogs(SqliteEventLogStorage):
    """Events: a file for each run, and one for all assets."""

    def __init__(self, base_dir: str) -> None:
        """Keep the events in the folder `base_dir`."""
        self._engines = _Engines()
        self._watcher = SqlPollingEventWatcher(self)
        self._tables: set[str] = set()
        self._migrated: set[str] = set()
        self._empty = b""
        self._columns: set[str] = set()
        _create_whole(Path(base_dir) / "index.db", SqliteEventLogStorage)
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        # The first connection to a file may create it; that is Dagster's own.
        if shard not in self._initialized_dbs and not self._is_copied(shard):
            file = Path(self.path_for_shard(shard))
            is_new = not file.exists()
            with table_revisions.read_once(), super()._connect(shard):
                pass
            # Where somebody else has it open, the tables are in its log.
            if is_new and not file.with_name(f"{file.name}-wal").exists():
                self._empty = file.read_bytes()
        with self._db_lock, self._engines.connect(self.conn_string_for_shard(shard)) as connection:
            yield connection

    def _is_copied(self, run_id: str) -> bool:
        """Create the file of a run as a copy of an empty one, where that of an earlier run was kept.

        Dagster creates all tables one by one, which takes as long as hundreds of events.
        """
        file = Path(self.path_for_shard(run_id))
        if not self._empty or file.exists():
            return False
        with working(file.parent / f"{_CREATING}{uuid.uuid4().hex}") as draft:
            draft.write_bytes(self._empty)
            try:
                # Another process may create it meanwhile, whose file is not replaced.
                os.link(draft, file)
            except OSError:
                return False
        self._initialized_dbs.add(run_id)
        return True

    def has_table(self, table_name: str) -> bool:
        """Whether the history has a table: for Dagster a new engine with each event, of an answer that stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def has_secondary_index(self, name: str) -> bool:
        """The same about what was migrated, which Dagster asks with each input of a step."""
        if name not in self._migrated and super().has_secondary_index(name):
            self._migrated.add(name)
        return name in self._migrated

    def _has_asset_key_col_on_connection(self, conn: db.Connection, column_name: str) -> bool:
        """The same about a column, which Dagster asks with each event."""
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    def delete_events(self, run_id: str) -> None:
        """Delete the events of a run, and what Dagster would leave: their empty file, and the results of checks.

        The newest result of a check stays: it is what the pages show.
        """
        super().delete_events(run_id)
        with self.index_connection() as connection:
            connection.execute(_superseded_checks(run_id))
        self._engines.close(self.conn_string_for_shard(run_id))
        self._initialized_dbs.discard(run_id)
        database = Path(self.path_for_shard(run_id))
        for file in (database, *(database.with_name(f"{database.name}-{kind}") for kind in ("wal", "shm"))):
            file.unlink(missing_ok=True)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store materializations or observations of an asset by one step: in one transaction of each file."""
        rows = [self._event_to_row(event) for event in events]
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(SqlEventLogStorageTable.insert(), rows)
        with self.index_connection() as connection:
            connection.execute(SqlEventLogStorageTable.insert(), rows)
            # Nobody else writes meanwhile, so that they follow each other.
            last = connection.execute(db.select(db.func.max(SqlEventLogStorageTable.c.id))).scalar_one()
            ids = range(last - len(rows) + 1, last + 1)
            self._store_asset_event_tags(connection, events, ids)
            # What Dagster keeps with the asset is the last event.
            self._store_asset_event(connection, events[-1], ids[-1])

    # Dagster's own watcher waits for changes of the file, and an open log does not change it.
    def watch(self, run_id: str, cursor: str | None, callback: Handler) -> None:
        """Call back for each new event of a run."""
        self._watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: str, handler: Handler) -> None:
        """Call back no more."""
        self._watcher.unwatch_run(run_id, handler)

    def wipe(self) -> None:
        """Delete all events."""
        self._engines.dispose()
        super().wipe()

    def dispose(self) -> None:
        """Close all connections."""
        self._watcher.close()
        self._engines.dispose()


def _superseded_checks(run_id: str) -> db.Delete:
    """Delete the results of the checks of a run after which there is a newer one of the same check."""
    checks, newer = AssetCheckExecutionsTable, AssetCheckExecutionsTable.alias("newer")
    is_superseded = db.exists().where(
        newer.c.asset_key == checks.c.asset_key,
        newer.c.check_name == checks.c.check_name,
        newer.c.partition.is_not_distinct_from(checks.c.partition),
        newer.c.id > checks.c.id,
    )
    return db.delete(checks).where(checks.c.run_id == run_id, is_superseded)


class _OneFile:
    """A storage that keeps the engine of its file."""

    _conn_string: str
    _file: ClassVar[str]

    # By folder, the address of a file that this process has opened before, and the file itself.
    _opened: ClassVar[dict[tuple[str, str], tuple[str, int]]] = {}

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines = _Engines()
        super().__init__(conn_string, inst_data)  # type: ignore[call-arg]  # of Dagster's storage

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """Open the file in a folder, and create it where there is none.

        Dagster compares the version of a file with its own each time, which is most of what a sensor costs that
        finds nothing to do. Here a process does so once for each file.
        """
        known = cls._opened.get((cls.__name__, base_dir))
        if known is not None and known[1] == _inode(known[0]):
            return cls(known[0], inst_data)
        _create_whole(Path(base_dir) / cls._file, super().from_local)  # type: ignore[misc]  # of Dagster's storage
        storage: Self = super().from_local(base_dir, inst_data)  # type: ignore[misc]
        cls._opened[cls.__name__, base_dir] = (storage._conn_string, _inode(storage._conn_string))
        return storage

    @contextmanager
    def connect(self) -> Iterator[db.Connection]:
        """A connection with a transaction."""
        with self._engines.connect(self._conn_string) as connection:
            yield connection

    def dispose(self) -> None:
        """Close all connections."""
        self._engines.dispose()


def _create_whole(file: Path, create: Callable[[str], Any]) -> None:
    """Let Dagster create a file in a folder beside, where there is none, and put it in place once it is whole.

    Dagster takes a file that a killed process left without all of its tables for whole.
    """
    if file.exists():
        return
    remove_left_over(file.parent.glob(f"{_CREATING}*"))
    with working(file.parent / f"{_CREATING}{uuid.uuid4().hex}") as folder:
        create(str(folder)).dispose()
        os.replace(folder / file.name, file)


def _inode(address: str) -> int:
    """The number of the file at an address; 0 where there is none."""
    try:
        return os.stat(db.make_url(address).database or "").st_ino
    except OSError:
        return 0


class Runs(_OneFile, SqliteRunStorage):
    """Runs and their tags."""

    _file = "runs.db"


class Schedules(_OneFile, SqliteScheduleStorage):
    """States and evaluations of schedules and sensors."""

    _file = "schedules.db"


class History(DagsterSqliteStorage):
    """The history in the folder `base_dir`, as `storage.custom` of `dagster.yaml`."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open the history, and create it where there is none."""
        # That of the class in between would open the history in Dagster's way.
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call]
        self.base_dir = base_dir
        self._inst_data = inst_data
        folder = Path(base_dir)
        with table_revisions.read_once():
            self._run_storage = Runs.from_local(str(folder / "history"))
            self._event_log_storage = EventLogs(str(folder / "history" / "runs"))
            self._schedule_storage = Schedules.from_local(str(folder / "schedules"))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "History":
        """Open the history that the configuration names."""
        return cls(inst_data=inst_data, **config_value)
