"""The saved state of a project in an object store: the pointer, and its replacement by one writer at a time."""

import random
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

from zoo_dag.errors import BusyError
from zoo_dag.store.object_cache import OBJECTS
from zoo_dag.store.object_store import ObjectStore, State, StoreError, UnchangedError
from zoo_dag.store.pointer import EMPTY, POINTER, Pointer, parse_pointer

_MOST_TRIES = 50
_MOST_ERRORS = 3


@dataclass
class SavedProject:
    """The project at the URL of a store. Its methods raise StoreError where the store cannot be used."""

    store: ObjectStore
    # The pointer that was read or written last, and its state; None where others have replaced it.
    _known: tuple[Pointer, State | None] | None = None

    def pointer(self) -> Pointer:
        """The newest pointer; the empty one where nothing was saved."""
        return self._read()[0]

    def _read(self) -> tuple[Pointer, State | None]:
        known = self._known
        try:
            found = self.store.get(POINTER, known[1] if known else None)
        except UnchangedError:
            return known or (EMPTY, None)
        self._known = (parse_pointer(found.content, self.store.url), found.state) if found else (EMPTY, None)
        return self._known

    def replace(self, change: Callable[[Pointer], Pointer]) -> Pointer:
        """Replace the newest pointer by what `change` makes of it, which is called again where others were faster.

        A try whose answer was lost is seen by the next one, for which there is nothing left to change.
        """
        errors = 0
        for number in range(_MOST_TRIES):
            newest, state = self._known or self._read()
            wanted, self._known = change(newest), None
            if wanted == newest:
                return newest
            try:
                if written := self.store.replace(POINTER, wanted.to_json(), state):
                    self._known = wanted, written
                    return wanted
                errors = 0
            except StoreError:
                errors += 1
                if errors == _MOST_ERRORS:
                    raise
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**number)))  # noqa: S311  (no secret)
        raise BusyError(
            f"{self.store.url}: other processes save all the time. Run the command again when fewer are running."
        )

    def forget(self) -> Pointer:
        """Remove all objects that the pointer does not name, and return it.

        Who opened the project before cannot save any more: its changes may name such an object.
        """
        # Stores give times in whole seconds: an object may seem to be as new as the pointer.
        before = [each.name for each in self.store.objects(OBJECTS)]
        pointer = self.replace(_forgotten)
        self._remove(before, pointer)
        self.remove_others(timedelta())
        return pointer

    def remove_others(self, age: timedelta) -> None:
        """Remove the objects that are older than the pointer, by this much, and that it does not name."""
        # The listing comes first: what is put after it is not in it.
        listed = list(self.store.objects(OBJECTS))
        found = self.store.get(POINTER)
        if found is not None:
            old = [each.name for each in listed if each.written < found.written - age]
            self._remove(old, parse_pointer(found.content, self.store.url))

    def _remove(self, names: Iterable[str], pointer: Pointer) -> None:
        """Remove those of these objects that the pointer does not name."""
        self.store.remove(name for name in names if PurePosixPath(name).name not in pointer.objects)

    def require_conditions(self, marker: Path) -> None:
        """Look once from this machine whether the store writes on conditions; some write in any case.

        Raises StoreError where it does: of two processes that save at the same time, one would lose its tables,
        and a lock of this machine would not exclude other machines.
        """
        if marker.exists():
            return
        name, stale = f"probe-{uuid.uuid4().hex}", {"e_tag": '"0"', "version": "1"}
        try:
            self.store.put(name, b"")
            holds = self._refuses(name, None) and self._refuses(name, stale)
        finally:
            with suppress(StoreError):
                self.store.remove([name])
        if not holds:
            raise StoreError(
                f"{self.store.url}: this object store ignores conditions (If-None-Match, If-Match): two "
                "processes could lose each other's tables. Use one that has them, such as S3, Google Cloud "
                "Storage, Azure or MinIO, or a data folder on a disk. Nothing was saved."
            )
        marker.touch()

    def _refuses(self, name: str, state: State | None) -> bool:
        """Whether the store refuses to write an object that is there in another state."""
        for _ in range(1, _MOST_ERRORS):
            with suppress(StoreError):
                return self.store.replace(name, b"", state) is None
        return self.store.replace(name, b"", state) is None


def _forgotten(pointer: Pointer) -> Pointer:
    return pointer._replace(generation=pointer.generation + 1, n_forgotten=pointer.n_forgotten + 1)
