"""What a run asks of Kubernetes: memory and cores, by the size of the raw rows that it reads.

Raw rows are stored packed. Measured, with the import of the rows, on two cores: 0.8 GiB for 500,000 answers to
questions, 40 MB of raw rows; 1.5 GiB for 5,000,000, 400 MB; 1.4 GiB for 500,000 drawings or points, 90 or 60 MB.
All of these are below 1 GiB and eight times the size, which is asked for; the limit is twice as much. Where a
large version is made from its parts, rows stream by: about 150 bytes of each classification are held, twice its
size.
"""

import json

import dagster as dg

from zoo_dag.dagster.planner import BUILD_VERSIONS, PlannedRun, State
from zoo_dag.tables.parts import is_part, parse_part
from zoo_dag.tables.versions import is_key, parse_key

# Dagster's launcher reads this tag of a run.
CONFIG = "dagster-k8s/config"
_LAUNCHERS = "dagster_k8s."
_MEBIBYTE = 1 << 20
_LEAST_MEBIBYTES, _UNPACKED = 1024, 8
# Of what a version takes, its tables take this part where they are made from its parts.
_FROM_PARTS = 4
_MEBIBYTES_PER_CORE, _MOST_CORES = 16, 4


def size_tags(instance: dg.DagsterInstance, raw_bytes: int) -> dict[str, str]:
    """The tag of a run that reads so many bytes of raw rows, where Kubernetes launches runs; else none."""
    if not type(instance.run_launcher).__module__.startswith(_LAUNCHERS):
        return {}
    return {CONFIG: json.dumps({"container_config": container(raw_bytes)})}


def container(raw_bytes: int) -> dict[str, object]:
    """The container of a run that reads so many bytes of raw rows, as Kubernetes describes it."""
    mebibytes = -(-raw_bytes // _MEBIBYTE)
    memory = _LEAST_MEBIBYTES + _UNPACKED * mebibytes
    cores = str(min(1 + mebibytes // _MEBIBYTES_PER_CORE, _MOST_CORES))
    return {
        "resources": {
            "requests": {"cpu": cores, "memory": f"{memory}Mi"},
            "limits": {"memory": f"{2 * memory}Mi"},
        },
        # Polars would use all cores of the machine.
        "env": [{"name": "POLARS_MAX_THREADS", "value": cores}],
    }


def bytes_read(run: PlannedRun, state: State) -> int:
    """The bytes of raw rows that a run unpacks, from the size of each version.

    A pool reads all of its workflow, and a part of a version its share. Of a version whose tables are made from
    its parts a fourth counts.
    """
    parts = [parse_part(key) for key in run.partitions if is_part(key)]
    workflows = {int(key) for key in run.partitions if not (is_key(key) or is_part(key))}
    sizes = state.raw_bytes
    return sum(sizes.get(part.version, 0) // part.n_parts for part in parts) + sum(
        size // (_FROM_PARTS if _is_from_parts(run, state, key) else 1)
        for key, size in sizes.items()
        if key in run.partitions or parse_key(key).workflow_id in workflows
    )


def _is_from_parts(run: PlannedRun, state: State, key: str) -> bool:
    """Whether the run makes tables of a large version, none of which lacks parts: such a one is made whole."""
    lacking = {name for each in state.lacking.get(key, ()) for name in each.tables}
    return run.job == BUILD_VERSIONS and key in state.lacking and lacking.isdisjoint(run.tables)
