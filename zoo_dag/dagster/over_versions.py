"""What is decided once over all versions of a workflow, for the consensus tables of each version.

A table of one version depends on it too: built with another decision it is stale, as its data version shows.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from zoo_dag.exports.content_hash import content_hash
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import is_key, parse_key
from zoo_dag.task_types.catalogue import consensus_types

_TYPES = {each.table: each for each in consensus_types() if each.over_versions}
_DAMAGED = (pl.exceptions.PolarsError, OSError)


def decided(files: TableFiles, name: str, workflow_id: int) -> Mapping[str, pl.DataFrame]:
    """What the consensus table `name` gets by name besides its sources, from the versions that are stored."""
    if name not in _TYPES:
        return {}
    sources = [TABLES[source] for source in _TYPES[name].sources]
    keys = files.select_keys(sources[0], workflow_id, None)
    versions = {key: tuple(files.data_version(source, key) for source in sources) for key in keys}
    return _decided(files, name, tuple((key, stored) for key, stored in versions.items() if all(stored)))


def decisions(files: TableFiles, name: str, keys: Iterable[str | None]) -> dict[int, dict[str, str]]:
    """Hashes of what is decided for the table `name`, by workflow; only of what is not empty."""
    workflows = {parse_key(key).workflow_id for key in keys if key and is_key(key)} if name in _TYPES else set()
    return {
        workflow_id: {
            each: content_hash(frame.lazy())[0]
            for each, frame in decided(files, name, workflow_id).items()
            if frame.height
        }
        for workflow_id in workflows
    }


@functools.lru_cache(maxsize=1000)
def _decided(
    files: TableFiles, name: str, stored: tuple[tuple[str, tuple[str, ...]], ...]
) -> Mapping[str, pl.DataFrame]:
    # The search for stale tables asks often: versions whose data versions did not change are read once.
    keys = [key for key, _ in stored]
    try:
        return _decide(files, name, keys)
    except _DAMAGED:
        # A version with a damaged file fails by itself, and holds up no other one.
        return _decide(files, name, [key for key in keys if _is_readable(files, name, key)])


def _decide(files: TableFiles, name: str, keys: Sequence[str]) -> dict[str, pl.DataFrame]:
    consensus = _TYPES[name]
    annotations = {source: files.scan_all(TABLES[source], keys) for source in consensus.sources}
    return {each: decide(annotations).collect() for each, decide in consensus.over_versions.items()}


def _is_readable(files: TableFiles, name: str, key: str) -> bool:
    try:
        _decide(files, name, [key])
    except _DAMAGED:
        return False
    return True
