"""The consensus group: what volunteers together say about a subject, for one workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.assets.declaration import outs
from zoo_dag.consensus.registry import MODULES, ConsensusModule
from zoo_dag.consensus.units import VERSION
from zoo_dag.partitions import workflow_version
from zoo_dag.storage import Frames, Project, outputs


def consensus_asset(module: ConsensusModule) -> dg.AssetsDefinition:
    """The asset of a consensus table: every one is made the same way."""

    @dg.multi_asset(
        name=f"make_{module.TABLE}",
        outs=outs(module.TABLE),
        ins={"annotations": dg.AssetIn(module.SOURCE), "tasks": dg.AssetIn()},
        # Only from tables that add up: the check of the books stops what comes after it.
        deps=["version_accounting"],
        partitions_def=workflow_version,
    )
    def in_version(
        context: dg.AssetExecutionContext, project: Project, annotations: Frames, tasks: Frames
    ) -> Iterator[Any]:
        settings = project.folder.settings
        frames = {
            key: module.aggregate(frame, tasks[key], VERSION, settings) for key, frame in annotations.items()
        }
        yield from outputs(context, project, module.TABLE, frames)

    return in_version


ASSETS = [consensus_asset(module) for module in MODULES]
