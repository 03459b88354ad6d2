"""The meaning of the columns of tasks in `subject_summary` by their names, which depend on the project."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from zoo_dag.consensus.task_columns import pattern
from zoo_dag.task_types.catalogue import consensus_types


class Described(NamedTuple):
    """The meaning of a column, and its sources, such as `pooled_question_consensus.answer`."""

    description: str
    sources: tuple[str, ...]


def describe_column(name: str, names: Collection[str]) -> Described | None:
    """The meaning of a column of `subject_summary`, among all its `names`; None where it is not of a task.

    A task is of the type of which it has the first declared column. Where a name fits the columns of several
    types, the shortest task counts, and then the first type: `T4_0_answer` is of the first select of the dropdown
    `T4`.
    """
    by_task: dict[str, Described] = {}
    for consensus in consensus_types():
        declared = consensus.task_columns.columns
        first = next(iter(declared))
        for ending, column in declared.items():
            match = pattern(ending).fullmatch(name)
            if match and _has(first, names, match.groupdict()):
                description = f"Task {match['task']}. {column.description.format(**match.groupdict())}"
                sources = tuple(f"{consensus.pooled_table}.{source}" for source in column.sources)
                by_task.setdefault(match["task"], Described(description, sources))
    return by_task[min(by_task, key=len)] if by_task else None


def _has(first: str, names: Collection[str], found: Mapping[str, str]) -> bool:
    """Whether the task in `found` has the first column of its type, at its position `n` where both have one."""
    matches = (pattern(first).fullmatch(name) for name in names)
    parts = (match.groupdict().items() for match in matches if match)
    return any(all(found.get(key, part) == part for key, part in each) for each in parts)
