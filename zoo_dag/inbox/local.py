"""The inbox: which of the files in it are new and completely written.

A file that is still being copied looks like a short export. It is therefore imported only once nothing of it
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
    """The inbox cannot be looked into."""


@dataclass(frozen=True, order=True)
class Entry:
    """A file of the inbox; `state` is a text that changes whenever the file does."""

    name: str
    state: str


@dataclass(frozen=True)
class Memory:
    """What is known of the inbox from one look to the next.

    `done` has by name the state of the files that were dealt with, `waiting` that of new files and since when they
    are in it, in seconds.
    """

    done: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> "Memory":
        """The memory that `text` keeps; none at the first look."""
        if not text:
            return cls()
        kept = json.loads(text)
        return cls(kept["done"], {name: (state, since) for name, (state, since) in kept["waiting"].items()})

    def __str__(self) -> str:
        """A text to keep the memory in."""
        return json.dumps({"done": self.done, "waiting": self.waiting}, sort_keys=True)


@dataclass(frozen=True)
class Decision:
    """What to do: files to import, or none and why; and what to remember."""

    ready: tuple[Entry, ...]
    reason: str
    memory: Memory


def look(inbox: Path) -> tuple[Entry, ...]:
    """The files of the inbox that may be exports. Raises InboxError where it cannot be read.

    A folder that cannot be read is not an empty folder: whoever asks must not conclude that nothing is there.
    """
    entries = []
    try:
        with os.scandir(inbox) as files:
            for file in files:
                if not may_be_export(file.name):
                    continue
                status = file.stat()
                if stat.S_ISREG(status.st_mode):
                    # A copy that keeps the time of the original still has a new time of change.
                    changed = max(status.st_mtime_ns, status.st_ctime_ns)
                    entries.append(Entry(file.name, f"{status.st_size}:{changed}"))
    except FileNotFoundError:
        if not inbox.parent.is_dir():
            raise InboxError(f"{inbox}: the folder around the inbox is gone. Is a disk not mounted?") from None
        return ()
    except OSError as error:
        raise InboxError(f"{inbox}: the inbox cannot be read ({error.strerror}).") from error
    return tuple(sorted(entries))


def may_be_export(name: str) -> bool:
    """Whether a file of this name is looked at. Hidden files are those that are still being written."""
    return not name.startswith(".") and name.lower().endswith(SUFFIXES)


def decide(entries: Sequence[Entry], memory: Memory, now: float, settle_seconds: float) -> Decision:
    """Which files to import now, the time in seconds.

    All new files are taken together, once none of them changed for `settle_seconds`: exports that were copied
    together belong together. Only the own clock counts, because that of a network disk may be another.
    """
    present = {entry.name: entry.state for entry in entries}
    done = {name: state for name, state in memory.done.items() if present.get(name) == state}
    new = tuple(entry for entry in entries if entry.name not in done)
    if not new:
        return Decision((), "nothing new in the inbox", Memory(done))
    waiting = {}
    for entry in new:
        state, since = memory.waiting.get(entry.name, ("", now))
        waiting[entry.name] = (entry.state, since if state == entry.state else now)
    moving = [name for name, (_, since) in waiting.items() if now - since < settle_seconds]
    if moving:
        return Decision((), f"waiting until it is complete: {', '.join(moving)}", Memory(done, waiting))
    return Decision(new, "", Memory(done | {entry.name: entry.state for entry in new}))
