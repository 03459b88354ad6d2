"""The planner: which runs come next.

`zoo-dag run` executes the plan in its own process, and a sensor turns the same plan into run requests. A plan is
computed from what is stale, what is running and what was tried already; nothing is read or written here.

What all versions share is parsed first, then the workflow versions, then the pool of each workflow, then the row
accounting of everything. Neighbouring small versions share a run. A run that was tried and left its tables stale
is not repeated, and nothing waits for it; a range of versions that failed is tried once more version by version,
so that one bad version does not hold up its neighbours.
"""

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from zoo_dag.dagster.data_versions import PartitionKey, Versions
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import is_key, parse_key

# Raw bytes that one run takes on.
_BYTES_PER_RUN = 64 << 20

PARSE_SHARED = "import_exports"
BUILD_VERSIONS = "one_version"
POOL_WORKFLOW = "pooled_only"
GATHER_ACCOUNTING = "gather_accounting"


class PlannedRun(NamedTuple):
    """A run of a job that builds `tables`, of one partition, of a range of neighbouring ones, or unpartitioned."""

    job: str
    tables: tuple[str, ...]
    partitions: tuple[str, ...]
    run_key: str


@dataclass(frozen=True)
class Running:
    """What is running: `shared` says whether a run touches what all versions share, such as an import."""

    partitions: frozenset[str] = frozenset()
    shared: bool = False
    accounting: bool = False


@dataclass(frozen=True)
class State:
    """What a plan is made from.

    `stale` has the wanted data versions by table and partition, `order` the registered workflow versions,
    `raw_bytes` the size of each; `tried` are the keys of runs that have been started before.
    """

    stale: Mapping[str, Versions]
    order: Sequence[str]
    raw_bytes: Mapping[str, int]
    running: Running = Running()
    tried: Container[str] = field(default_factory=frozenset)


def plan(state: State) -> list[PlannedRun]:
    """The runs that can start now; none where nothing is stale, or where all that is stale has to wait."""
    if state.running.shared:
        return []
    shared = {name: versions for name, versions in state.stale.items() if _is_shared(name)}
    parsing = [run for run in [_run(PARSE_SHARED, shared, [None])] if shared and run.run_key not in state.tried]
    if parsing:
        return parsing
    versions = list(_version_runs(state))
    waiting = {key for run in versions for key in run.partitions} | state.running.partitions
    pools = list(_pool_runs(state, waiting))
    books = {name: versions for name, versions in state.stale.items() if _is_accounting(name)}
    ready = books and not versions and not pools and not waiting and not state.running.accounting
    accounting = [_run(GATHER_ACCOUNTING, books, [None])] if ready else []
    return [*versions, *pools, *(run for run in accounting if run.run_key not in state.tried)]


def _is_shared(name: str) -> bool:
    return TABLES[name].partition is None and TABLES[name].stage == "parsed"


def _is_accounting(name: str) -> bool:
    return TABLES[name].partition is None and TABLES[name].stage == "ledger"


def _version_runs(state: State) -> Iterator[PlannedRun]:
    for keys in _ranges(state):
        run = _run(BUILD_VERSIONS, state.stale, keys)
        # The key of a range that failed stays the same, and then each version has a run of its own.
        each = (
            [run] if run.run_key not in state.tried else [_run(BUILD_VERSIONS, state.stale, [key]) for key in keys]
        )
        yield from (single for single in each if single.run_key not in state.tried)


def _ranges(state: State) -> Iterator[list[PartitionKey]]:
    """Neighbouring stale versions of which the same tables are stale, not more bytes than a run takes on."""
    chunk: list[PartitionKey] = []
    tables: set[str] = set()
    weight = 0
    for key in state.order:
        stale = {name for name, versions in state.stale.items() if key in versions}
        free = bool(stale) and key not in state.running.partitions
        size = state.raw_bytes.get(key, 0)
        if chunk and (not free or stale != tables or weight + size > _BYTES_PER_RUN):
            yield chunk
            chunk, weight = [], 0
        if free:
            chunk.append(key)
            tables, weight = stale, weight + size
    if chunk:
        yield chunk


def _pool_runs(state: State, waiting: set[str]) -> Iterator[PlannedRun]:
    busy = {str(parse_key(key).workflow_id) for key in waiting if is_key(key)}
    pooled = {name: versions for name, versions in state.stale.items() if TABLES[name].partition == "workflow"}
    workflows = {key for versions in pooled.values() for key in versions if key is not None}
    for key in sorted(workflows - busy - state.running.partitions, key=int):
        run = _run(POOL_WORKFLOW, pooled, [key])
        if run.run_key not in state.tried:
            yield run


def _run(job: str, stale: Mapping[str, Versions], keys: Sequence[PartitionKey]) -> PlannedRun:
    """A run for the stale tables of some partitions; its key changes with the data versions that are wanted."""
    wanted = sorted(
        (name, str(key), versions[key]) for name, versions in stale.items() for key in keys if key in versions
    )
    digest = hashlib.blake2b("\n".join(map(" ".join, wanted)).encode(), digest_size=16).hexdigest()
    tables = tuple(dict.fromkeys(name for name, _, _ in wanted))
    return PlannedRun(job, tables, tuple(key for key in keys if key is not None), f"{job} {digest}")
