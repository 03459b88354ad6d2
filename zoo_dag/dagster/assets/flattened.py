"""The flattened group: all tables of annotations, from one pass over the annotations of a workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.declaration import outs
from zoo_dag.dagster.io_manager import Project, outputs
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import flattened_tables
from zoo_dag.task_types.flatten_all import QUARANTINE, flatten

_TABLES = (*flattened_tables(), QUARANTINE)


@dg.multi_asset(
    name="flatten",
    outs=outs(*_TABLES),
    deps=["classifications", "tasks"],
    partitions_def=workflow_version,
    check_specs=checking.specs(*_TABLES),
    can_subset=True,
)
def annotations(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Read each annotation once, and give every element of it to the table of its task type."""
    wanted = [name for name in _TABLES if name in context.op_execution_context.selected_output_names]
    # Where only checks are wanted there is nothing to make.
    keys = context.partition_keys if wanted else []
    files = project.folder.tables
    with project.folder.spool() as spool:
        tables = {
            key: flatten(files.scan(TABLES["classifications"], key), files.scan(TABLES["tasks"], key), spool / key)
            for key in keys
        }
        for name in wanted:
            yield from outputs(context, project, name, {key: by_name[name] for key, by_name in tables.items()})
    yield from checking.results(context, project, _TABLES)
