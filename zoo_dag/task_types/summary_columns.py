"""The meaning of the columns of tasks in `subject_summary` by their names, which depend on the project."""

from collections.abc import Collection
from typing import NamedTuple

from zoo_dag.consensus.task_columns import match_ending
from zoo_dag.task_types.catalogue import consensus_types


class Described(NamedTuple):
    """The meaning of a column, and its sources, such as `pooled_question_consensus.answer`.

    `task` is the name of its task in columns, `table` the pooled table that it is computed from, and `part` what
    the name has in place of `{n}` or `{id}`, if anything.
    """

    description: str
    sources: tuple[str, ...]
    task: str
    table: str
    part: str | None


def describe_column(name: str, names: Collection[str]) -> Described | None:
    """The meaning of a column of `subject_summary`, among all its `names`; None where it is not of a task.

    A task is of the type of which it has the first declared column. Where a name fits the columns of several
    types, the shortest task counts, and then the first type: `T4_0_answer` is of the first select of the dropdown
    `T4`.
    """
    by_task: dict[str, Described] = {}
    for consensus in consensus_types():
        declared = consensus.task_columns.columns
        if not declared:
            continue
        # A column of the whole task, whose first column has a position, is beside that of the first position.
        first = f"_{next(iter(declared)).format(n=0)}"
        tasks = {other.removesuffix(first) for other in names if other.endswith(first)}
        for task in sorted(task for task in tasks if name.startswith(f"{task}_")):
            found = match_ending(declared, name.removeprefix(f"{task}_"))
            if found:
                column, part = found
                description = f"Task {task}. {column.description.format(n=part, id=part)}"
                sources = tuple(f"{consensus.pooled_table}.{source}" for source in column.sources)
                by_task.setdefault(task, Described(description, sources, task, consensus.pooled_table, part))
    return by_task[min(by_task, key=len)] if by_task else None
