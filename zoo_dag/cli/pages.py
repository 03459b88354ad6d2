"""Dagster's pages on a data folder: `zoo-dag ui`."""

import fcntl
import os
import shutil
import signal
import socket
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.location import DATA_VARIABLE
from zoo_dag.tables import TABLES

_HOST = "127.0.0.1"
_LOG = "pages.log"


def serve(folder: DataFolder, port: int, messages: Console) -> NoReturn:
    """Become the process of the pages, with the daemon that evaluates sensors and schedules.

    On a terminal, what Dagster says goes into a file. Raises ZooDagError where the port is in use, and where the
    pages of this data folder are open already: a second daemon would do everything a second time.
    """
    home, address = folder.dagster_home, f"http://{_HOST}:{port}"
    home.mkdir(parents=True, exist_ok=True)
    _require_free(port)
    _lock(home, address)
    with open_instance(folder) as instance:
        for note in end_lost_runs(instance, home):
            messages.print(f"Note: {note}", markup=False, highlight=False)
    if not folder.tables.keys(TABLES["raw_classifications"]):
        messages.print(
            f"Note: nothing is imported into {folder.root} yet. Copy exports into {folder.inbox}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    messages.print(f"Dagster's pages: {address}/assets (stop with Ctrl+C)", highlight=False, soft_wrap=True)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ[DATA_VARIABLE] = str(folder.root)
    # Files in the current folder must not shadow Dagster's modules.
    os.environ["PYTHONSAFEPATH"] = "1"
    # A process that a shell started in the background ignores Ctrl+C, and Dagster could not be stopped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stderr.isatty():
        messages.print(f"Their log: {home / _LOG}", markup=False, highlight=False, soft_wrap=True)
        _write_into(home / _LOG)
    dagster = shutil.which("dagster", path=sysconfig.get_path("scripts")) or "dagster"
    levels = ("--log-level", "warning")
    os.execv(dagster, [dagster, "dev", "-w", str(workspace_file()), "-p", str(port), "-h", _HOST, *levels])


def workspace_file() -> Path:
    """The workspace.yaml that names the code location: of the source tree, else the installed copy."""
    source = Path(__file__).parents[2] / "workspace.yaml"
    return source if source.is_file() else Path(sysconfig.get_path("data")) / "share/zoo_dag/workspace.yaml"


def _require_free(port: int) -> None:
    with socket.socket() as test:
        # As the pages do: a port that was in use a moment ago is free.
        test.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            test.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            raise ZooDagError(
                f"Port {port} cannot be used ({error}). Name another one, such as --port {_another(port)}."
            ) from None


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 3001


def _lock(home: Path, address: str) -> None:
    """Hold the lock of the pages for as long as the process lives: Dagster's command inherits the open file."""
    lock = os.open(home / "pages.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        there = os.read(lock, 200).decode(errors="replace").strip()
        raise ZooDagError(
            f"The pages of this data folder are open already: {there or 'they are starting'}. Stop them before "
            "you start them again."
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, f"{address}\n".encode())
    os.set_inheritable(lock, True)


def _write_into(file: Path) -> None:
    """Send all further output of the process into a file."""
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(log, stream.fileno())
