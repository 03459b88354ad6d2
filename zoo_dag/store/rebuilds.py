"""Requested rebuilds: counts of the requests to rebuild tables that are not stale.

The counts are in a small file of the data folder, and part of the data version that a table should have. So a
request makes tables stale, and whatever builds stale tables builds these.
"""

import os
import uuid
from pathlib import Path

import orjson

_FILE = "rebuilds.json"
_ALL = "all"


def requested_rebuilds(data: Path, workflow_id: int | None) -> str:
    """How often rebuilds were requested, of everything and of this workflow; "" where none was.

    `workflow_id` is None for a table of all workflows.
    """
    counts = _read(data)
    known = [str(counts[name]) for name in (_ALL, str(workflow_id)) if name in counts]
    return "+".join(known)


def request_rebuild(data: Path, workflow_id: int | None = None) -> None:
    """Make the tables of a workflow stale, or all tables but the raw ones."""
    counts = _read(data)
    name = _ALL if workflow_id is None else str(workflow_id)
    counts[name] = counts.get(name, 0) + 1
    draft = data / f".{uuid.uuid4().hex}.json"
    draft.write_bytes(orjson.dumps(counts, option=orjson.OPT_SORT_KEYS))
    os.replace(draft, data / _FILE)


def _read(data: Path) -> dict[str, int]:
    try:
        return dict(orjson.loads((data / _FILE).read_bytes()))
    except FileNotFoundError:
        return {}
