"""Requested rebuilds: somebody asked to build tables again although nothing changed.

A request writes a new token into a small file of the data folder. The token is part of the data version that a
table should have, so a request makes tables stale, and whatever builds stale tables builds these.
"""

import os
import uuid
from pathlib import Path

import orjson
from filelock import FileLock

_FILE = "rebuilds.json"
_ALL = "all"


def requested_rebuilds(data: Path, workflow_id: int | None) -> str:
    """The tokens of the newest requests for everything and for this workflow; "" where there was none.

    `workflow_id` is None for a table of all workflows.
    """
    tokens = _read(data)
    names = [_ALL] if workflow_id is None else [_ALL, str(workflow_id)]
    return "+".join(tokens[name] for name in names if name in tokens)


def all_requests(data: Path) -> str:
    """A text that changes with every request."""
    return str(sorted(_read(data).items()))


def request_rebuild(data: Path, workflow_id: int | None = None) -> None:
    """Mark the tables of a workflow as stale, or all tables except the raw ones."""
    data.mkdir(parents=True, exist_ok=True)
    with FileLock(data / f"{_FILE}.lock"):
        tokens = {**_read(data), _ALL if workflow_id is None else str(workflow_id): uuid.uuid4().hex}
        draft = data / f".{uuid.uuid4().hex}.json"
        try:
            draft.write_bytes(orjson.dumps(tokens, option=orjson.OPT_SORT_KEYS))
            os.replace(draft, data / _FILE)
        finally:
            draft.unlink(missing_ok=True)


def _read(data: Path) -> dict[str, str]:
    try:
        return dict(orjson.loads((data / _FILE).read_bytes()))
    except FileNotFoundError:
        return {}
