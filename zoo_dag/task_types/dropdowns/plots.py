"""Plots of the consensus of dropdowns."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import of_votes, winners


def units(consensus: pl.LazyFrame) -> pl.DataFrame:
    """The winning option of each subject and select; every select counts as a task."""
    option = pl.coalesce("option_label", "free_text", "option_value")
    named = consensus.with_columns(
        task=pl.format("{} {}", "task", pl.coalesce("select_label", pl.col("select_index").cast(pl.String))),
        task_label=pl.lit(None, pl.String),
    )
    return winners(named, option, pl.col("agreement"))


def dropdowns(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task, winning options and sample subjects, where every select counts as a task."""
    return of_votes(units(consensus), other)
