"""The partitions of zoo_dag: one for each workflow version that has classifications, in the order of versions."""

from collections.abc import Iterable

import dagster as dg

from zoo_dag.exports.versions import parse_key

workflow_version = dg.DynamicPartitionsDefinition(name="workflow_version")
PARTITIONS = "workflow_version"


def registered(instance: dg.DagsterInstance) -> list[str]:
    """The partition keys that Dagster knows, in its order."""
    return list(instance.get_dynamic_partitions(PARTITIONS))


def register(instance: dg.DagsterInstance, keys: Iterable[str]) -> None:
    """Make Dagster know exactly these partitions, sorted by integers.

    Dagster keeps the order in which keys were added. A version that belongs between known ones therefore means
    that the later ones are added anew; what was materialized for them stays with their key.
    """
    wanted = sorted(keys, key=parse_key)
    present = registered(instance)
    kept = 0
    while kept < min(len(wanted), len(present)) and wanted[kept] == present[kept]:
        kept += 1
    for key in present[kept:]:
        instance.delete_dynamic_partition(PARTITIONS, key)
    if wanted[kept:]:
        instance.add_dynamic_partitions(PARTITIONS, wanted[kept:])
