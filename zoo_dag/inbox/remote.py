"""An inbox in an object store: new objects under a prefix are copied into the inbox of the data folder.

An object appears whole, so there is nothing to wait for. Whatever fsspec has a package for can be read.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec

from zoo_dag.inbox.local import Entry, InboxError, may_be_export

# What stores call the mark that changes with the content, and the time of the last change.
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "mtime", "created")
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "created")


def look_remote(prefix: str) -> tuple[Entry, ...]:
    """The objects right under a prefix that may be exports. Raises InboxError where it cannot be listed."""
    entries = []
    for info in _list(prefix):
        name = Path(info["name"]).name
        if info["type"] == "file" and may_be_export(name):
            mark = next((info[key] for key in _MARKS if info.get(key)), "")
            entries.append(Entry(name, f"{info['size']}:{mark}"))
    return tuple(sorted(entries))


def copy_objects(prefix: str, names: Iterable[str], inbox: Path, spool: Path) -> list[Path]:
    """Copy objects into the inbox, each put in place once it is whole, with its time. Raises InboxError."""
    store, _ = _store(prefix)
    wanted = set(names)
    copied = []
    inbox.mkdir(parents=True, exist_ok=True)
    for info in _list(prefix):
        name = Path(info["name"]).name
        if name not in wanted:
            continue
        part = spool / "part"
        try:
            store.get_file(info["name"], str(part))
        except Exception as error:  # each store has errors of its own
            raise InboxError(f"{prefix}: {name} could not be copied ({_said(error)}).") from error
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
        # What was listed a minute ago is not what is there now.
        store.invalidate_cache(root)
        return list(store.ls(root, detail=True))
    except Exception as error:  # each store has errors of its own
        raise InboxError(f"{prefix}: the inbox cannot be listed ({_said(error)}).") from error


def _store(prefix: str) -> tuple[Any, str]:
    try:
        return fsspec.core.url_to_fs(prefix)  # type: ignore[no-any-return]
    except ImportError as error:
        raise InboxError(f"{prefix}: a package for this store is missing. {error}") from error
    except ValueError as error:
        raise InboxError(f"{prefix}: no store of this kind is known. {error}") from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n", maxsplit=1)[0][:300]
