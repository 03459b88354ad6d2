"""Dagster's history in PostgreSQL, which several machines share: how it is recognised, and connected to."""

from typing import Any
from weakref import WeakSet

import dagster as dg
from dagster._core.storage.runs import SqlRunStorage

_keeping: WeakSet[dg.DagsterInstance] = WeakSet()


def storage_in_postgres(instance: dg.DagsterInstance) -> SqlRunStorage | None:
    """The run storage of an instance whose history is in PostgreSQL; None for any other."""
    storage = instance.run_storage
    return storage if _is_in_postgres(storage) and isinstance(storage, SqlRunStorage) else None


def _is_in_postgres(storage: object) -> bool:
    return type(storage).__module__.startswith("dagster_postgres.")


def keep_connections(instance: dg.DagsterInstance) -> None:
    """Keep connections to PostgreSQL open, if the history is there: for each event Dagster would make several.

    One that has ended, as by a restart of PostgreSQL, is recognised before it is used, and replaced. Dagster's own
    `optimize_for_webserver` keeps one connection, which is not enough for one event, and does not look.
    """
    if instance in _keeping or storage_in_postgres(instance) is None:
        return
    from dagster_postgres.utils import create_pg_engine  # noqa: PLC0415  (an extra)

    _keeping.add(instance)
    storages: list[Any] = [instance.run_storage, instance.event_log_storage, instance.schedule_storage]
    # Each of them can be configured by itself.
    for storage in filter(_is_in_postgres, storages):
        storage._engine = create_pg_engine(
            storage.postgres_url,
            storage._token_provider,
            isolation_level="AUTOCOMMIT",
            pool_pre_ping=True,
            pool_recycle=3600,
        )
