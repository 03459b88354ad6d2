"""A project in an object store, as a data folder that this process works in.

The store holds the truth: objects, and the pointer that names them (`zoo_dag.store.pointer`). A process that opens
the project gets a folder of its own, in which each file is a link to an object in the cache of this machine. What
it writes are files in place of links. `save` puts them into the store, and the pointer last: all of them or none.
So several processes, here or on other machines, never see each other's half-done work. A folder whose process was
killed is removed by the next one; what it did not save is as if it had not happened.

What people put there themselves is copied (`zoo_dag.store.own_files`).
"""

import atexit
import hashlib
import os
import re
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from zoo_dag.errors import BusyError
from zoo_dag.store.object_cache import OBJECTS, ObjectCache
from zoo_dag.store.object_store import StoreError, open_store
from zoo_dag.store.own_files import copy_own_files
from zoo_dag.store.pointer import EMPTY, Content, Pointer, merged
from zoo_dag.store.saved_project import SavedProject
from zoo_dag.store.working_files import DRAFT, remove_left_over, working

CACHE_VARIABLE = "ZOO_DAG_CACHE"
# What is saved of a data folder. The rest is of this machine, or of this process.
_SAVED_FOLDERS, _SAVED_FILE = ("tables", "reports"), "rebuilds.json"
_COPIES = "copies"
# A process may read, or save, for so long what it found at its start.
_KEPT = timedelta(days=1)
_CACHED_SECONDS = 3600


class WorkingCopy:
    """The folder `root` of this process for the project at an URL; `machine` is that of all its processes here."""

    def __init__(self, url: str, machine: Path) -> None:
        """Open the project. Raises StoreError where the store cannot be used."""
        self.url, self.machine = url, machine
        self._saved = SavedProject(open_store(url))
        self._cache = ObjectCache.make(machine, url)
        self._base = EMPTY
        self._lock, self._process = threading.RLock(), os.getpid()
        remove_left_over((machine / _COPIES).glob("*"))
        self._closing = ExitStack()
        self.root = self._closing.enter_context(working(machine / _COPIES / uuid.uuid4().hex))
        try:
            self.root.mkdir(mode=0o700)
            self.update()
            self._cache.keep_only(self._base.objects, time.time() - _CACHED_SECONDS)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the folder of this process; a fork of it, which ends earlier, leaves it."""
        if os.getpid() == self._process:
            self._closing.close()

    def update(self, given: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Follow what others saved; nothing while there is something to save.

        `given` are settings by section that are not in the store; the files that they name are.
        """
        with self._lock:
            if not self._changed():
                self._follow(self._saved.pointer())
                copy_own_files(self._saved.store, self.root, given)

    def bring_all(self) -> None:
        """Get all files that are not on this machine yet, several at a time."""
        self._cache.bring(self._base.objects)

    def save(self) -> None:
        """Put into the store what this process wrote and removed: all of it, or nothing.

        Raises BusyError where others changed the same since this process read it, and StoreError where the store
        cannot be used.
        """
        with self._lock:
            changed = self._changed()
            if changed:
                self._saved.require_conditions(self.machine / "writes_on_conditions")
                self._save(changed)

    def forget(self) -> None:
        """Save, and remove every other object, from the store and from this machine.

        Who opened the project before cannot save any more: its changes may name such an object.
        """
        with self._lock:
            self.save()
            self._follow(self._saved.forget())
            self._cache.keep_only(self._base.objects, time.time())

    def remove_unused(self) -> None:
        """Remove from the store, once a day, objects that are not in use any more, and those that never were."""
        marker = self.machine / "unused_objects_removed"
        if not marker.exists() or time.time() - marker.stat().st_mtime > _KEPT.total_seconds():
            self._saved.remove_others(_KEPT)
            marker.touch()

    def _follow(self, pointer: Pointer) -> None:
        """Make the folder what the pointer says."""
        before = self._base.files
        other = {path: content for path, content in pointer.files.items() if before.get(path) != content}
        # Only tables are read in a way that brings them.
        self._cache.bring(content.name for path, content in other.items() if not path.endswith(".parquet"))
        for path, content in other.items():
            self._cache.link(self.root / path, content.name)
        for path in before.keys() - pointer.files.keys():
            (self.root / path).unlink(missing_ok=True)
        self._base = pointer

    def _changed(self) -> dict[str, Path | None]:
        """The files that were written, and None for those that were removed."""
        there = dict(self._files())
        written: dict[str, Path | None] = {name: path for name, path in there.items() if not path.is_symlink()}
        return written | dict.fromkeys(self._base.files.keys() - there.keys())

    def _files(self) -> Iterator[tuple[str, Path]]:
        """The files that are saved, by their paths in the folder."""
        # A link to nothing is a file, too.
        if os.path.lexists(self.root / _SAVED_FILE):
            yield _SAVED_FILE, self.root / _SAVED_FILE
        for top in _SAVED_FOLDERS:
            for folder, _, names in os.walk(self.root / top):
                for name in names:
                    if not (DRAFT.fullmatch(name) or name.endswith((".lock", ".link"))):
                        path = Path(folder, name)
                        yield path.relative_to(self.root).as_posix(), path

    def _save(self, changed: Mapping[str, Path | None]) -> None:
        contents = {name: self._content(name, path) if path else None for name, path in changed.items()}
        new = {
            content.name: path
            for (name, path), content in zip(changed.items(), contents.values(), strict=True)
            if path and content and content != self._base.files.get(name)
        }
        self._cache.put(new.items())
        base = self._base
        try:
            pointer = self._saved.replace(lambda theirs: merged(base, contents, theirs, self.url))
        except BusyError:
            # Whoever tries again begins with what others saved.
            self._base = _without(base, changed)
            for path in filter(None, changed.values()):
                path.unlink()
            self.update()
            # The answer of a try may have been lost: then what others saved names some of them.
            self._remove_quietly(new.keys() - self._saved.pointer().objects)
            raise
        self._remove_quietly(new.keys() - pointer.objects)
        for name in new.keys() & pointer.objects:
            # Another name of the file: whoever reads it goes on.
            os.link(new[name], self._cache.path(name))
        self._base = _without(base, changed)
        self._follow(pointer)

    def _content(self, name: str, path: Path) -> Content:
        """The content of a file that was written: as it was before, or that of a new object."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        before = self._base.files.get(name)
        if before and before.sha256 == digest:
            return before
        return Content(f"{digest}-{uuid.uuid4().hex[:12]}", path.stat().st_size)

    def _remove_quietly(self, names: Iterable[str]) -> None:
        """Remove objects that nothing names. What cannot be removed now is removed as unused later."""
        with suppress(StoreError):
            self._saved.store.remove(f"{OBJECTS}/{name}" for name in names)


def address(root: Path) -> str:
    """What names a data folder: the URL of a working copy, the path of any other."""
    copy = copy_at(root)
    return copy.url if copy else str(root)


def _without(pointer: Pointer, paths: Iterable[str]) -> Pointer:
    return pointer._replace(files={path: pointer.files[path] for path in pointer.files.keys() - set(paths)})


_opened: dict[str, WorkingCopy] = {}
_opening = threading.Lock()


def open_copy(url: str) -> WorkingCopy:
    """The working copy of this process for the project at an URL, as the store is now.

    It is in the folder `$ZOO_DAG_CACHE`, else `zoo_dag` in the user's folder for caches. Raises StoreError where
    the store cannot be used.
    """
    url = url.rstrip("/")
    with _opening:
        if url in _opened:
            _opened[url].update()
        else:
            _opened[url] = WorkingCopy(url, _machine_folder(url))
        return _opened[url]


@atexit.register
def close_copies() -> None:
    """Remove the folders of the working copies of this process."""
    while _opened:
        _opened.popitem()[1].close()


def copy_at(root: Path) -> WorkingCopy | None:
    """The working copy in a folder; None for another folder."""
    return next((copy for copy in _opened.values() if copy.root == root), None)


def _machine_folder(url: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    top = Path(os.environ.get(CACHE_VARIABLE) or Path(home, "zoo_dag")).expanduser().absolute()
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return top / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', url.partition('://')[2])}-{digest}"
