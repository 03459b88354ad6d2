"""The local inbox: its new and completely written files.

A file that is still being copied looks like a short export. So new files are imported only once none of them has
changed for a while.
"""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zoo_dag.errors import ZooDagError
from zoo_dag.exports.files import SUFFIXES


class InboxError(ZooDagError):
    """The inbox cannot be read."""


@dataclass(frozen=True, order=True)
class InboxFile:
    """A file of the inbox; `stamp` is a text that changes with the file."""

    name: str
    stamp: str


@dataclass(frozen=True)
class InboxState:
    """The state that one evaluation of the inbox keeps for the next.

    `done` has the stamps of the files that were selected, by name; `waiting` those of new files, with the time
    since when they are unchanged, in seconds of a clock that nobody sets and that starts with the machine.
    """

    done: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> "InboxState":
        """The state from its text; empty at the first evaluation."""
        if not text:
            return cls()
        kept = json.loads(text)
        return cls(kept["done"], {name: (stamp, since) for name, (stamp, since) in kept["waiting"].items()})

    def __str__(self) -> str:
        """The state as a text, for `parse`."""
        return json.dumps({"done": self.done, "waiting": self.waiting}, sort_keys=True)


@dataclass(frozen=True)
class Selection:
    """The files to import now, or none and the reason; and the state for the next evaluation."""

    files: tuple[InboxFile, ...]
    reason: str
    state: InboxState


def make_inbox(inbox: Path) -> None:
    """Create the folder of the inbox where there is none, so that files can be copied into it.

    Raises InboxError where that is not possible, such as where a file is in its place.
    """
    try:
        inbox.mkdir(exist_ok=True)
    except FileExistsError:
        raise _no_folder(inbox) from None
    except FileNotFoundError:
        raise _no_parent(inbox) from None
    except OSError as error:
        raise InboxError(f"{inbox}: the inbox cannot be created ({error.strerror}).") from error


def list_files(inbox: Path) -> tuple[InboxFile, ...]:
    """The files of the inbox that may be exports, by name. Raises InboxError where it cannot be read.

    A folder that cannot be read is not an empty folder: its files must not count as removed.
    """
    files = []
    try:
        with os.scandir(inbox) as entries:
            for entry in entries:
                if not may_be_export(entry.name):
                    continue
                status = entry.stat()
                if stat.S_ISREG(status.st_mode):
                    # A copy that keeps the modification time of the original still has a new change time.
                    changed = max(status.st_mtime_ns, status.st_ctime_ns)
                    files.append(InboxFile(entry.name, f"{status.st_size}:{changed}"))
    except FileNotFoundError:
        if not inbox.parent.is_dir():
            raise _no_parent(inbox) from None
        return ()
    except NotADirectoryError:
        raise _no_folder(inbox) from None
    except OSError as error:
        raise InboxError(f"{inbox}: the inbox cannot be read ({error.strerror}).") from error
    return tuple(sorted(files))


def _no_folder(inbox: Path) -> InboxError:
    return InboxError(
        f"{inbox} is a file, and the inbox must be a folder: exports in it are not imported. Move the file "
        "elsewhere, create the folder, and copy the file into it."
    )


def _no_parent(inbox: Path) -> InboxError:
    return InboxError(f"{inbox}: the folder of the inbox does not exist. Is a disk not mounted?")


def may_be_export(name: str) -> bool:
    """Whether a file of this name may be an export. Hidden files are still being written."""
    return not name.startswith(".") and name.lower().endswith(SUFFIXES)


def select_complete(files: Sequence[InboxFile], state: InboxState, now: float, settle_seconds: float) -> Selection:
    """The new files, once all of them are completely written; `now` is the time in seconds, of a monotonic clock.

    New files are selected together, once none of them has changed for `settle_seconds`: exports that were copied
    together belong together. Only this machine's clock is used, because that of a network disk may differ. Where
    it shows an earlier time than before, the machine was started since, and the files wait from now on.
    """
    present = {file.name: file.stamp for file in files}
    done = {name: stamp for name, stamp in state.done.items() if present.get(name) == stamp}
    new = tuple(file for file in files if file.name not in done)
    if not new:
        return Selection((), "nothing new in the inbox", InboxState(done))
    waiting = {}
    for file in new:
        stamp, since = state.waiting.get(file.name, ("", now))
        waiting[file.name] = (file.stamp, min(since, now) if stamp == file.stamp else now)
    unsettled = [name for name, (_, since) in waiting.items() if now - since < settle_seconds]
    if unsettled:
        return Selection((), f"waiting until it is complete: {', '.join(unsettled)}", InboxState(done, waiting))
    return Selection(new, "", InboxState(done | {file.name: file.stamp for file in new}))
