"""The partitions of zoo_dag: the workflow versions that have classifications, and their workflows, in order.

The parts of large versions are a set of their own: those of versions that several runs build.
"""

from collections.abc import Iterable

import dagster as dg

from zoo_dag.dagster.names import Names
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.version_parts import large_versions
from zoo_dag.tables import Partition
from zoo_dag.tables.versions import parse_key

WORKFLOW_VERSIONS: Partition = "workflow_version"
WORKFLOWS: Partition = "workflow"
VERSION_PARTS = "version_part"


def definition(names: Names, partition: Partition | None) -> dg.DynamicPartitionsDefinition | None:
    """The partitions of tables by workflow version or by workflow; None for tables without."""
    return dg.DynamicPartitionsDefinition(name=names.of(partition)) if partition else None


def registered(instance: dg.DagsterInstance, partitions: str = WORKFLOW_VERSIONS) -> list[str]:
    """The keys of a set of partitions that Dagster knows, in its order."""
    return list(instance.get_dynamic_partitions(partitions))


def register(instance: dg.DagsterInstance, project: Project, versions: Iterable[str]) -> None:
    """Register exactly these workflow versions of a project, their workflows and parts, sorted by integers."""
    ordered, names = sorted(versions, key=parse_key), project.names
    workflows = dict.fromkeys(str(parse_key(key).workflow_id) for key in ordered)
    # Also where the settings have a problem, which keeps nothing from being forgotten.
    settings, _ = project.folder.settings_or_default()
    parts = large_versions(project.folder, ordered, settings.running).values()
    _register(instance, names.of(WORKFLOW_VERSIONS), ordered)
    _register(instance, names.of(WORKFLOWS), list(workflows))
    _register(instance, names.of(VERSION_PARTS), [part for each in parts for part in each])


def _register(instance: dg.DagsterInstance, partitions: str, wanted: list[str]) -> None:
    # Dagster keeps the order in which keys were added. A key that belongs between known ones therefore means that
    # the later ones are added again; their materializations stay with their keys.
    present = registered(instance, partitions)
    kept = 0
    while kept < min(len(wanted), len(present)) and wanted[kept] == present[kept]:
        kept += 1
    for key in present[kept:]:
        instance.delete_dynamic_partition(partitions, key)
    if wanted[kept:]:
        instance.add_dynamic_partitions(partitions, wanted[kept:])
