"""The meaning of the columns of tasks in `subject_summary` by their names, which depend on the project."""

from collections.abc import Collection
from typing import NamedTuple

from zoo_dag.consensus.task_columns import TaskColumns, match_ending
from zoo_dag.task_types.catalogue import consensus_types


class Summarised(NamedTuple):
    """A table with a row for each subject and task, and the columns that tasks have from it in `subject_summary`.

    `pooled_table` is the pooled consensus that has the labels of the tasks and their parts.
    """

    table: str
    pooled_table: str
    columns: TaskColumns


def summarised() -> tuple[Summarised, ...]:
    """What `subject_summary` is computed from: pooled consensus, and posteriors."""
    types = [each for each in consensus_types() if each.task_columns.own]
    of_posteriors = ((each, each.posteriors) for each in types if each.posteriors)
    return (
        *(Summarised(each.pooled_table, each.pooled_table, each.task_columns) for each in types),
        *(Summarised(own.table, each.pooled_table, own.task_columns) for each, own in of_posteriors),
    )


class Described(NamedTuple):
    """The meaning of a column, and its sources, such as `pooled_question_consensus.answer`.

    `task` is the name of its task in columns, `table` the pooled table that has its labels, and `part` what the
    name has in place of `{n}` or `{id}`, if anything.
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
    for each in summarised():
        declared = each.columns.columns
        # A column of the whole task, whose first column has a position, is beside that of the first position.
        first = f"_{next(iter(declared)).format(n=0)}"
        tasks = {other.removesuffix(first) for other in names if other.endswith(first)}
        for task in sorted(task for task in tasks if name.startswith(f"{task}_")):
            found = match_ending(declared, name.removeprefix(f"{task}_"))
            if found:
                column, part = found
                description = f"Task {task}. {column.description.format(n=part, id=part)}"
                sources = tuple(f"{each.table}.{source}" for source in column.sources)
                by_task.setdefault(task, Described(description, sources, task, each.pooled_table, part))
    return by_task[min(by_task, key=len)] if by_task else None
