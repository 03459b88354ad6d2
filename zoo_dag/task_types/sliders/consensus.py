"""Consensus of sliders: mean, median and spread of the values, with the interval of the mean."""

import polars as pl

from zoo_dag.consensus.intervals import t_95
from zoo_dag.consensus.units import Scope, classifications_with, units
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.declaration import Aggregated, Annotations


def slider_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `slider_annotations` to `slider_consensus`, with the columns of `zoo_dag.tables`.

    All measures are in the unit of the slider. `std` divides by n - 1; `mad` is the median distance from the
    median, not scaled to a standard deviation; quartiles are interpolated linearly. `mean_low` and `mean_high`
    are the 95 % interval of Student's t, and may lie outside the slider's range; with one value they and `std`
    are null. `n_answered` is the number of values; where it is 0 all measures are null.

    A slider that was left where it stood counts as a value: a volunteer who agrees with the default has no other
    way to say so. Without the setting `sliders.count_untouched` it is none; its classification still reached the
    task. `n_untouched` counts these values, with any setting.
    """
    rows = annotations["slider_annotations"]
    counts = pl.col("status") == "answered"
    untouched = counts & pl.col("untouched").fill_null(False)
    if not settings.sliders.count_untouched:
        counts &= ~untouched
    values = rows.filter(counts).group_by(scope.unit).agg(values="value").with_columns(_measures())
    left_alone = rows.group_by(scope.unit).agg(n_untouched=classifications_with(untouched))
    consensus = units(rows, scope).drop("n_answered")
    for frame in (left_alone, values):
        consensus = consensus.join(frame, on=scope.unit, how="left", nulls_equal=True)
    half = t_95(pl.col("n_answered") - 1) * pl.col("std") / pl.col("n_answered").sqrt()
    consensus = consensus.with_columns(
        pl.col("n_answered").fill_null(0), mean_low=pl.col("mean") - half, mean_high=pl.col("mean") + half
    )
    return Aggregated(consensus.sort(scope.unit, nulls_last=True))


def _measures() -> list[pl.Expr]:
    """Measures of the column `values`, a list for each unit."""
    # From sorted lists, since sums of groups depend on the order of the rows to the last bit.
    values, value = pl.col("values").list.sort(), pl.element()
    return [
        values.list.len().cast(pl.Int64).alias("n_answered"),
        values.list.mean().alias("mean"),
        values.list.median().alias("median"),
        values.list.std().alias("std"),
        values.list.agg((value - value.median()).abs().median()).alias("mad"),
        values.list.first().alias("min"),
        values.list.last().alias("max"),
        values.list.agg(value.quantile(0.25, "linear")).alias("q25"),
        values.list.agg(value.quantile(0.75, "linear")).alias("q75"),
    ]
