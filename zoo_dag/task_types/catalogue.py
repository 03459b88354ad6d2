"""The task types. A new one is a folder with its declaration, the schemas of its tables, and one line here."""

from zoo_dag.task_types.declaration import Consensus, TaskType
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.dropdowns import DROPDOWNS
from zoo_dag.task_types.highlights import HIGHLIGHTS
from zoo_dag.task_types.others import OTHERS
from zoo_dag.task_types.questions import QUESTIONS
from zoo_dag.task_types.sliders import SLIDERS
from zoo_dag.task_types.surveys import SURVEYS
from zoo_dag.task_types.texts import TEXTS

# Where two types have a column of the same name in `subject_summary`, the earlier one has it: a transcription is a
# text first, and then marks.
TASK_TYPES: tuple[TaskType, ...] = (
    QUESTIONS,
    DROPDOWNS,
    SURVEYS,
    TEXTS,
    DRAWINGS,
    SLIDERS,
    HIGHLIGHTS,
    OTHERS,
)


def flattened_tables() -> tuple[str, ...]:
    """The flattened tables of all task types."""
    return tuple(each.flattening.table for each in TASK_TYPES)


def consensus_types() -> tuple[Consensus, ...]:
    """The consensus tables of all task types."""
    return tuple(consensus for each in TASK_TYPES for consensus in each.consensus_tables)
