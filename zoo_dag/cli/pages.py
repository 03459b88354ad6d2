"""Dagster's pages on a data folder: `zoo-dag ui`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from filelock import FileLock, Timeout

from zoo_dag.cli.terminal import Terminal
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.runs.lost_runs import end_lost_runs
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.location import DATA_VARIABLE
from zoo_dag.tables import TABLES

_HOST = "127.0.0.1"
_LOG = "pages.log"


def serve(folder: DataFolder, port: int, messages: Terminal) -> int:
    """Serve the pages, with the daemon that evaluates sensors and schedules, until they are stopped.

    On a terminal, what Dagster says goes into a file. Returns the exit code. Raises ZooDagError where the port is
    in use, and where the pages of this data folder are open already: a second daemon would do everything twice.
    """
    home, address = folder.dagster_home, f"http://{_HOST}:{port}"
    home.mkdir(parents=True, exist_ok=True)
    _require_free(port)
    with _only_pages(home, address):
        with open_instance(folder) as instance:
            for note in end_lost_runs(instance, home):
                messages.say(f"Note: {note}")
        if not folder.tables.keys(TABLES["raw_classifications"]):
            messages.say(f"Note: nothing is imported into {folder.root} yet. Copy exports into {folder.inbox}.")
        messages.say(f"Dagster's pages: {address}/assets (stop with Ctrl+C)")
        if not sys.stderr.isatty():
            return _wait(_command(port), _environment(folder), None)
        messages.say(f"Their log: {home / _LOG}")
        with (home / _LOG).open("wb") as log:
            code = _wait(_command(port), _environment(folder), log)
    if code:
        messages.say(f"The pages ended with code {code}. Why is at the end of {home / _LOG}.")
    return code


def _command(port: int) -> list[str]:
    dagster = shutil.which("dagster", path=sysconfig.get_path("scripts")) or "dagster"
    return [dagster, "dev", "-w", str(workspace_file()), "-p", str(port), "-h", _HOST, "--log-level", "warning"]


def _environment(folder: DataFolder) -> dict[str, str]:
    home = {"DAGSTER_HOME": str(folder.dagster_home), DATA_VARIABLE: str(folder.root)}
    # Dagster recommends another command of its own, which needs a project of its own layout.
    quiet = ",".join(
        filter(None, [os.environ.get("PYTHONWARNINGS"), "ignore:Function `dev_command` is superseded"])
    )
    # Files in the current folder must not shadow Dagster's modules.
    return {**os.environ, **home, "PYTHONWARNINGS": quiet, "PYTHONSAFEPATH": "1"}


def _wait(command: list[str], environment: dict[str, str], log: IO[bytes] | None) -> int:
    """The exit code of a process; 0 where Ctrl+C or a service manager stopped it."""
    stopped = []
    # The terminal sends Ctrl+C to Dagster too, which ends its processes; a service manager may know only this one.
    with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:

        def stop(number: int, _frame: FrameType | None) -> None:
            stopped.append(number)
            if number != signal.SIGINT:
                process.terminate()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        code = process.wait()
    return 0 if stopped else code


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


@contextmanager
def _only_pages(home: Path, address: str) -> Iterator[None]:
    """Hold the lock of the pages. The system releases it when the process ends, however it ends."""
    there = home / "pages.address"
    try:
        with FileLock(home / "pages.lock").acquire(timeout=0):
            there.write_text(address, encoding="utf-8")
            yield
    except Timeout:
        where = there.read_text(encoding="utf-8") if there.is_file() else "they are starting"
        raise ZooDagError(
            f"The pages of this data folder are open already: {where}. Stop them before you start them again."
        ) from None
