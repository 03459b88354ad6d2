"""Dagster's web server and its daemon, in this process.

`dagster dev` does the same with five processes, and its server cannot be asked to check requests. Here the only
other process is the one that loads the code location, starts runs, and ends by itself where this one is gone.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy as db
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from zoo_dag.dagster.assets.report import ADDRESS
from zoo_dag.dagster.pages.clock import follow_clock
from zoo_dag.dagster.pages.daemon import Daemon
from zoo_dag.dagster.pages.own_requests import OwnRequestsOnly
from zoo_dag.dagster.pages.settings_watch import SettingsWatch
from zoo_dag.errors import HistoryError, ZooDagError

_LOG_LEVEL = "warning"
_LOOK_SECONDS = 5
# Open pages hold a connection; nobody waits for them.
_LAST_ANSWERS_SECONDS = 5


def report_pages(folder: Path) -> Mount:
    """The reports in a folder, at their address; where one is not there, the answer is 404."""
    # In a working copy of an object store they are links.
    # Without the folder each answer would be an error of the server.
    folder.mkdir(parents=True, exist_ok=True)
    return Mount(ADDRESS, StaticFiles(directory=folder, follow_symlink=True))


class PagesServer:
    """The pages and the daemon of an instance, with definitions that follow the settings."""

    def __init__(self, settings: Path, reports: Path, update: Callable[[], None] = lambda: None) -> None:
        """Nothing runs yet; `settings` is the settings file, `reports` the folder of the asset `report`.

        `update` is called before they are looked at.
        """
        self._settings, self._reports, self._update = settings, reports, update
        self._server: uvicorn.Server | None = None
        self._stopped = threading.Event()
        self._failure: BaseException | None = None

    def stop(self) -> None:
        """End `run`, as soon as it can; may be called at any time, also by a handler of signals."""
        self._stopped.set()
        if self._server is not None:
            self._server.should_exit = True

    def run(
        self, instance: dg.DagsterInstance, workspace: Path, listening: socket.socket, names: Iterable[str]
    ) -> None:
        """Answer requests to a socket until the pages are stopped.

        `workspace` is the file that names the code location, `names` are the host names of the pages. Raises the
        error of the daemon that ended, and HistoryError where the folder of the history is gone.
        """
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
        instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=3600, max_overflow=20)
        target = WorkspaceFileTarget([str(workspace)])
        settings = SettingsWatch(self._settings, lambda: context.reload_workspace())  # noqa: PLW0108  (not there yet)
        with WorkspaceProcessContext(instance, target, code_server_log_level=_LOG_LEVEL) as context:
            app = create_app_from_workspace_process_context(context)
            # Before Dagster's own routes, of which one answers to every address.
            app.router.routes.insert(0, report_pages(self._reports))
            config = uvicorn.Config(
                OwnRequestsOnly(app, names),
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
            )
            self._server = uvicorn.Server(config)
            if not self._stopped.is_set():
                with self._daemon(context, settings):
                    self._server.run([listening])
        if self._failure is not None:
            raise self._failure

    @contextmanager
    def _daemon(self, context: WorkspaceProcessContext, settings: SettingsWatch) -> Iterator[None]:
        with Daemon(context) as daemon:
            watched = (daemon, context.instance, settings)
            watch = threading.Thread(target=self._watch, args=watched, daemon=True)
            watch.start()
            try:
                yield
            finally:
                self._stopped.set()
                watch.join()

    def _watch(self, daemon: Daemon, instance: dg.DagsterInstance, settings: SettingsWatch) -> None:
        """Stop everything where a part of the daemon ended, or its folder is gone.

        Pages that import nothing look as if they did.
        """
        home = Path(instance.root_directory)
        identity = _identity(home)
        while not self._stopped.wait(_LOOK_SECONDS):
            try:
                if _identity(home) != identity:
                    raise HistoryError(f"{home} was deleted, or its disk is gone.")
                self._follow_store()
                settings.look()
                daemon.look()
            except Exception as error:  # Dagster's is a bare Exception
                self._failure = error
                self.stop()
                return
            try:
                follow_clock(instance)
            except db.exc.DBAPIError as error:
                # The disk may have room again at the next look.
                logging.warning("The times of the sensors could not be compared with the clock: %s", error.orig)

    def _follow_store(self) -> None:
        try:
            self._update()
        except ZooDagError as error:
            # At the next look the store may answer, and what was replaced meanwhile is followed.
            logging.warning("%s", error)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one that has its name later; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
