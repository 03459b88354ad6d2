"""Dagster's pages on a data folder: `zoo-dag ui`."""

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from zoo_dag.cli.terminal import Terminal
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.pages.own_requests import LOOPBACK_NAMES
from zoo_dag.dagster.pages.server import PagesServer
from zoo_dag.dagster.pages.workspace import workspace_file
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.errors import ZooDagError
from zoo_dag.settings.loading import SETTINGS_FILE
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.location import DATA_VARIABLE
from zoo_dag.tables import TABLES

_LOG = "pages.log"
_ADDRESS = "pages.address"


def serve(folder: DataFolder, host: str, port: int, names: Sequence[str], messages: Terminal) -> int:
    """Serve the pages, with the daemon that evaluates sensors and schedules, until they are stopped.

    `host` is the address where they listen; they are opened under this name, those of this machine, and `names`.
    On a terminal, what Dagster says goes into a file. Returns the exit code. Raises ZooDagError where the port is
    in use, and where the pages of this data folder are open already: a second daemon would do everything twice.
    """
    # Dagster is loaded. Garbage of answers that waits for a rarer search is 60 MiB, for as long as pages are open.
    gc.set_threshold(100_000, 50, 50)
    home, address = folder.dagster_home, f"http://{_in_address(host)}:{port}"
    home.mkdir(parents=True, exist_ok=True)
    _set_environment(folder)
    workspace = workspace_file(folder, is_first_start=not (home / _ADDRESS).exists())
    log = home / _LOG if sys.stderr.isatty() else None
    with (
        _listening(host, port) as listening,
        _only_pages(home, address),
        open_instance(folder, captures_output=True) as instance,
    ):
        for note in end_lost_runs(instance, Project(folder)):
            messages.say(f"Note: {note}")
        if not folder.tables.keys(TABLES["raw_classifications"]):
            messages.say(f"Note: nothing is imported into {folder.address} yet. Copy exports into {folder.inbox}.")
        if _in_address(host) not in LOOPBACK_NAMES:
            messages.say(
                "Note: the pages have no login. Whoever reaches this address can start and stop everything.",
            )
        messages.say(f"Dagster's pages: {address}/assets (stop with Ctrl+C)")
        if log is not None:
            messages.say(f"Their log: {log}")
        with nullcontext() if log is None else _written_to(log):
            server = PagesServer(folder.root / SETTINGS_FILE, folder.reports, folder.update)
            problem = _run(server, instance, workspace, listening, [*LOOPBACK_NAMES, _in_address(host), *names])
    if problem is None:
        return 0
    messages.say(f"The pages ended: {problem}")
    return 1


def _run(
    server: PagesServer,
    instance: dg.DagsterInstance,
    workspace: Path,
    listening: socket.socket,
    names: Sequence[str],
) -> str | None:
    """Serve until Ctrl+C or a service manager ends the pages: None. Else why they ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: server.stop())
    try:
        server.run(instance, workspace, listening, names)
    except ZooDagError as error:
        return str(error)
    except Exception as error:
        logging.exception("The pages ended.")
        return f"{type(error).__name__}. Why is in the log."
    return None


def _set_environment(folder: DataFolder) -> None:
    """What the process that loads the code location needs to know."""
    os.environ["DAGSTER_HOME"] = str(folder.dagster_home)
    os.environ[DATA_VARIABLE] = folder.address
    # Files in the current folder must not shadow Dagster's modules.
    os.environ["PYTHONSAFEPATH"] = "1"


@contextmanager
def _written_to(log: Path) -> Iterator[None]:
    """Let this process and those that it starts write into a file instead of on the terminal."""
    with log.open("wb") as file:
        terminal = {number: os.dup(number) for number in (1, 2)}
        try:
            for number in terminal:
                os.dup2(file.fileno(), number)
            yield
        finally:
            for number, before in terminal.items():
                os.dup2(before, number)
                os.close(before)


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listening(host: str, port: int) -> socket.socket:
    try:
        (family, *_, address) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror as error:
        raise ZooDagError(
            f"{host} is no address of this machine ({error.strerror}). Name another one with --host."
        ) from None
    except (OSError, OverflowError) as error:
        raise ZooDagError(
            f"Port {port} cannot be used ({_why(error)}). Name another one, such as --port {_another(port)}."
        ) from None


def _why(error: OSError | OverflowError) -> str:
    """The reason in the words of the system, without what Python adds."""
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 3001


@contextmanager
def _only_pages(home: Path, address: str) -> Iterator[None]:
    """Hold the lock of the pages. The system releases it when the process ends, however it ends."""
    there = home / _ADDRESS
    try:
        with FileLock(home / "pages.lock").acquire(timeout=0):
            there.write_text(address, encoding="utf-8")
            yield
    except Timeout:
        where = there.read_text(encoding="utf-8") if there.is_file() else "they are starting"
        raise ZooDagError(
            f"The pages of this data folder are open already: {where}. Stop them before you start them again."
        ) from None
