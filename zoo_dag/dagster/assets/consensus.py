"""The consensus group: the volunteers' combined answers about a subject, for one workflow version."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from zoo_dag.dagster import side_by_side, version_builds
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import spec
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.dagster.resources import Project
from zoo_dag.dagster.version_builds import CONSENSUS_TYPES, BuiltFile
from zoo_dag.task_types.declaration import Aggregated


@dg.multi_asset(
    specs=[spec(name) for name in CONSENSUS_TYPES],
    partitions_def=workflow_version,
    check_specs=checks.specs(*CONSENSUS_TYPES),
    can_subset=True,
)
def make_consensus(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Compute the consensus of every task type, in one step: a step costs more than most of them."""
    folder = project.folder
    selected = checks.selected(context, CONSENSUS_TYPES)
    keys = context.partition_keys if selected else []
    publisher = Publisher(context, folder, keys)
    with folder.staging() as staging:
        builds = {name: publisher.builds(version_builds.combine, keys, [name], staging) for name in selected}
        with side_by_side.built(folder, [build for each in builds.values() for build in each]) as results:
            for name, each in builds.items():
                built = [next(results) for _ in each]
                files = {key: tables[name] for versions in built for key, tables in versions.items()}
                yield from publisher.publish(name, files, parameters_metadata(files))
    yield from checks.results(context, folder, CONSENSUS_TYPES)


def parameters_metadata(tables: Mapping[str, Aggregated | BuiltFile]) -> dict[str, Any]:
    """The parameters that each partition was computed with, as metadata; none where there are no parameters."""
    used = {key: [*each.parameters] for key, each in tables.items() if each.parameters}
    return {"parameters": dg.MetadataValue.json(used)} if used else {}
