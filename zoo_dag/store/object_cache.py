"""What this machine has of the objects of a store: a folder, which may be lost at any time.

Files of a working copy (`zoo_dag.store.working_copy`) are links into it. An object is brought when its file is
read for the first time, and the link then finds it.
"""

import os
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from zoo_dag.errors import TableError
from zoo_dag.store.object_store import ObjectStore, open_store

OBJECTS = "objects"
_URL = "url"
_REQUESTS_AT_ONCE = 8
_DRAFT_SECONDS = 3600
T = TypeVar("T")


@dataclass(frozen=True)
class ObjectCache:
    """The folder of this machine for the object store at an URL, which is written in the file `url`."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, url: str) -> "ObjectCache":
        """The cache for an URL in a folder, which is created."""
        (folder / OBJECTS).mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / _URL).write_text(url, encoding="utf-8")
        return cls(folder)

    @property
    def store(self) -> ObjectStore:
        """The object store."""
        return open_store((self.folder / _URL).read_text(encoding="utf-8"))

    def path(self, name: str) -> Path:
        """Where an object is, or would be."""
        return self.folder / OBJECTS / name

    def link(self, file: Path, name: str) -> None:
        """Make a file the content of an object, whether it was brought or not."""
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{uuid.uuid4().hex}.link")
        draft.symlink_to(self.path(name))
        os.replace(draft, file)

    def bring(self, names: Iterable[str]) -> None:
        """Get these objects from the store, unless they are here.

        Raises StoreError where the store cannot be used, and TableError where an object is damaged or gone.
        """
        _several_at_once(self._bring, [name for name in names if not self.path(name).exists()])

    def put(self, files: Iterable[tuple[str, Path]]) -> None:
        """Put files into the store, each as the object of this name. Raises StoreError."""
        store = self.store
        _several_at_once(lambda each: store.put(f"{OBJECTS}/{each[0]}", each[1]), list(files))

    def keep_only(self, names: Collection[str], before: float) -> None:
        """Remove all other objects from this machine that were brought before this time, in seconds."""
        for path in (self.folder / OBJECTS).iterdir():
            # Another process may be bringing it at this moment.
            latest = min(before, time.time() - _DRAFT_SECONDS) if path.name.startswith(".") else before
            with suppress(FileNotFoundError):
                if path.name not in names and path.stat().st_ctime < latest:
                    path.unlink()

    def _bring(self, name: str) -> None:
        draft = self.path(f".{uuid.uuid4().hex}")
        try:
            found = self.store.download(f"{OBJECTS}/{name}", draft)
            if found is None:
                raise TableError(
                    f"{self.store.url}: a file was replaced or forgotten while it was read. Run the command again."
                )
            if found != name.partition("-")[0]:
                raise TableError(
                    f"{self.store.url}: the object {OBJECTS}/{name} is damaged: it is not what was saved. "
                    "Restore it from a copy, or import the exports again into another prefix."
                )
            os.replace(draft, self.path(name))
        finally:
            draft.unlink(missing_ok=True)


def bring_linked(link: Path) -> None:
    """Get the object that a file of a working copy links to. Raises as `ObjectCache.bring`."""
    target = link.readlink()
    ObjectCache(target.parent.parent).bring([target.name])


def _several_at_once(request: Callable[[T], None], each: Sequence[T]) -> None:
    """Send requests, several at a time, and no further ones after one that failed."""
    with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as threads:
        sent = [threads.submit(request, one) for one in each]
        try:
            for future in sent:
                future.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
