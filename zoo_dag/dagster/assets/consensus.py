"""The consensus group: what volunteers together say about a subject, for one workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.declaration import outs
from zoo_dag.dagster.io_manager import Project, outputs
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregating import MODULES, aggregate, parameters, sources

_MODULES = {module.TABLE: module for module in MODULES}
# Only from tables that add up: the check of the books stops what comes after it.
_SHARED = ("tasks", "version_accounting")
_SOURCES = {name: sources(module) for name, module in _MODULES.items()}


@dg.multi_asset(
    name="make_consensus",
    outs=outs(*_MODULES),
    deps=[*_SHARED, *sorted({source for names in _SOURCES.values() for source in names})],
    internal_asset_deps={
        name: {dg.AssetKey(each) for each in (*_SHARED, *given)} for name, given in _SOURCES.items()
    },
    partitions_def=workflow_version,
    check_specs=checking.specs(*_MODULES),
    can_subset=True,
)
def consensus(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Make the consensus of every task type. One step for all: a step of its own costs more than most of them."""
    files, settings = project.folder.tables, project.folder.settings
    for name, module in _MODULES.items():
        if name not in context.op_execution_context.selected_output_names:
            continue
        frames = {}
        used: dict[str, Any] = {}
        for key in context.partition_keys:
            given = {source: files.scan(TABLES[source], key) for source in _SOURCES[name]}
            frames[key] = aggregate(module, given, files.scan(TABLES["tasks"], key), VERSION, settings)
            used[key] = parameters(module, given, settings)
        yield from outputs(context, project, name, frames, told(used))
    yield from checking.results(context, project, _MODULES)


def told(parameters: dict[str, Any]) -> dict[str, Any]:
    """Metadata that tell by which parameters each partition was made; none where there are no parameters."""
    used = {key: records for key, records in parameters.items() if records}
    return {"parameters": dg.MetadataValue.json(used)} if used else {}
