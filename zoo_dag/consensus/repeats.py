"""A task several times in one classification: which of its elements count (docs/consensus.md).

Workflows loop, combos occur twice, and front ends send a task a second time. An answered element beats one that is
not, and an answer that cannot be read beats a blank. Of the elements that are left all count together, such as
marks and identifications, or one does, as the task type declares (`One`).
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl

# By task type, of whose elements one counts: the columns for whose values it is chosen, each apart.
One = Mapping[str, tuple[str, ...]]

_TASK = ["classification_id", "parent_task", "task"]
# Rows among which is chosen at once, which bounds memory.
_AT_ONCE = 1_000_000
_RANKS = {"blank": 0, "malformed": 1, "unknown_label": 1, "answered": 2}


def without_repeats(
    rows: pl.LazyFrame,
    which: Literal["first", "last"],
    one: One,
    questions: tuple[str, ...] = (),
    *,
    at_once: int = _AT_ONCE,
) -> pl.LazyFrame:
    """The rows of a flattened table without those of elements that do not count.

    `which` says which of several answered elements counts where one does. The columns `questions` tell apart the
    questions of a task, of which each is chosen for itself. Takes the rows that are not excluded, with the
    `parent_task` of `parents.told_apart`. `at_once` rows or so are in memory at a time.
    """
    parts = sorted({*questions, *(column for columns in one.values() for column in columns)})
    task, row = [*_TASK, *questions], ["classification_id", "annotation_index", *parts]
    found = [_left_out(portion, which, one, task, row) for portion in _several(rows, parts, at_once)]
    if not found:
        return rows
    left_out = pl.concat(found)
    return rows.join(left_out.lazy(), on=left_out.columns, how="anti", nulls_equal=True, maintain_order="left")


def _several(rows: pl.LazyFrame, parts: list[str], at_once: int) -> Iterator[pl.DataFrame]:
    """The rows of tasks that a classification has several times, some classifications after the others."""
    ids = rows.select("classification_id").collect().to_series()
    # A table is sorted by classification, so that a portion is read from few of its row groups.
    in_order = ids.sort() if len(ids) > at_once else ids.clear()
    starts = in_order.gather_every(at_once, at_once).unique(maintain_order=True).to_list()
    narrow = rows.select(*_TASK, "task_type", "annotation_index", "status", *parts)
    place, number = pl.col("place"), pl.col("classification_id")
    for start, end in zip([None, *starts], [*starts, None], strict=True):
        portion = narrow if start is None else narrow.filter(number >= start)
        portion = portion if end is None else portion.filter(number < end)
        # Few workflows repeat a task, and choosing takes windows over the rows. Only equality counts here, and a
        # task that another one is taken for is found to be alone by `_left_out`.
        task = pl.struct(_TASK).hash()
        places = portion.select(task=task, place="annotation_index")
        several = places.group_by("task").agg(several=place.min() != place.max()).filter("several").collect()
        if several.height:
            yield portion.filter(task.is_in(several["task"].implode())).collect()


def _left_out(
    rows: pl.DataFrame, which: Literal["first", "last"], one: One, task: list[str], row: list[str]
) -> pl.DataFrame:
    """The rows that do not count, by the columns `row`; `task` are those that identify a question."""
    rank, place, kind = pl.col("rank"), pl.col("annotation_index"), pl.col("kind")
    # Numbers for the tasks of the classifications and for their elements: windows over several texts are slow.
    ranked = rows.sort(*task, "annotation_index").with_columns(
        rank=pl.col("status").replace_strict(_RANKS, return_dtype=pl.Int8),
        number=pl.struct(task).rle_id(),
        element=pl.struct(*task, "annotation_index").rle_id(),
    )
    best = ranked.filter(rank.max().over("element") == rank.max().over("number"))
    # The elements of a task have one type; should they differ, all are taken for the last one.
    best = best.with_columns(kind=pl.col("task_type").last().over("number"))
    counting = [best.filter(kind.is_in(list(one)).not_().fill_null(True))]
    for columns in sorted(set(one.values())):
        part = ["number", *columns]
        types = [name for name, own in one.items() if own == columns]
        chosen = best.filter(kind.is_in(types)).filter(rank == rank.max().over(part))
        counting.append(chosen.filter(place == (place.max() if which == "last" else place.min()).over(part)))
    return rows.join(pl.concat(counting), on=row, how="anti", nulls_equal=True).select(row).unique()
