"""Plots of the consensus of sliders."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import MOST_TASKS, distributions, named
from zoo_dag.plots.picture import many
from zoo_dag.wording.markdown import code


def sliders(consensus: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The distribution of the means, for each task over its range."""
    columns = ("parent_task", "task", "task_revision", "task_label", "mean")
    units = named(consensus.filter(pl.col("mean").is_finite()).select(columns).collect())
    ranges = units.group_by("name").agg(low=pl.col("mean").min(), high=pl.col("mean").max())
    width = pl.when(pl.col("high") > pl.col("low")).then(pl.col("high") - pl.col("low")).otherwise(1.0)
    placed = units.join(ranges, on="name").with_columns(place=(pl.col("mean") - pl.col("low")) / width)
    each = [
        f"{code(name, 16)} {low:g} to {high:g}"
        for name, low, high in ranges.sort("name").head(MOST_TASKS).iter_rows()
    ]
    caption = f"Means of {many(units.height, 'subject')}, each task from its lowest to its highest: "
    title, ends = "Distribution of the means", ("lowest", "highest")
    plot = distributions(placed, title, ends, f"{caption}{'; '.join(each)}.")
    return {"means": plot} if plot else {}
