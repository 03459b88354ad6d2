"""A task several times in one classification: which of its elements count (docs/consensus.md).

Workflows loop, combos occur twice, and front ends send a task a second time. An answered element beats one that is
not, and an answer that cannot be read beats a blank. Of the elements that are left all count together, such as
marks and identifications, or one does, as the task type declares (`One`).
"""

from collections.abc import Mapping
from typing import Literal

import polars as pl

# By task type, of whose elements one counts: the columns for whose values it is chosen, each apart.
One = Mapping[str, tuple[str, ...]]

_TASK = ["classification_id", "parent_task", "task"]
_ELEMENT = ["classification_id", "annotation_index"]
_RANKS = {"blank": 0, "malformed": 1, "unknown_label": 1, "answered": 2}


def without_repeats(rows: pl.LazyFrame, which: Literal["first", "last"], one: One) -> pl.LazyFrame:
    """The rows of a flattened table without those of elements that do not count.

    `which` says which of several answered elements counts where one does. Takes the rows that are not excluded,
    with the `parent_task` of `parents.told_apart`.
    """
    place = pl.col("annotation_index")
    several = rows.group_by(_TASK).agg(several=place.min() != place.max())
    # Few workflows repeat a task, and choosing takes windows over the rows.
    if not several.select(pl.col("several").any()).collect().item():
        return rows
    parts = sorted({column for columns in one.values() for column in columns})
    repeated = several.filter("several").select(_TASK)
    candidates = rows.select(*_TASK, "task_type", "annotation_index", "status", *parts)
    candidates = candidates.join(repeated, on=_TASK, how="semi", nulls_equal=True)
    left_out = _left_out(candidates.collect(), which, one, [*_ELEMENT, *parts])
    return rows.join(left_out.lazy(), on=left_out.columns, how="anti", nulls_equal=True, maintain_order="left")


def _left_out(rows: pl.DataFrame, which: Literal["first", "last"], one: One, row: list[str]) -> pl.DataFrame:
    """The rows that do not count, by the columns `row`."""
    rank, place, kind = pl.col("rank"), pl.col("annotation_index"), pl.col("kind")
    ranked = rows.with_columns(rank=pl.col("status").replace_strict(_RANKS, return_dtype=pl.Int8))
    element = rank.max().over(_ELEMENT)
    best = ranked.filter(element == element.max().over(_TASK))
    # The elements of a task have one type; should they differ, all are taken for the last one.
    best = best.with_columns(kind=pl.col("task_type").sort_by(place).last().over(_TASK))
    counting = [best.filter(kind.is_in(list(one)).not_().fill_null(True))]
    for columns in sorted(set(one.values())):
        part = [*_TASK, *columns]
        types = [name for name, own in one.items() if own == columns]
        chosen = best.filter(kind.is_in(types)).filter(rank == rank.max().over(part))
        counting.append(chosen.filter(place == (place.max() if which == "last" else place.min()).over(part)))
    return rows.join(pl.concat(counting), on=row, how="anti", nulls_equal=True).select(row).unique()
