"""What a run asks of Kubernetes: memory and cores, by the size of the raw rows that it reads.

Raw rows are stored packed: 500,000 answers to questions are 40 MB, and building their tables took 0.82 GiB on two
cores. What is asked for is twice as much, since rows of other tasks unpack to more; the limit is twice that again.
"""

import json
from collections.abc import Mapping

import dagster as dg

from zoo_dag.dagster.planner import PlannedRun
from zoo_dag.tables.parts import is_part, parse_part
from zoo_dag.tables.versions import is_key, parse_key

# Dagster's launcher reads this tag of a run.
CONFIG = "dagster-k8s/config"
_LAUNCHERS = "dagster_k8s."
_MEBIBYTE = 1 << 20
_LEAST_MEBIBYTES, _UNPACKED = 1024, 16
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


def bytes_read(run: PlannedRun, raw_bytes: Mapping[str, int]) -> int:
    """The bytes of raw rows that a run reads, from the size of each version.

    A pool reads all of its workflow, and a part of a version its share.
    """
    parts = [parse_part(key) for key in run.partitions if is_part(key)]
    workflows = {int(key) for key in run.partitions if not (is_key(key) or is_part(key))}
    return sum(raw_bytes.get(part.version, 0) // part.n_parts for part in parts) + sum(
        size for key, size in raw_bytes.items() if key in run.partitions or parse_key(key).workflow_id in workflows
    )
