"""The planner: which runs come next.

`zoo-dag run` executes the plan in its process, and a sensor turns the same plan into run requests. A plan is
computed from what is stale, what is running and what was tried before; nothing is read or written here.

Tables that all versions share are built first, then the workflow versions, then the pool of each workflow, then
the row accounting of everything. Neighbouring small versions share a run, and so do the pools of neighbouring
small workflows. A large version has several: step by step, one for each of its parts, then one that makes its
tables from them. A run that was tried and left its tables stale is not repeated, and nothing waits for it; a range
that failed is retried partition by partition, so that one bad version does not block its neighbours.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from zoo_dag.dagster.data_versions import PartitionKey, Versions
from zoo_dag.tables import TABLES
from zoo_dag.tables.parts import version_of
from zoo_dag.tables.versions import is_key, parse_key

PARSE_SHARED = "import_exports"
BUILD_VERSIONS = "one_version"
BUILD_PART = "version_part"
POOL_WORKFLOW = "pooled_only"
ROW_ACCOUNTING = "row_accounting"


class Tried(Enum):
    """What became of an earlier run of a plan."""

    NOT_YET = "not yet"
    FAILED = "failed"
    # Cancelled by somebody, successful without making the tables current, or about to be tried again by Dagster:
    # neither repeated nor divided.
    STOPPED = "stopped"


class PlannedRun(NamedTuple):
    """A run of a job that builds `tables`, of one partition, of a range of neighbouring ones, or unpartitioned."""

    job: str
    tables: tuple[str, ...]
    partitions: tuple[str, ...]
    run_key: str


def never(_run: PlannedRun) -> Tried:
    """Nothing was tried before."""
    return Tried.NOT_YET


@dataclass(frozen=True)
class Running:
    """What is running: which partitions, and whether any run has none.

    `shared` says whether a run builds tables that all versions share, such as an import.
    """

    partitions: frozenset[str] = frozenset()
    shared: bool = False
    unpartitioned: bool = False


class Lacking(NamedTuple):
    """Stale tables that one step makes, and those parts of the version that have to be stored before it can.

    `tables` have the data version that their parts should have.
    """

    tables: Mapping[str, str]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """The input of a plan.

    `stale` has the wanted data versions by table, each after its inputs, and partition; `order` are the registered
    workflow versions, `raw_bytes` the size of each and `bytes_per_run` the most for one run; `lacking` has for
    each large version the steps that lack parts; `tried` says what became of an earlier run of the same plan.
    """

    stale: Mapping[str, Versions]
    order: Sequence[str]
    raw_bytes: Mapping[str, int]
    bytes_per_run: float
    lacking: Mapping[str, Sequence[Lacking]] = field(default_factory=dict)
    running: Running = Running()
    tried: Callable[[PlannedRun], Tried] = never


def plan(state: State) -> list[PlannedRun]:
    """The runs that can start now; none if nothing is stale, or if all stale tables have to wait."""
    if state.running.shared:
        return []
    shared = list(_unpartitioned_run(state, PARSE_SHARED, "parsed"))
    if shared:
        return shared
    versions = [*_version_runs(state), *(run for key in state.lacking for run in _runs_of_large(state, key))]
    waiting = {version_of(key) for run in versions for key in run.partitions} | _running_versions(state)
    pools = list(_pool_runs(state, waiting))
    if versions or pools or waiting or state.running.unpartitioned:
        return [*versions, *pools]
    return list(_unpartitioned_run(state, ROW_ACCOUNTING, "ledger"))


def _unpartitioned_run(state: State, job: str, stage: str) -> Iterator[PlannedRun]:
    stale = {
        name: versions
        for name, versions in state.stale.items()
        if TABLES[name].partition is None and TABLES[name].stage == stage
    }
    if stale and _is_new(state, run := _run(job, stale, [None])):
        yield run


def _is_new(state: State, run: PlannedRun) -> bool:
    return state.tried(run) == Tried.NOT_YET


def _version_runs(state: State) -> Iterator[PlannedRun]:
    busy = {*state.running.partitions, *state.lacking}
    return _together(
        state, BUILD_VERSIONS, state.stale, {key: state.raw_bytes.get(key, 0) for key in state.order}, busy
    )


def _together(
    state: State, job: str, stale: Mapping[str, Versions], raw_bytes: Mapping[str, int], busy: Collection[str]
) -> Iterator[PlannedRun]:
    """Runs for the stale partitions of `raw_bytes`, which has all in their order: neighbours share one."""
    for keys in _ranges(state, job, stale, raw_bytes, busy):
        run = _run(job, stale, keys)
        tried = state.tried(run)
        if tried == Tried.NOT_YET:
            yield run
        elif tried == Tried.FAILED:
            # The key of a range that failed stays the same, and then each partition has a separate run.
            yield from (_run(job, stale, [key]) for key in keys)


def _ranges(
    state: State, job: str, stale: Mapping[str, Versions], raw_bytes: Mapping[str, int], busy: Collection[str]
) -> Iterator[list[PartitionKey]]:
    """Neighbouring stale partitions that have not failed alone, with at most the bytes of one run."""
    chunk: list[PartitionKey] = []
    weight = 0
    wanted = {
        key
        for key in {each for versions in stale.values() for each in versions if each in raw_bytes}
        if key not in busy and _is_new(state, _run(job, stale, [key]))
    }
    for key, size in raw_bytes.items():
        if chunk and (key not in wanted or weight + size > state.bytes_per_run):
            yield chunk
            chunk, weight = [], 0
        if key in wanted:
            chunk.append(key)
            weight += size
    if chunk:
        yield chunk


def _runs_of_large(state: State, key: str) -> Iterator[PlannedRun]:
    """What comes next of a large version: the tables before the first that lacks parts, else these parts.

    Where a part failed, nothing waits for it: the step computes its tables whole.
    """
    if key in _running_versions(state):
        return
    lacking = {name: each for each in state.lacking[key] for name in each.tables}
    ready: dict[str, Versions] = {}
    for name, versions in state.stale.items():
        if key not in versions:
            continue
        parts = _part_runs(lacking[name]) if name in lacking else []
        tried = {state.tried(run) for run in parts}
        if tried == {Tried.NOT_YET} and not ready:
            yield from parts
        if tried and Tried.FAILED not in tried:
            break
        ready[name] = {key: versions[key]}
    if ready and _is_new(state, run := _run(BUILD_VERSIONS, ready, [key])):
        yield run


def _part_runs(lacking: Lacking) -> list[PlannedRun]:
    """The runs for the missing parts of a version."""
    return [
        _run(BUILD_PART, {name: {part: version} for name, version in lacking.tables.items()}, [part])
        for part in lacking.parts
    ]


def _running_versions(state: State) -> set[str]:
    return set(map(version_of, state.running.partitions))


def _pool_runs(state: State, waiting: set[str]) -> Iterator[PlannedRun]:
    raw_bytes = Counter[str]()
    for key in state.order:
        raw_bytes[_workflow(key)] += state.raw_bytes.get(key, 0)
    busy = {*map(_workflow, filter(is_key, waiting)), *state.running.partitions}
    pooled = {name: versions for name, versions in state.stale.items() if TABLES[name].partition == "workflow"}
    return _together(state, POOL_WORKFLOW, pooled, raw_bytes, busy)


def _workflow(key: str) -> str:
    return str(parse_key(key).workflow_id)


def _run(job: str, stale: Mapping[str, Versions], keys: Sequence[PartitionKey]) -> PlannedRun:
    """A run for the stale tables of some partitions.

    Its key changes with the data version that is wanted of the last table of each partition, which depends on all
    tables before it: a run that failed half-way and is planned for the rest has the same key.
    """
    tables: list[str] = []
    last: dict[PartitionKey, str] = {}
    # Stale tables are in the order in which they are built.
    for name, versions in stale.items():
        wanted = {key: f"{key} {name} {versions[key]}" for key in keys if key in versions}
        last |= wanted
        tables += [name] if wanted else []
    digest = hashlib.blake2b("\n".join(last[key] for key in keys).encode(), digest_size=16).hexdigest()
    return PlannedRun(job, tuple(tables), tuple(key for key in keys if key is not None), f"{job} {digest}")
