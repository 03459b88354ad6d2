"""Ranges of subjects, which bound memory: a consensus is computed of the rows of one range after the other.

A unit of consensus is of one subject, so ranges do not depend on each other once what is decided over all subjects
of a scope is decided. They follow each other in the order of `subject_ids`, in which the tables are sorted.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.tables.row_count import row_count

# Rows of a range, of which queries need some hundred MB. Each range costs a scan of the flattened tables.
ROWS_AT_ONCE = 500_000
# A mark needs about as much memory as some points of a path.
_POINTS_OF_A_ROW = 8
_SUBJECT = pl.col("subject_ids")
_PIECE = ("part", "start", "length")


class SubjectRange(NamedTuple):
    """Subjects from `first` on and before `end`, as texts; null is no bound."""

    first: str | None = None
    end: str | None = None

    def of(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of these subjects."""
        if self.first is not None:
            rows = rows.filter(self.first <= _SUBJECT)
        return rows if self.end is None else rows.filter(self.end > _SUBJECT)


EVERY_SUBJECT = (SubjectRange(),)


def subject_ranges(tables: Iterable[pl.LazyFrame], at_once: int | None = None) -> Sequence[SubjectRange]:
    """The subjects of some flattened tables in ranges of about `at_once` rows, in order.

    All rows of a subject are in one range, so that one subject may have more. Points of paths count as well. By
    default `at_once` is ROWS_AT_ONCE.
    """
    at_once = at_once or ROWS_AT_ONCE
    weighed = [(table, "points" in table.collect_schema()) for table in tables]
    if not any(paths for _, paths in weighed) and sum(row_count(table) for table, _ in weighed) <= at_once:
        return EVERY_SUBJECT
    of_paths = pl.col("points").list.len().sum().cast(pl.Int64) // _POINTS_OF_A_ROW
    each = [
        table.group_by(_SUBJECT).agg(rows=pl.len().cast(pl.Int64) + (of_paths if paths else 0))
        for table, paths in weighed
    ]
    rows = pl.concat(each).group_by(_SUBJECT).agg(pl.col("rows").sum()).sort(_SUBJECT).collect()
    before = pl.col("rows").cum_sum() - pl.col("rows")
    starts = rows.filter((before // at_once).is_first_distinct())["subject_ids"].to_list()[1:]
    return [SubjectRange(*ends) for ends in zip([None, *starts], [*starts, None], strict=True)]


def in_order(parts: Sequence[pl.LazyFrame], task: Sequence[str]) -> pl.LazyFrame:
    """The rows of some ranges, task by task.

    `parts` are queries of files in the order of their ranges, each sorted by `task`, the columns that identify a
    task, and then by subject. The files are read as the rows are.
    """
    runs = [_runs(part, task).with_columns(part=number) for number, part in enumerate(parts)]
    order = pl.concat(runs).sort(*task, "part", "start", nulls_last=True)
    pieces = [parts[part].slice(start, length) for part, start, length in order.select(_PIECE).iter_rows()]
    joined: pl.LazyFrame = pl.concat(pieces or parts)
    return joined


def _runs(part: pl.LazyFrame, task: Sequence[str]) -> pl.DataFrame:
    """Where the rows of each task stand in a part: `start` and `length`."""
    runs = part.select(pl.struct(task).rle()).unnest(task[0]).collect().unnest("value").rename({"len": "length"})
    return runs.with_columns(pl.col("length").cast(pl.Int64)).with_columns(
        start=pl.col("length").cum_sum() - pl.col("length")
    )
