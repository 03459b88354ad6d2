"""Dagster's history in PostgreSQL, which several machines share: how it is recognised, and connected to."""

from typing import Any
from weakref import WeakSet

import dagster as dg
from dagster._core.storage.runs import SqlRunStorage
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError

_keeping: WeakSet[dg.DagsterInstance] = WeakSet()


def storage_in_postgres(instance: dg.DagsterInstance) -> SqlRunStorage | None:
    """The run storage of an instance whose history is in PostgreSQL; None for any other."""
    storage = instance.run_storage
    is_in_postgres = type(storage).__module__.startswith("dagster_postgres.")
    return storage if is_in_postgres and isinstance(storage, SqlRunStorage) else None


def keep_connections(instance: dg.DagsterInstance) -> None:
    """Keep connections to PostgreSQL open, if the history is there: for each event Dagster would make another one.

    That is Dagster's own way of serving pages. A connection that has ended, as by a restart of PostgreSQL, is
    recognised before it is used, and replaced.
    """
    if instance in _keeping or storage_in_postgres(instance) is None:
        return
    _keeping.add(instance)
    instance.optimize_for_webserver(statement_timeout=0, pool_recycle=3600, max_overflow=20)
    storages: list[Any] = [instance.run_storage, instance.event_log_storage, instance.schedule_storage]
    # They have no public engine.
    for storage in storages:
        event.listen(storage._engine, "checkout", _require_alive)


def _require_alive(connection: Any, _record: object, _proxy: object) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        # SQLAlchemy makes another connection.
        raise DisconnectionError from error
