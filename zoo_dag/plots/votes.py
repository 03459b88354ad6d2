"""Plots of classifications: over time, and by subject."""

from datetime import datetime, timedelta

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.bars import Layer, standing
from zoo_dag.plots.picture import BLUE, ORANGE, many
from zoo_dag.wording.markdown import first_fitting

# Steps of time from the finest: the most days of one, its name in Polars, our name, and the format of its start.
_STEPS = (
    (1 / 24, "1h", "hour", "%Y-%m-%d %H:00"),
    (1, "1d", "day", "%Y-%m-%d"),
    (7, "1w", "week", "%Y-%m-%d"),
    (31, "1mo", "month", "%Y-%m"),
    (92, "1q", "quarter", "%Y-%m"),
    (366, "1y", "year", "%Y"),
    (3653, "10y", "decade", "%Y"),
)
_MOST_BARS = 70
_BARS_OF_COUNTS = 40


def over_time(classifications: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """A plot of the classifications by hour, day, week, month, quarter or year, whichever gives enough bars.

    Takes `created_at` and `excluded`. Nothing where no row has a time.
    """
    by_hour = (
        classifications.drop_nulls("created_at")
        .group_by(pl.col("created_at").dt.truncate("1h").alias("from"))
        .agg(all=pl.len(), counted=pl.col("excluded").null_count())
        .collect()
    )
    if by_hour.is_empty():
        return {}
    plot = first_fitting(_by_step(by_hour, *step) for step in _STEPS)
    return {"votes over time": plot} if plot else {}


def _by_step(by_hour: pl.DataFrame, days: float, step: str, name: str, written: str) -> str | None:
    """The plot by one step of time; None where that gives too many bars."""
    first, last = by_hour.select(pl.col("from").min().alias("first"), pl.col("from").max().alias("last")).row(0)
    # A wrong time may be thousands of years away: its hours are not counted one by one.
    if last - first > timedelta(days=days) * _MOST_BARS:
        return None
    starts = pl.col("from").dt.truncate(step)
    first, last = by_hour.select(starts.min().alias("first"), starts.max().alias("last")).row(0)
    every = pl.select(pl.datetime_range(first, last, step, time_unit="us", time_zone="UTC").alias("from"))
    if every.height > _MOST_BARS:
        return None
    sums = by_hour.group_by(starts).agg(pl.col("all", "counted").sum())
    bars = every.join(sums, on="from", how="left", maintain_order="left").fill_null(0)
    everything, counted = bars["all"].to_list(), bars["counted"].to_list()
    most = max(everything)
    top: datetime = bars["from"][everything.index(most)]
    left_out = sum(everything) - sum(counted)
    caption = (
        f"{many(sum(everything), 'classification')}, at most {most:,} in one {name} ({top.strftime(written)})."
        f"{' Blue: counted; orange: left out of consensus.' if left_out else ''}"
    )
    layers = [*([Layer(everything, ORANGE)] if left_out else []), Layer(counted, BLUE)]
    ends = (first.strftime(written), last.strftime(written))
    return standing("Classifications over time", layers, ends, caption)


def per_subject(classifications: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """A histogram of how many classifications that count each subject has. Takes `subject_ids` and `excluded`."""
    counts = (
        classifications.group_by("subject_ids")
        .agg(n=pl.col("excluded").null_count())
        .group_by("n")
        .agg(subjects=pl.len())
        .collect()
    )
    return {"classifications per subject": histogram_of_counts(counts)}


def histogram_of_counts(counts: pl.DataFrame) -> str:
    """A histogram of `n`, the classifications of a subject; `subjects` is the number of subjects with `n`."""
    numbers = counts["n"].to_list()
    least, most = min(numbers), max(numbers)
    width = -(-(most - least + 1) // _BARS_OF_COUNTS)
    sums = dict(counts.group_by((pl.col("n") - least) // width).agg(pl.col("subjects").sum()).iter_rows())
    bars = [sums.get(place, 0) for place in range((most - least) // width + 1)]
    ordered = counts.sort("n")
    subjects = int(ordered["subjects"].sum())
    median = ordered.filter(pl.col("subjects").cum_sum() * 2 >= subjects)["n"][0]
    caption = (
        f"{many(subjects, 'subject')} with {least:,} to {most:,} classifications that count; half of them have at "
        f"most {median:,}. The highest bar is {many(max(bars), 'subject')}."
        if least < most
        else f"{many(subjects, 'subject')} with {many(most, 'classification')} that count{'s' * (most == 1)}."
    )
    return standing("Subjects by number of classifications", [Layer(bars)], (f"{least:,}", f"{most:,}"), caption)
