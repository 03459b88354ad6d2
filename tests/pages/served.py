"""`zoo-dag ui` as a separate process, and a browser for its pages."""

import http.client
import os
import pty
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_START_SECONDS = 120
_STOP_SECONDS = 60
_LOOK_SECONDS = 0.2
# A shell lets its background jobs ignore Ctrl+C; whoever starts the pages from a script starts them like this.
_IN_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")


class Pages:
    """The pages of a data folder, from the `with` on to its end."""

    def __init__(self, data: Path, *options: str) -> None:
        """Serve this data folder; `printed` is what the process writes on its terminal."""
        self.data, self.printed = data, ""
        self._options = options
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start the process; `wait_until_they_answer` waits for it."""
        self.start()
        return self

    def start(self) -> None:
        """Start the process, also again after it has ended."""
        command, environment = self._command(self.port), _environment()
        master, terminal = pty.openpty()
        self._process = subprocess.Popen(  # noqa: S603
            [*_IN_BACKGROUND, *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        Thread(target=self._read, args=(master,), daemon=True).start()

    def _read(self, master: int) -> None:
        # The terminal of a process that has ended is an error.
        with suppress(OSError), open(master, "rb", buffering=0) as terminal:
            while text := terminal.read(1000):
                self.printed += text.decode(errors="replace")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End whatever is left of the process and of those that it started."""
        while alive := self.processes():
            for process in alive:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        self._process.wait()

    def second(self, port: int) -> subprocess.CompletedProcess[str]:
        """The end of the same command at another port, while these pages are open."""
        return subprocess.run(  # noqa: S603
            self._command(port),
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_START_SECONDS,
        )

    def _command(self, port: int) -> list[str]:
        return [_zoo_dag(), "ui", "--data", str(self.data), "--port", str(port), *self._options]

    def wait_until_they_answer(self) -> None:
        """Wait for the first page. Raises TimeoutError or ChildProcessError with the end of the log."""
        self._wait(self._answers, _START_SECONDS, "the pages do not answer")

    def stop(self) -> None:
        """Stop as a service manager does, and wait until every process has ended. Raises TimeoutError."""
        self._process.terminate()
        self.wait_until_they_end()

    def wait_until_they_end(self) -> None:
        """Wait until every process has ended by itself. Raises TimeoutError."""
        self._wait(lambda: not self.processes(), _STOP_SECONDS, "there are processes left")

    @property
    def exit_code(self) -> int | None:
        """The exit code of the process; None while it is alive."""
        return self._process.poll()

    def processes(self) -> list[int]:
        """The ids of the processes of the pages that are alive."""
        self._process.poll()
        alive = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _parent, _group, session = status.read_text().rpartition(")")[2].split()[:4]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(session) == self._process.pid and state != "Z":
                alive.append(int(status.parent.name))
        return alive

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise ChildProcessError(f"zoo-dag ui ended with exit code {self._process.returncode}:\n{self._said()}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/server_info")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _wait(self, done: Callable[[], bool], seconds: float, problem: str) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"{problem} after {seconds} seconds. The end of the log:\n{self._said()}")
            time.sleep(_LOOK_SECONDS)

    def _said(self) -> str:
        log = self.data / "dagster_home" / "pages.log"
        return self.printed + (log.read_text(errors="replace")[-3000:] if log.is_file() else "")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "ZOO_DAG_DATA")}


def find_browser() -> str | None:
    """The Chromium or Chrome of this machine; Playwright's own is never downloaded."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def browser(program: str) -> Iterator["Browser"]:
    """A browser without a window, which does not ask for updates."""
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    quiet += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=quiet)
        try:
            yield opened
        finally:
            opened.close()


def _zoo_dag() -> str:
    return shutil.which("zoo-dag", path=sysconfig.get_path("scripts")) or "zoo-dag"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
