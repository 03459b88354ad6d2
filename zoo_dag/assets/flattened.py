"""The flattened group: all tables of annotations, from one pass over the annotations of a workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.annotations.flatten import QUARANTINE, flatten
from zoo_dag.assets.declaration import outs
from zoo_dag.partitions import workflow_version
from zoo_dag.storage import Frames, Project, outputs
from zoo_dag.tables import FLATTENED


@dg.multi_asset(
    name="flatten",
    outs=outs(*FLATTENED, QUARANTINE),
    ins={"classifications": dg.AssetIn(), "tasks": dg.AssetIn()},
    partitions_def=workflow_version,
    can_subset=True,
)
def annotations(
    context: dg.AssetExecutionContext, project: Project, classifications: Frames, tasks: Frames
) -> Iterator[Any]:
    """Read each annotation once, and give every element of it to the table of its task type."""
    with project.folder.spool() as spool:
        tables = {key: flatten(classifications[key], tasks[key], spool / key) for key in context.partition_keys}
        for name in (*FLATTENED, QUARANTINE):
            if name in context.op_execution_context.selected_output_names:
                frames = {key: by_name[name] for key, by_name in tables.items()}
                yield from outputs(context, project, name, frames)
