"""Locks between processes, chosen by where Dagster's history is: on this machine, or in PostgreSQL for several."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import dagster as dg

from zoo_dag.dagster.database_locks import DatabaseLocks
from zoo_dag.dagster.file_locks import FileLocks
from zoo_dag.dagster.postgres import storage_in_postgres
from zoo_dag.dagster.project import Project


class Locks(Protocol):
    """Which processes are alive, and which one imports."""

    def enter(self) -> str:
        """Be known as alive until this process ends, however it ends; returns the name of the process."""

    def is_gone(self, process: str, host: str | None) -> bool:
        """Whether a process that entered has ended; `host` is the machine that it was on."""

    def forget(self, in_use: Collection[str | None]) -> None:
        """Remove what is recorded of processes that are gone, except those named in `in_use`."""

    def importing(self, name: str, wait: float, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Exclude imports of the project `name` on other machines. Raises BusyError after `wait` seconds."""


def locks_of(instance: dg.DagsterInstance, project: Project) -> Locks:
    """The locks of a project: in the database of the history where it is in PostgreSQL, else on files."""
    storage = storage_in_postgres(instance)
    return DatabaseLocks(storage) if storage else FileLocks(project.records)


@contextmanager
def import_lock(
    instance: dg.DagsterInstance,
    project: Project,
    wait: float = 600,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Exclude other imports into a project, as `DataFolder.import_lock`, and on all machines of its history."""
    others = locks_of(instance, project).importing(project.names.project, wait, waiting)
    with project.folder.import_lock(wait, waiting, others):
        yield
