"""PostgreSQL and Redis on this machine, each on a port of its own; what they hold is lost after the tests."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

_START_SECONDS = 60


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _served(command: Sequence[str], port: int, user: str | None) -> Iterator[None]:
    """A server in a session of its own, which is ended with all of its processes."""
    server = subprocess.Popen(  # noqa: S603
        command, cwd="/", user=user, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, server)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


def _postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, which Debian puts into no path."""
    found = shutil.which("postgres")
    servers = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return servers[-1].parent if servers else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """PostgreSQL, and a function that makes an empty database and gives its URL for Dagster."""
    programs = _postgres_programs()
    if find_spec("dagster_postgres") is None or programs is None:
        pytest.skip("no PostgreSQL: its server or dagster-postgres is not installed")
    # It refuses to run as root.
    user = "postgres" if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)  # noqa: S103
        data = Path(top, "data")
        data.mkdir()
        if user:
            shutil.chown(data, user)
        making = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "--no-sync"]
        subprocess.run(making, cwd="/", user=user, check=True, capture_output=True)  # noqa: S603
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": "200"}
        options = [each for name, value in settings.items() for each in ("-c", f"{name}={value}")]
        serving = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(data), *options]
        with _served(serving, port, user):
            yield _Databases(port).new


class _Databases:
    """The databases of a server."""

    def __init__(self, port: int) -> None:
        self._port, self._number = port, 0

    def new(self) -> str:
        """Make an empty database."""
        import psycopg2

        end = time.monotonic() + _START_SECONDS
        self._number += 1
        name = f"zoo{self._number}"
        while True:
            try:
                connection = psycopg2.connect(
                    host="127.0.0.1", port=self._port, user="postgres", dbname="postgres"
                )
                break
            except psycopg2.OperationalError:
                # It listens before it answers.
                assert time.monotonic() < end
                time.sleep(0.05)
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
        return f"postgresql+psycopg2://postgres@127.0.0.1:{self._port}/{name}"


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The URL of Redis."""
    program = shutil.which("redis-server")
    if find_spec("dagster_celery") is None or find_spec("redis") is None or program is None:
        pytest.skip("no Redis: redis-server, redis or dagster-celery is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        with _served([program, *where, "--save", "", "--appendonly", "no"], port, None):
            yield f"redis://127.0.0.1:{port}/0"
