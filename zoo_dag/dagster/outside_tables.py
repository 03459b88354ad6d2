"""Tables from outside the exports that the settings name: their content is an input of what is built with them."""

import functools
import hashlib
from pathlib import Path

from zoo_dag.store.data_folder import DataFolder

# By setting, the tables that are built with it.
_USED_BY = {
    "events.table": ("subject_summary", "event_consensus", "deployment_rates"),
    "events.deployments": ("deployment_rates",),
    "talk.comments": ("subject_summary",),
}


def outside_tables(folder: DataFolder, name: str | None = None) -> dict[str, str]:
    """Hashes of the files that the settings name, by setting; only those with which the table `name` is built.

    A file that is missing has a hash too: what is built with it is stale, and its run says what is wrong.
    """
    events, talk = folder.settings.events, folder.settings.talk
    named = {
        "events.table": events.table,
        "events.deployments": events.deployments,
        "talk.comments": talk.comments,
    }
    return {
        setting: _hash(folder.root / file)
        for setting, file in named.items()
        if file and (name is None or name in _USED_BY[setting])
    }


def _hash(file: Path) -> str:
    try:
        stat = file.stat()
        return _content_hash(file, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return "missing"


@functools.lru_cache(maxsize=16)
def _content_hash(file: Path, _modified: int, _size: int) -> str:
    # The search for stale tables asks often: a file that did not change is read once.
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()
