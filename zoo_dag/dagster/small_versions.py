"""Workflow versions of few rows: a query costs as much for one of them as for all."""

from collections.abc import Iterable
from typing import NamedTuple

from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key

# Versions of so few raw rows and bytes in all are built together, and their tables kept in memory.
_ROWS_TOGETHER = 10_000
_BYTES_TOGETHER = 8 << 20


def small_together(folder: DataFolder, keys: Iterable[str]) -> list[list[str]]:
    """Versions in order, the small neighbouring ones of a workflow together."""
    together, size = list[list[str]](), _Size(0, 0)
    for key in keys:
        own = _size(folder, key)
        size = _Size(size.rows + own.rows, size.bytes + own.bytes)
        if together and size.is_small and _workflow(together[-1][0]) == _workflow(key):
            together[-1].append(key)
        else:
            together.append([key])
            size = own
    return together


def are_few(folder: DataFolder, keys: Iterable[str]) -> bool:
    """Whether the tables of all these versions may be in memory."""
    sizes = [_size(folder, key) for key in keys]
    return _Size(sum(size.rows for size in sizes), sum(size.bytes for size in sizes)).is_small


class _Size(NamedTuple):
    """Raw rows, and their bytes."""

    rows: int
    bytes: int

    @property
    def is_small(self) -> bool:
        return self.rows <= _ROWS_TOGETHER and self.bytes <= _BYTES_TOGETHER


def _size(folder: DataFolder, key: str) -> _Size:
    """The size of a version; where the number of rows is not known, it is not small."""
    n_rows = folder.tables.metadata(TABLES["raw_classifications"], key).get("n_rows", _ROWS_TOGETHER + 1)
    return _Size(int(n_rows), folder.raw_bytes([key]).get(key, 0))


def _workflow(key: str) -> int:
    return parse_key(key).workflow_id
