"""What is decided once over all versions of a workflow, for the consensus tables of each version.

A table of one version depends on it too: built with another decision it is stale, as its data version shows.
"""

import functools
from collections.abc import Iterable, Mapping

import polars as pl

from zoo_dag.exports.content_hash import content_hash
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import is_key, parse_key
from zoo_dag.task_types.catalogue import consensus_types

_TYPES = {each.table: each for each in consensus_types() if each.over_versions}
# Source, partition and data version of all that a decision is taken from.
_Stored = tuple[tuple[str, str, str], ...]


def decided(files: TableFiles, name: str, workflow_id: int) -> Mapping[str, pl.DataFrame]:
    """What the consensus table `name` gets by name besides its sources, from the versions that are stored."""
    if name not in _TYPES:
        return {}
    stored = (
        (source, key, files.data_version(TABLES[source], key))
        for source in _TYPES[name].sources
        for key in files.select_keys(TABLES[source], workflow_id, None)
    )
    return _decided(files, name, tuple(each for each in stored if each[-1]))


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
def _decided(files: TableFiles, name: str, stored: _Stored) -> Mapping[str, pl.DataFrame]:
    # The search for stale tables asks often: unchanged files are read once.
    consensus = _TYPES[name]
    annotations = {
        source: files.scan_all(TABLES[source], [key for table, key, _ in stored if table == source])
        for source in consensus.sources
    }
    return {each: decide(annotations).collect() for each, decide in consensus.over_versions.items()}
