"""Locks in PostgreSQL: another process is really halted, cut off and killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import create_engine, text

from zoo_dag.dagster import database_locks
from zoo_dag.dagster.locks import import_lock, locks_of
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.postgres import keep_connections
from zoo_dag.dagster.project import Project
from zoo_dag.errors import BusyError
from zoo_dag.store.data_folder import DataFolder

_PROCESS = """
import sys
from dagster_postgres import PostgresRunStorage
from zoo_dag.dagster import database_locks
database_locks._BEAT_SECONDS = 0.1
locks = database_locks.DatabaseLocks(PostgresRunStorage(sys.argv[1], should_autocreate_tables=False))
with locks.importing("birds", 0, print):
    print(locks.enter(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(postgres: Callable[[], str]) -> str:
    """An empty database."""
    return postgres()


@pytest.fixture
def instance(url: str) -> Iterator[dg.DagsterInstance]:
    """A history in PostgreSQL, as runs have it: its connections are kept."""
    with dg.instance_for_test(overrides={"storage": {"postgres": {"postgres_url": url}}}) as instance:
        keep_connections(instance)
        yield instance


@pytest.fixture
def process(instance: dg.DagsterInstance, url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process, which is known as alive and imports."""
    command = [sys.executable, "-c", _PROCESS, url]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    yield started
    started.kill()
    started.communicate()


@pytest.fixture
def ask(url: str) -> Iterator[Callable[[str], Sequence[Any]]]:
    """Execute a statement on a connection of its own, and get the first column."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda statement: [row[0] for row in connection.execute(text(statement)) if row]
    engine.dispose()


KNOWN = "SELECT split_part(key, '/', 3) FROM kvs WHERE key LIKE 'zoo_dag/%' ORDER BY 1"
HELD = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# As a restart of the server does.
CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_process_is_alive_until_it_is_killed_and_only_one_imports(
    instance: dg.DagsterInstance,
    process: subprocess.Popen[str],
    ask: Callable[[str], Sequence[Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    birds, whales = (Project(DataFolder(tmp_path / name), Names(name)) for name in ("birds", "whales"))
    locks, name = locks_of(instance, birds), process.stdout.readline().strip()
    assert name.startswith(f"{process.pid}-")
    assert not locks.is_gone(name, None)
    waited: list[str] = []
    with (
        pytest.raises(BusyError, match="another machine was still running after 0 seconds"),
        import_lock(instance, birds, 0.1, lambda: waited.append("waiting")),
    ):
        pass
    assert waited == ["waiting"]
    with import_lock(instance, whales, 0):
        with import_lock(instance, whales, 0):
            assert ask(HELD) == [2]
        assert ask(HELD) == [2]
    assert ask(HELD) == [1]

    with import_lock(instance, whales, 0):
        ask(CUT_OFF)
    # The connections that were kept are replaced, and the process was not lost: its last sign is not old.
    assert not locks.is_gone(name, None)
    assert instance.get_runs() == []
    monkeypatch.setattr(database_locks, "_LOST_SECONDS", -1)
    end = time.monotonic() + 60
    while locks.is_gone(name, None):
        assert time.monotonic() < end, "it did not take its lock again"
        time.sleep(0.1)
    process.send_signal(signal.SIGSTOP)
    ask("UPDATE kvs SET value = '0' RETURNING value")
    # It says nothing any more, but it is there, also where its last sign was removed, as one of a lost process.
    assert not locks.is_gone(name, None)
    ask(f"UPDATE kvs SET key = 'away' WHERE key LIKE '%/{name}' RETURNING key")  # noqa: S608
    assert not locks.is_gone(name, None)
    ask(f"UPDATE kvs SET key = 'zoo_dag/process/{name}' WHERE key = 'away' RETURNING key")  # noqa: S608

    own = locks.enter()
    assert own == locks.enter()
    process.kill()
    process.wait()
    assert [locks.is_gone(each, None) for each in (name, own, "never there")] == [True, False, True]
    monkeypatch.setattr(database_locks, "_LOST_SECONDS", 60)
    # The server was started a moment ago: what was before says nothing.
    assert not locks.is_gone(name, None)
    monkeypatch.setattr(database_locks, "_LOST_SECONDS", -1)
    locks.forget({name})
    assert ask(KNOWN) == sorted([name, own])
    locks.forget(set())
    assert ask(KNOWN) == [own]
    with import_lock(instance, birds, 0, lambda: waited.append("for nobody")):
        pass
    assert waited == ["waiting"]


def test_only_the_runs_of_a_history_may_be_in_postgresql(url: str) -> None:
    storage = {"module": "dagster_postgres.run_storage", "class": "PostgresRunStorage"}
    overrides = {"run_storage": {**storage, "config": {"postgres_url": url}}}
    with dg.instance_for_test(overrides=overrides) as instance:
        keep_connections(instance)
        assert instance.get_runs() == []
        assert list(instance.all_asset_keys()) == []
