"""The meaning of the columns of tasks in `subject_summary` by their names, which depend on the project."""

from collections.abc import Collection
from typing import NamedTuple

from zoo_dag.consensus.task_columns import pattern
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
        first = next(iter(declared), "")
        for ending, column in declared.items():
            match = pattern(ending).fullmatch(name)
            # A column of the whole task, whose first column has a position, is beside that of the first position.
            if match and f"{match['task']}_{first.format(**{'n': '0', **match.groupdict()})}" in names:
                description = f"Task {match['task']}. {column.description.format(**match.groupdict())}"
                sources = tuple(f"{consensus.pooled_table}.{source}" for source in column.sources)
                part = next((text for name, text in match.groupdict().items() if name != "task"), None)
                of = Described(description, sources, match["task"], consensus.pooled_table, part)
                by_task.setdefault(match["task"], of)
    return by_task[min(by_task, key=len)] if by_task else None
