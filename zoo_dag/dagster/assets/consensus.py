"""The consensus group: the volunteers' combined answers about a subject, for one workflow version."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from zoo_dag.consensus.seen import SEEN, seen_in_version
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import spec
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.over_versions import decided
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.dagster.resources import Project
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.declaration import Aggregated

_TYPES = {each.table: each for each in consensus_types()}


@dg.multi_asset(
    specs=[spec(name) for name in _TYPES],
    partitions_def=workflow_version,
    check_specs=checks.specs(*_TYPES),
    can_subset=True,
)
def make_consensus(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Compute the consensus of every task type, in one step: a step costs more than most of them."""
    folder = project.folder
    selected = checks.selected(context, _TYPES)
    keys = context.partition_keys if selected else []
    publisher = Publisher(context, folder, keys)
    for name in selected:
        with folder.staging() as staging:
            aggregated = {key: _consensus(folder, name, key, staging / key) for key in keys}
            frames = {key: each.table for key, each in aggregated.items()}
            yield from publisher.publish(name, frames, parameters_metadata(aggregated))
    yield from checks.results(context, folder, _TYPES)


def _consensus(folder: DataFolder, name: str, key: str, staging: Path) -> Aggregated:
    """The table `name` of a version; the folder `staging` is for the tables of several ranges of subjects."""
    each, files = _TYPES[name], folder.tables
    annotations = {source: files.scan(TABLES[source], key) for source in each.inputs}
    if not any(map(row_count, annotations.values())):
        # Most versions have few types of tasks, and a query without rows costs as much as one with some.
        return Aggregated(TABLES[name].empty().lazy())
    ranges = subject_ranges(annotations[source] for source in each.sources)
    shared = decided(files, name, parse_key(key).workflow_id)
    annotations |= {other: frame.lazy() for other, frame in shared.items()}
    annotations[SEEN] = seen_in_version(files.scan(TABLES["classifications"], key))
    tasks = files.scan(TABLES["tasks"], key)
    aggregation = Aggregation.prepare(each, annotations, tasks, VERSION, folder.settings)
    return aggregation.by_ranges(ranges, staging)


def parameters_metadata(aggregated: Mapping[str, Aggregated]) -> dict[str, Any]:
    """The parameters that each partition was computed with, as metadata; none where there are no parameters."""
    used = {key: [*each.parameters] for key, each in aggregated.items() if each.parameters}
    return {"parameters": dg.MetadataValue.json(used)} if used else {}
