"""Files and folders that a process works on, and their removal where the process was killed: they hold rows.

Beside each lies a lock, taken before it is made and released after it is gone. The operating system releases the
lock of a process that ends, however it ends: what lies beside a free lock is left over.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

# The hidden name of a table, or of what belongs to it, that is being written.
DRAFT = re.compile(r"\..+\.[0-9a-f]{32}\.(?:parquet|json)(?:\.lock)?")
_LOCK = ".lock"
_TEMPORARY, _ROWS = "zoo-dag-check-", "rows"
# Versions before this one took no locks. None of their runs takes as long.
_UNLOCKED_SECONDS = 86_400


@contextmanager
def working(path: Path) -> Iterator[Path]:
    """A path for a file or a folder that only this process works on; removed at the end, if it is still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # This raises where no file can be made. The lock itself would wait, for some such places say "no such folder".
    _lock_of(path).touch()
    with FileLock(_lock_of(path), thread_local=False):
        try:
            yield path
        finally:
            _remove(path)
            _lock_of(path).unlink(missing_ok=True)


def remove_left_over(paths: Iterable[Path]) -> list[Path]:
    """Remove those working files and folders whose process is gone, and return them.

    The paths may be those of their locks, too: some have nothing beside them any more.
    """
    each = dict.fromkeys(path.with_name(path.name.removesuffix(_LOCK)) for path in paths)
    return [path for path in each if _is_left_over(path)]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder, which other users cannot read, in the system's folder for temporary files; removed at the end.

    What killed processes of this user left there is removed first.
    """
    remove_left_over_temporary()
    made = Path(tempfile.mkdtemp(prefix=_TEMPORARY))
    try:
        # The lock lies inside, where nobody else can put another file in its place.
        with working(made / _ROWS) as folder:
            folder.mkdir()
            yield folder
    finally:
        made.rmdir()


def remove_left_over_temporary() -> list[Path]:
    """Remove the temporary folders of this user's killed processes, and return them."""
    left_over = []
    for path in Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}*"):
        # Somebody else may end at this moment, or remove the same.
        with suppress(OSError):
            if _is_of_this_user(path) and remove_left_over([path / _ROWS]):
                left_over.append(path)
                path.rmdir()
    return left_over


def _is_of_this_user(folder: Path) -> bool:
    # Windows has a folder for temporary files for each user.
    return not folder.is_symlink() and (os.name != "posix" or folder.stat().st_uid == os.getuid())


def _is_left_over(path: Path) -> bool:
    """Whether it was there and nobody worked on it; then it is gone."""
    lock = _lock_of(path)
    # Somebody else may end at this moment, or remove the same.
    with suppress(OSError, Timeout):
        if not lock.exists():
            return time.time() - path.stat().st_mtime > _UNLOCKED_SECONDS and _remove(path)
        with FileLock(lock, thread_local=False).acquire(timeout=0):
            was_there = _remove(path)
            lock.unlink(missing_ok=True)
            return was_there
    return False


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{_LOCK}")


def _remove(path: Path) -> bool:
    """Remove a file or a folder; whether it was there."""
    was_there = path.exists()
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return was_there
