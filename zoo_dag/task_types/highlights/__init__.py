"""Highlighted passages of texts; there is no consensus of them."""

from zoo_dag.task_types.declaration import Flattening, TaskType
from zoo_dag.task_types.highlights.flatten import flatten

HIGHLIGHTS = TaskType(
    name="highlight",
    flattening=Flattening(
        table="highlight_annotations",
        task_types=("highlighter",),
        flatten=flatten,
        preview=("text", "label"),
    ),
)
