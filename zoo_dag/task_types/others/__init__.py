"""Task types without another folder; their elements are kept as they are."""

from zoo_dag.task_types.declaration import Flattening, TaskType
from zoo_dag.task_types.others.flatten import flatten

OTHERS = TaskType(
    name="other",
    flattening=Flattening(table="other_annotations", task_types=(), flatten=flatten, preview=("value",)),
)
