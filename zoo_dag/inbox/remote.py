"""An inbox in an object store: new objects under a prefix are copied into the inbox of the data folder.

Objects appear complete, so there is nothing to wait for. Every store that fsspec has a package for can be read.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec

from zoo_dag.inbox.local import InboxError, InboxFile, may_be_export

# The names under which stores give a fingerprint of the content, and the time of the last change.
_STAMPS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "mtime", "created")
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "created")


def list_objects(prefix: str) -> tuple[InboxFile, ...]:
    """The objects directly under a prefix that may be exports. Raises InboxError where it cannot be listed."""
    objects = []
    for info in _list(prefix):
        name = Path(info["name"]).name
        if info["type"] == "file" and may_be_export(name):
            stamp = next((info[key] for key in _STAMPS if info.get(key)), "")
            objects.append(InboxFile(name, f"{info['size']}:{stamp}"))
    return tuple(sorted(objects))


def copy_objects(prefix: str, names: Iterable[str], inbox: Path, staging: Path) -> list[Path]:
    """Copy objects into the inbox, each with its modification time, and return the paths.

    An object appears in the inbox once it is complete. Raises InboxError where one cannot be copied.
    """
    store, _ = _store(prefix)
    wanted = set(names)
    copied = []
    inbox.mkdir(parents=True, exist_ok=True)
    for info in _list(prefix):
        name = Path(info["name"]).name
        if name not in wanted:
            continue
        part = staging / "part"
        try:
            store.get_file(info["name"], str(part))
        except Exception as error:  # each store has different errors
            raise InboxError(f"{prefix}: {name} could not be copied ({_summary(error)}).") from error
        moment = next((info[key] for key in _TIMES if info.get(key)), None)
        seconds = moment.timestamp() if isinstance(moment, datetime) else moment
        if isinstance(seconds, int | float):
            os.utime(part, (seconds, seconds))
        os.replace(part, inbox / name)
        copied.append(inbox / name)
    return copied


def _list(prefix: str) -> list[dict[str, Any]]:
    store, root = _store(prefix)
    try:
        # A listing of a minute ago may be outdated.
        store.invalidate_cache(root)
        return list(store.ls(root, detail=True))
    except Exception as error:  # each store has different errors
        raise InboxError(f"{prefix}: the inbox cannot be listed ({_summary(error)}).") from error


def _store(prefix: str) -> tuple[Any, str]:
    try:
        return fsspec.core.url_to_fs(prefix)  # type: ignore[no-any-return]
    except ImportError as error:
        raise InboxError(
            f'{prefix}: a package for this store is missing ({error}). For s3:// it is: pip install "zoo_dag[s3]"'
        ) from error
    except ValueError as error:
        raise InboxError(f"{prefix}: this kind of store is unknown. {error}") from error


def _summary(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n", maxsplit=1)[0][:300]
