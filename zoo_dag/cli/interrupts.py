"""Ctrl+C: a command ends with a sentence and code 130, and nothing that it has built is lost."""

import logging
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from zoo_dag.wording.printable import printable

CODE = 130
# The same command goes on where these were stopped.
_GOING_ON = ("run", "demo", "fetch")
_STDERR = 2
_CLEAR_LINE_AND_SHOW_CURSOR = "\r\x1b[2K\x1b[?25h"


def sentence() -> str:
    """What a stopped command says."""
    if sys.argv[1:2] and sys.argv[1] in _GOING_ON:
        return f"Stopped. To go on: {printable(shlex.join(['zoo-dag', *sys.argv[1:]]))}"
    return "Stopped."


def end_at_interrupt() -> None:
    """End the process at once at Ctrl+C. An exception would not do: it breaks libraries that are being loaded."""
    signal.signal(signal.SIGINT, _end)


@contextmanager
def raising_interrupts() -> Iterator[None]:
    """Let Ctrl+C raise KeyboardInterrupt while there is something to put in order, such as locks and files.

    A library that it meets while it closes something would log it as an error: nothing is logged after it.
    """
    before, disabled = signal.signal(signal.SIGINT, _raise), logging.root.manager.disable
    try:
        yield
    finally:
        logging.disable(disabled)
        signal.signal(signal.SIGINT, before)


def _raise(number: int, frame: FrameType | None) -> None:
    logging.disable(logging.CRITICAL)
    signal.default_int_handler(number, frame)


def _end(_number: int, _frame: FrameType | None) -> None:
    # A progress bar takes what is written to sys.stderr, is drawn again below it, and leaves the cursor hidden.
    before = _CLEAR_LINE_AND_SHOW_CURSOR if os.isatty(_STDERR) else ""
    with suppress(OSError):
        os.write(_STDERR, f"{before}{sentence()}\n".encode())
    os._exit(CODE)
