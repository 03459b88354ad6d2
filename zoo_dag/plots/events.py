"""Plots of events: what was there, and how often."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named
from zoo_dag.plots.bars import Row, lying
from zoo_dag.plots.choices import with_names_of_choices
from zoo_dag.plots.picture import BLUE, GREY, many, percent

_MOST_BARS = 12
_EVENT = ["parent_task", "task", "task_revision", "event_id"]


def present(consensus: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """In how many events each choice is present, and in how many it won a subject and is not."""
    counts = (
        _of_tasks(consensus.filter(pl.col("choice_id").is_not_null()))
        .group_by("choice")
        .agg(pl.col("present").sum(), others=(~pl.col("present")).sum())
        .sort("present", "choice", descending=[True, False])
    )
    if counts.is_empty():
        return {}
    total, blank = consensus.unique(_EVENT, keep="any").select(pl.len(), pl.col("is_blank").sum()).collect().row(0)
    rows = [Row(f"{name} {n:,}", [n, others]) for name, n, others in counts.iter_rows()]
    caption = (
        f"Events in which a choice is present, and in which it won a subject but not enough votes. Of "
        f"{many(total, 'event')}, {percent(blank / total)} are blank."
    )
    plot = lying("Events by choice", rows[:_MOST_BARS], [BLUE, GREY], caption, names=("present", "not enough"))
    return {"events by choice": plot} if plot else {}


def rates(rows: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """Independent events per 100 days of each choice, over all deployments."""
    n, effort = pl.col("n_independent"), pl.col("effort_days")
    known = rows.filter(n.is_not_null() & effort.is_not_null())
    by_choice = (
        _of_tasks(known)
        .group_by("choice")
        .agg(rate=100 * n.sum() / effort.sum(), deployments=pl.len())
        .sort("rate", "choice", descending=[True, False])
    )
    if by_choice.is_empty():
        return {}
    bars = [Row(f"{name} {rate:.3g}", [rate]) for name, rate, _ in by_choice.iter_rows()]
    n_deployments = int(by_choice["deployments"].max() or 0)  # type: ignore[arg-type]
    caption = f"Independent events per 100 days of effort, {many(n_deployments, 'deployment')} together."
    plot = lying("Rates", bars[:_MOST_BARS], [BLUE], caption)
    return {"rates": plot} if plot else {}


def _of_tasks(rows: pl.LazyFrame) -> pl.DataFrame:
    """The rows, with the name of the choice; of several tasks, that of the task before it."""
    frame = with_names_of_choices(named(rows.collect()))
    is_alone = frame["name"].n_unique() <= 1
    return frame if is_alone else frame.with_columns(choice=pl.format("{}: {}", "name", "choice"))
