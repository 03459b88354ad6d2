"""The consensus group: what volunteers together say about a subject, for one workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import spec
from zoo_dag.dagster.assets.publishing import publish
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.dagster.resources import Project
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregating import MODULES, aggregate, parameters, sources

_MODULES = {module.TABLE: module for module in MODULES}
# Only from tables that add up: the check of row accounting stops what comes after it.
_SHARED = ("tasks", "version_accounting")


@dg.multi_asset(
    specs=[spec(name, [*_SHARED, *sources(module)]) for name, module in _MODULES.items()],
    partitions_def=workflow_version,
    check_specs=checks.specs(*_MODULES),
    can_subset=True,
)
def make_consensus(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Compute the consensus of every task type, in one step: a step costs more than most of them."""
    folder = project.folder
    files, settings = folder.tables, folder.settings
    for name in checks.selected(context, _MODULES):
        module = _MODULES[name]
        frames = {}
        used: dict[str, Any] = {}
        for key in context.partition_keys:
            annotations = {source: files.scan(TABLES[source], key) for source in sources(module)}
            frames[key] = aggregate(module, annotations, files.scan(TABLES["tasks"], key), VERSION, settings)
            used[key] = parameters(module, annotations, settings)
        yield from publish(context, folder, name, frames, parameters_metadata(used))
    yield from checks.results(context, folder, _MODULES)


def parameters_metadata(parameters: dict[str, Any]) -> dict[str, Any]:
    """By which parameters each partition was computed, as metadata; none where there are no parameters."""
    used = {key: records for key, records in parameters.items() if records}
    return {"parameters": dg.MetadataValue.json(used)} if used else {}
