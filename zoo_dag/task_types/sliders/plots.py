"""Plots of the consensus of sliders."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named, over_ranges


def sliders(consensus: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The distribution of the means, for each task over its range."""
    units = named(consensus.select("parent_task", "task", "task_revision", "task_label", "mean").collect())
    plot = over_ranges(units, "mean", "Distribution of the means", "Means")
    return {"means": plot} if plot else {}
