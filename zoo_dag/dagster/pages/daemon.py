"""Dagster's daemon, which starts runs and evaluates sensors, on a clock that may be set back."""

import logging
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.controller import DagsterDaemonController, create_daemons_from_instance

# Clocks are corrected by less all the time.
_TOLERANCE_SECONDS = 2


class Clock:
    """Tells whether somebody set the clock back, by one that nobody sets."""

    def __init__(self) -> None:
        """From now on."""
        self._ahead = _ahead()

    def was_set_back(self) -> bool:
        """Whether it was set back since the last call."""
        before, self._ahead = self._ahead, _ahead()
        return self._ahead < before - _TOLERANCE_SECONDS


def _ahead() -> float:
    return time.time() - time.monotonic()


class Daemon:
    """The parts of the daemon, from the `with` on to its end.

    They wait by the clock that people set. Where it is set back, they would do nothing until it shows the earlier
    time again, and begin again instead.
    """

    def __init__(self, context: WorkspaceProcessContext) -> None:
        """Nothing runs yet."""
        self._context = context
        self._clock = Clock()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Begin."""
        daemons = [
            self._running.enter_context(each) for each in create_daemons_from_instance(self._context.instance)
        ]
        self._controller = self._running.enter_context(DagsterDaemonController(self._context, daemons))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, as soon as each part can."""
        self._running.close()

    def look(self) -> None:
        """Begin again where the clock was set back. Raises Dagster's error where a part has ended."""
        if self._clock.was_set_back():
            logging.warning("The clock was set back: the daemon begins again.")
            self._running.close()
            self.__enter__()
        self._controller.check_daemon_threads()
