"""The consensus group: the volunteers' combined answers about a subject, for one workflow version."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from zoo_dag.dagster import side_by_side
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import step
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.version_builds import CONSENSUS_TYPES, BuiltFile
from zoo_dag.dagster.version_parts import CONSENSUS
from zoo_dag.task_types.declaration import Aggregated


@step(*CONSENSUS_TYPES, partition="workflow_version", can_subset=True)
def make_consensus(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Compute the consensus of every task type, in one step: a step costs more than most of them."""
    folder = project.folder
    selected = checks.selected(context, CONSENSUS_TYPES)
    keys = context.partition_keys if selected else []
    publisher = Publisher(context, project, keys)
    with folder.staging() as staging:
        builds = {name: publisher.builds(CONSENSUS, [name], staging) for name in selected}
        with side_by_side.built(folder, [build for each in builds.values() for build in each]) as results:
            for name, each in builds.items():
                built = [next(results) for _ in each]
                files = {key: tables[name] for versions in built for key, tables in versions.items()}
                yield from publisher.publish(name, files, parameters_metadata(files))
    yield from checks.results(context, project, CONSENSUS_TYPES)


def parameters_metadata(tables: Mapping[str, Aggregated | BuiltFile]) -> dict[str, dict[str, Any]]:
    """The parameters that each partition was computed with, as its metadata, where there are any."""
    return {
        key: {"parameters": dg.MetadataValue.json({key: [*each.parameters]})}
        for key, each in tables.items()
        if each.parameters
    }
