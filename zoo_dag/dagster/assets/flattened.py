"""The flattened group: all tables of annotations, from one pass over the annotations of a workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.dagster import side_by_side
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import step
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.version_parts import FLATTENED
from zoo_dag.task_types.catalogue import flattened_tables
from zoo_dag.task_types.flattened_rows import QUARANTINE

_TABLES = (*flattened_tables(), QUARANTINE)


@step(*_TABLES, partition="workflow_version", can_subset=True)
def flatten(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Read each annotation once, and write every element to the table of its task type."""
    folder, selected = project.folder, checks.selected(context, _TABLES)
    # Where only checks are selected there is nothing to build.
    keys = context.partition_keys if selected else []
    publisher = Publisher(context, project, keys)
    with folder.staging() as staging:
        builds = publisher.builds(FLATTENED, selected, staging)
        with side_by_side.built(folder, builds) as results:
            flattened = {key: files for built in results for key, files in built.items()}
        for name in selected:
            yield from publisher.publish(name, {key: files[name] for key, files in flattened.items()})
    yield from checks.results(context, project, _TABLES)
