"""Sample subjects for the plots of marks: which are drawn, their marks, and the tools by name."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.plots.outlines import Mark
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.shapes import is_closed, shape_of
from zoo_dag.wording.markdown import code, plain

# The largest number of marks in a plot; of more, a plot shows an even sample.
_MOST_MARKS = 100
UNIT = ["task", "subject_ids"]
_TOOL = ("tool_index", "tool_type", "tool_label")
# The largest number of tools, as many as have room for their names below the picture.
MOST_TOOLS = 4


class Sample(NamedTuple):
    """A subject and task: the reason for its choice, and the frame with most marks."""

    why: str
    task: str
    subject_ids: str
    frame: int

    def __str__(self) -> str:
        """Subject, task, and the frame where it is not the first."""
        on_frame = f", frame {self.frame}" if self.frame else ""
        return f"Subject {code(self.subject_ids, 20)}, task {code(self.task, 12)}{on_frame}"


def clusters_of(clusters: pl.LazyFrame, where: pl.Expr) -> tuple[pl.LazyFrame, list[str]]:
    """The clusters that are no candidates, by named task; and the tasks that combos tell apart."""
    clustered = clusters.filter(~pl.col("is_candidate"), where)
    in_combos = clustered.filter(pl.col("parent_task").is_not_null()).select(pl.col("task").unique()).collect()
    apart = in_combos["task"].to_list()
    return named_in_combos(clustered, apart), apart


def units_of_clusters(clustered: pl.LazyFrame) -> pl.DataFrame:
    """By task and subject the clusters, for `chosen` and for the list of sample subjects."""
    units = units_of(
        clustered,
        pl.col("subject_id").first(),
        agreement=pl.col("detection").mean(),
        n_answered=pl.col("n_classifications").first(),
    )
    counts = pl.format("{} cluster{}", "n", pl.when(pl.col("n") > 1).then(pl.lit("s")).otherwise(pl.lit("")))
    return units.with_columns(name="task", winner=counts)


def named_in_combos(rows: pl.LazyFrame, apart: Sequence[str]) -> pl.LazyFrame:
    """The rows with the combo in the name of the tasks that combos tell apart."""
    in_combo = pl.coalesce(pl.format("{}.{}", "parent_task", "task"), "task")
    return rows.with_columns(task=pl.when(pl.col("task").is_in(apart)).then(in_combo).otherwise("task"))


def counted(marks: pl.LazyFrame, where: pl.Expr) -> pl.LazyFrame:
    """The marks that count."""
    return marks.filter(pl.col("excluded").is_null(), pl.col("status") == "answered", where)


def units_of(marks: pl.LazyFrame, *measures: pl.Expr, **named: pl.Expr) -> pl.DataFrame:
    """By task and subject the number of marks `n`, the `frame` with most of them, and the measures."""
    most = pl.col("frame").fill_null(0).mode().sort().first()
    return marks.group_by(UNIT).agg(*measures, n=pl.len(), frame=most, **named).sort(UNIT).collect()


def chosen(units: pl.DataFrame, by: str, names: Sequence[str]) -> list[Sample]:
    """The unit with most marks, and of the others the middle and the lowest one, as far as there are names."""
    if units.is_empty():
        return []
    largest = units.sort(["n", *UNIT], descending=[True, False, False]).head(1)
    others = units.join(largest, on=UNIT, how="anti").sort([by, *UNIT])
    middle, lowest = others.slice((others.height - 1) // 2, 1), others.head(1 if others.height > 2 else 0)
    picked = zip(names, (largest, middle, lowest), strict=False)
    return [Sample(why, *row.select(*UNIT, "frame").row(0)) for why, row in picked if row.height]


def marks_of(
    marks: pl.LazyFrame, samples: Sequence[Sample], extra: Sequence[str] = ()
) -> dict[Sample, list[Mark]]:
    """The marks of the samples that have any, with their shape, by tool; `total` says how many there are."""
    subjects = sorted({sample.subject_ids for sample in samples})
    group = [*UNIT, "frame"]
    every = (pl.col("total") + _MOST_MARKS - 1) // _MOST_MARKS
    rows = (
        marks.filter(pl.col("subject_ids").is_in(subjects))
        .select(*group, *_TOOL, *MEASURES, "points", "closed", *extra)
        .with_columns(pl.col("frame").fill_null(0), shape=shape_of(is_closed()))
        .filter(pl.col("shape").is_not_null())
        .collect()
        .with_columns(total=pl.len().over(group), number=pl.int_range(pl.len()).over(group))
        .filter(pl.col("number") % every == 0)
        .sort("tool_index", "tool_type", maintain_order=True)
        .to_dicts()
    )
    by_sample: dict[Sample, list[Mark]] = {
        sample: [row for row in rows if (row["task"], row["subject_ids"], row["frame"]) == sample[1:]]
        for sample in samples
    }
    return {sample: drawn for sample, drawn in by_sample.items() if drawn}


def by_tool(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    """The marks of each tool by its name; of many tools, the last are one group."""
    tools: dict[tuple[int | None, str | None], list[Mark]] = {}
    for mark in marks:
        tools.setdefault((mark["tool_index"], mark["tool_type"]), []).append(mark)
    groups: dict[str, list[Mark]] = {}
    for number, group in enumerate(tools.values()):
        last = number >= MOST_TOOLS - 1 and len(tools) > MOST_TOOLS
        name = "other tools" if last else plain(group[0]["tool_label"] or group[0]["tool_type"] or "?", 14)
        groups.setdefault(name, []).extend(group)
    return groups
