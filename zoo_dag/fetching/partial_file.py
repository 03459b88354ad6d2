"""Downloads that are not complete yet: a later call goes on where one broke off.

They hold rows of volunteers: what nobody went on with for a while is removed.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from filelock import BaseFileLock, FileLock, Timeout

from zoo_dag.errors import FetchError

_PART, _DESCRIPTION, _LOCK = ".part", ".json", ".lock"


@dataclass(frozen=True)
class HostFile:
    """What a host says of a file: its bytes, its tag, and when it was stored, as the headers have it.

    A tag that promises only equal content is none.
    """

    total: int | None = None
    tag: str = ""
    stored: str = ""

    @property
    def validator(self) -> str:
        """What a host is asked by, whether it still has this file; "" where it cannot be asked."""
        return self.tag or self.stored


class PartialFile:
    """The first bytes of a file, in a folder, and beside them which file it is."""

    def __init__(self, folder: Path, name: str) -> None:
        """Nothing is read or written yet."""
        self.path = folder / f"{name}{_PART}"
        self._description = folder / f"{name}{_DESCRIPTION}"
        self._lock = folder / f"{name}{_LOCK}"

    @contextmanager
    def alone(self, wait_seconds: float, waiting: Callable[[], None]) -> Iterator[None]:
        """Exclude other processes that download the same; `waiting` is called where there is one.

        Raises FetchError where that has not ended after these seconds.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.touch()
        lock = FileLock(self._lock, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            _acquire(lock, wait_seconds)
        try:
            yield
        finally:
            self._lock.unlink(missing_ok=True)
            lock.release()

    def read(self) -> tuple[int, HostFile]:
        """How many bytes are there, and of which file; (0, HostFile()) where one cannot go on with them."""
        try:
            file = HostFile(**orjson.loads(self._description.read_bytes()))
            n_bytes = self.path.stat().st_size
            if file.total and n_bytes >= file.total:
                # It was complete, and not put in place: a host refuses to send a rest that is empty.
                n_bytes = file.total - 1
                os.truncate(self.path, n_bytes)
        except (OSError, TypeError, ValueError):
            return 0, HostFile()
        return (n_bytes, file) if file.validator else (0, HostFile())

    def begin(self, file: HostFile) -> None:
        """Begin with a file from its first byte."""
        self.path.write_bytes(b"")
        self._description.write_bytes(orjson.dumps(asdict(file)))

    def remove(self) -> None:
        """Remove the bytes, and what is beside them."""
        self.path.unlink(missing_ok=True)
        self._description.unlink(missing_ok=True)


def _acquire(lock: BaseFileLock, wait_seconds: float) -> None:
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise FetchError("another process is still downloading it. Wait until that has ended.") from None


def remove_old(folder: Path, hours: float) -> None:
    """Remove what nobody went on with for so many hours: the host hardly has the same file any more."""
    oldest = time.time() - hours * 3600
    changed: dict[Path, float] = {}
    for path in folder.glob("*"):
        # Another process may complete it at this moment.
        with suppress(FileNotFoundError):
            if path.suffix in (_PART, _DESCRIPTION, _LOCK):
                name = path.with_suffix("")
                changed[name] = max(path.lstat().st_mtime, changed.get(name, 0))
    for name, time_of_change in changed.items():
        if time_of_change < oldest:
            for suffix in (_PART, _DESCRIPTION, _LOCK):
                # What cannot be removed is no reason not to fetch.
                with suppress(OSError):
                    name.with_name(name.name + suffix).unlink()
