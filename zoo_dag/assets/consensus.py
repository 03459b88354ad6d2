"""The consensus group: what volunteers together say about a subject, for one workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.assets.declaration import outs
from zoo_dag.consensus.registry import MODULES, ConsensusModule, aggregate, sources
from zoo_dag.consensus.units import VERSION
from zoo_dag.partitions import workflow_version
from zoo_dag.storage import Frames, Project, outputs


def consensus_asset(module: ConsensusModule) -> dg.AssetsDefinition:
    """The asset of a consensus table: every one is made the same way."""

    @dg.multi_asset(
        name=f"make_{module.TABLE}",
        outs=outs(module.TABLE),
        ins={name: dg.AssetIn() for name in (*sources(module), "tasks")},
        # Only from tables that add up: the check of the books stops what comes after it.
        deps=["version_accounting"],
        partitions_def=workflow_version,
    )
    def in_version(
        context: dg.AssetExecutionContext, project: Project, tasks: Frames, **annotations: Frames
    ) -> Iterator[Any]:
        settings = project.folder.settings
        frames = {}
        for key, own_tasks in tasks.items():
            own = {name: tables[key] for name, tables in annotations.items()}
            frames[key] = aggregate(module, own, own_tasks, VERSION, settings)
        yield from outputs(context, project, module.TABLE, frames)

    return in_version


ASSETS = [consensus_asset(module) for module in MODULES]
