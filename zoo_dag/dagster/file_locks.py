"""Which processes execute runs, by locks of the operating system: for the processes of one machine.

Each process holds a lock on a file of its own. The operating system releases a lock when its process ends, however
it ends: a free lock means that the process is gone. Process ids alone are not enough, because they are reused.
"""

import functools
import os
import socket
import uuid
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

_FOLDER = "processes"


@dataclass(frozen=True)
class FileLocks:
    """Locks on files in the folder `records`."""

    records: Path

    def enter(self) -> str:
        """Take the lock of this process, which is held until it ends, and return the name of the process."""
        return _lock_of_process(self.records, os.getpid())[0]

    def is_gone(self, process: str, host: str | None) -> bool:
        """Whether the process has ended. One that may live on another machine counts as alive."""
        file = self.records / _FOLDER / f"{Path(process).name}.lock"
        if not file.exists():
            # The file is removed only once the process is gone. Another machine may have another disk.
            return host == socket.gethostname()
        return _is_free(file)

    def forget(self, in_use: Collection[str | None]) -> None:
        """Remove the files of processes that are gone, except those named in `in_use`."""
        for file in (self.records / _FOLDER).glob("*.lock"):
            if file.stem not in in_use and _is_free(file):
                file.unlink(missing_ok=True)

    def importing(self, name: str, wait: float, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Nothing: the lock of the data folder excludes other imports."""
        return nullcontext()


@functools.cache
def _lock_of_process(records: Path, pid: int) -> tuple[str, FileLock]:
    name = f"{pid}-{uuid.uuid4().hex[:8]}"
    folder = records / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Held by the process, not by this thread, which may end earlier.
    lock = FileLock(folder / f"{name}.lock", thread_local=False)
    lock.acquire(timeout=10)
    return name, lock


def _is_free(file: Path) -> bool:
    lock = FileLock(file, thread_local=False)
    try:
        with lock.acquire(timeout=0):
            return True
    except Timeout:
        return False
