"""The pages of the tables of task types in Dagster, as the task types declare them."""

from collections.abc import Iterator
from typing import NamedTuple

from zoo_dag.plots import Show
from zoo_dag.plots.numbers import ANNOTATIONS, SUBJECTS, Numbers
from zoo_dag.task_types.catalogue import TASK_TYPES, consensus_types


class Page(NamedTuple):
    """The page of a table: the name of its task type, its numbers and plots, and the columns to preview."""

    task_type: str
    numbers: Numbers
    plots: tuple[Show, ...]
    preview: tuple[str, ...]


def pages() -> dict[str, Page]:
    """The pages of all flattened, consensus and pooled tables, by table."""
    return dict(_pages())


def _pages() -> Iterator[tuple[str, Page]]:
    for each in TASK_TYPES:
        flattening = each.flattening
        yield flattening.table, Page(each.name, ANNOTATIONS, flattening.plots, flattening.preview)
        for consensus in each.consensus_tables:
            page = Page(each.name, {**SUBJECTS, **consensus.numbers}, consensus.plots, consensus.preview)
            yield from ((consensus.table, page), (consensus.pooled_table, page))


def first_task_columns() -> tuple[str, ...]:
    """The endings of the first column of each task in `subject_summary`, such as `_answer`."""
    firsts = (next(iter(each.task_columns.columns)) for each in consensus_types() if each.task_columns.own)
    return tuple(f"_{first.removeprefix('{n}_')}" for first in firsts)
