"""The consensus group: what volunteers together say about a subject, for one workflow version."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.declaration import outs
from zoo_dag.dagster.io_manager import Project, outputs
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.declaration import Aggregated

_TYPES = {each.table: each for each in consensus_types()}
# Only from tables that add up: the check of the row accounting stops what comes after it.
_SHARED = ("tasks", "version_accounting")


@dg.multi_asset(
    name="make_consensus",
    outs=outs(*_TYPES),
    deps=[*_SHARED, *sorted({source for each in _TYPES.values() for source in each.sources})],
    internal_asset_deps={
        name: {dg.AssetKey(source) for source in (*_SHARED, *each.sources)} for name, each in _TYPES.items()
    },
    partitions_def=workflow_version,
    check_specs=checking.specs(*_TYPES),
    can_subset=True,
)
def consensus(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Make the consensus of every task type. One step for all: a step of its own costs more than most of them."""
    files, settings = project.folder.tables, project.folder.settings
    for name, consensus_type in _TYPES.items():
        if name not in context.op_execution_context.selected_output_names:
            continue
        made = {}
        for key in context.partition_keys:
            annotations = {source: files.scan(TABLES[source], key) for source in consensus_type.sources}
            tasks = files.scan(TABLES["tasks"], key)
            made[key] = consensus_type.aggregate(annotations, tasks, VERSION, settings)
        frames = {key: each.table for key, each in made.items()}
        yield from outputs(context, project, name, frames, parameters_of(made))
    yield from checking.results(context, project, _TYPES)


def parameters_of(made: Mapping[str, Aggregated]) -> dict[str, Any]:
    """Metadata with the parameters of each partition; none where there are no parameters."""
    used = {key: [*each.parameters] for key, each in made.items() if each.parameters}
    return {"parameters": dg.MetadataValue.json(used)} if used else {}
