"""The files that people put into an object store themselves: the settings, and the files that these name.

They are objects with the names that they have in a data folder.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from zoo_dag.settings.loading import SETTINGS_FILE
from zoo_dag.store.object_store import ObjectStore

# Which texts in the settings may be names of files.
_SUFFIXES = (".csv", ".gz", ".json", ".parquet", ".tsv", ".txt", ".zip")


def copy_own_files(store: ObjectStore, root: Path, given: Mapping[str, Any]) -> None:
    """Copy the settings, and the files that they name, into a folder; what is not in the store is removed.

    `given` are settings by section that are not in the store.
    """
    settings = _copy(store, root, SETTINGS_FILE)
    for name in _named_files([given, _parsed(settings or b"")]):
        _copy(store, root, name)


def _copy(store: ObjectStore, root: Path, name: str) -> bytes | None:
    found, path = store.get(name), root / name
    if found is None:
        path.unlink(missing_ok=True)
        return None
    if not path.exists() or path.read_bytes() != found.content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found.content)
        # Some of them are stale where their time is another one, on whatever machine.
        os.utime(path, (found.written.timestamp(), found.written.timestamp()))
    return found.content


def _parsed(settings: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(settings.decode("utf-8-sig"))
    except ValueError:
        # What is wrong is said by whoever needs the settings.
        return {}


def _named_files(waiting: list[Any]) -> list[str]:
    """The texts in settings that may be files in the data folder."""
    names = set()
    for value in waiting:
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and value.lower().endswith(_SUFFIXES) and "://" not in value:
            path = PurePosixPath(value)
            if not path.is_absolute() and ".." not in path.parts:
                names.add(value)
    return sorted(names)
