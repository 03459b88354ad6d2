"""Which processes execute runs, and which one imports, by Dagster's history in PostgreSQL: for any machine.

PostgreSQL holds a lock for a connection, and releases it when the connection ends: at once where the process is
killed, and soon where its machine is lost, since the server asks for a sign of life. Each process that executes
runs holds such a lock, and a thread of it writes the time into Dagster's own table of keys and values.

A process is gone if its lock is free and its last sign is old. A slow process, or one that was halted, has its
lock: it is alive however long it says nothing. After a restart of PostgreSQL no process has its lock, but takes it
again long before its last sign, or the restart, is old. All times are of the clock of the database.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar

from dagster._core.storage.runs import SqlRunStorage
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from zoo_dag.errors import BusyError, HistoryError

# A process says that it is alive every so many seconds, and may be gone after so many without.
_BEAT_SECONDS = 10
_LOST_SECONDS = 60
_ENTER_SECONDS = 60
_AGAIN_SECONDS = 1
_PREFIX = "zoo_dag/process/"
# A lost machine keeps its locks for 50 seconds. The server's own setting is often two hours.
_SIGNS_OF_LIFE = text(
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)
# Shared: a process that lost its connection takes the lock again before the server knows that it was lost.
_HOLD = text("SELECT pg_advisory_lock_shared(hashtextextended(:key, 0))")
_TRY = text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))")
_RELEASE = text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))")
_BEAT = text(
    "INSERT INTO kvs (key, value) VALUES (:key, extract(epoch FROM now())::text) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_IS_OLD = text(
    "SELECT extract(epoch FROM now() - greatest(to_timestamp(value::float), pg_postmaster_start_time())) "
    "> :seconds FROM kvs WHERE key = :key"
)
# A lock of the transaction ends with the statement.
_IS_FREE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
_KNOWN = text("SELECT key FROM kvs WHERE starts_with(key, :key)")
_REMOVE = text("DELETE FROM kvs WHERE key = :key")


class DatabaseLocks:
    """Locks in the database of a Dagster instance."""

    # The names of processes by their ids, which a fork has of its own, and by their databases.
    _entered: ClassVar[dict[tuple[int, str], str]] = {}

    def __init__(self, storage: SqlRunStorage) -> None:
        """Takes the run storage of the instance, which is in PostgreSQL."""
        self._storage = storage

    def enter(self) -> str:
        """Take the lock of this process, which is held until it ends, and return the name of the process.

        Raises HistoryError where the database does not answer.
        """
        # Dagster makes a new instance for each run.
        place = (os.getpid(), str(getattr(self._storage, "postgres_url", "")))
        if place not in self._entered:
            name, entered = f"{os.getpid()}-{uuid.uuid4().hex[:8]}", threading.Event()
            threading.Thread(target=self._live, args=(name, entered), daemon=True, name="sign of life").start()
            if not entered.wait(_ENTER_SECONDS):
                raise HistoryError("The database of Dagster's history does not answer. Try again when it does.")
            self._entered[place] = name
        return self._entered[place]

    def is_gone(self, process: str, host: str | None) -> bool:
        """Whether the process has ended, wherever it ran. One that is not known has, unless it holds its lock."""
        key = {"key": _PREFIX + process}
        with self._storage.connect() as connection:
            is_old = connection.scalar(_IS_OLD, {**key, "seconds": _LOST_SECONDS})
            return is_old is not False and bool(connection.scalar(_IS_FREE, key))

    def forget(self, in_use: Collection[str | None]) -> None:
        """Remove the signs of processes that are gone, except those named in `in_use`."""
        with self._storage.connect() as connection:
            known = [str(key).removeprefix(_PREFIX) for key in connection.scalars(_KNOWN, {"key": _PREFIX})]
            for process in known:
                if process not in in_use and self.is_gone(process, None):
                    connection.execute(_REMOVE, {"key": _PREFIX + process})

    @contextmanager
    def importing(self, name: str, wait: float, waiting: Callable[[], None]) -> Iterator[None]:
        """Exclude other imports of the project `name`.

        `waiting` is called where another one holds it. Raises BusyError after `wait` seconds. Where the connection
        is lost, so is the lock, and another import may begin: what both save is kept apart by the lock of their
        disk, or by the conditions of their object store.
        """
        with self._own_connection() as connection:
            key = f"zoo_dag/import/{name}"
            _acquire(connection, key, wait, waiting)
            try:
                yield
            finally:
                # The end of the connection releases it, too, but a moment later.
                with suppress(DBAPIError):
                    connection.execute(_RELEASE, {"key": key})

    @contextmanager
    def _own_connection(self) -> Iterator[Connection]:
        """A connection that really ends with the block, and its locks with it: one of a pool would go on."""
        with self._storage.connect() as connection:
            connection.detach()
            connection.execute(_SIGNS_OF_LIFE)
            yield connection

    def _live(self, name: str, entered: threading.Event) -> None:
        """Hold the lock, and say again and again that the process is alive."""
        from dagster_postgres.utils import DagsterPostgresException  # noqa: PLC0415  (an extra)

        key = {"key": _PREFIX + name}
        while True:
            try:
                with self._own_connection() as connection:
                    connection.execute(_HOLD, key)
                    while True:
                        connection.execute(_BEAT, key)
                        entered.set()
                        time.sleep(_BEAT_SECONDS)
            # The server may be back the next time; Dagster has an error of its own for one that does not answer.
            except (SQLAlchemyError, DagsterPostgresException):
                time.sleep(_AGAIN_SECONDS)


def _acquire(connection: Connection, key: str, wait: float, waiting: Callable[[], None]) -> None:
    end, is_waiting = time.monotonic() + wait, False
    while not connection.scalar(_TRY, {"key": key}):
        if time.monotonic() >= end:
            raise BusyError(
                f"An import on another machine was still running after {wait:.0f} seconds. Wait until it has "
                "ended, or stop it, and try again."
            )
        if not is_waiting:
            waiting()
        is_waiting = True
        time.sleep(_AGAIN_SECONDS / 4)
