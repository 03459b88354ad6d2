"""Plots of classifications: over time, and by subject."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

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


class OverTime(NamedTuple):
    """Classifications by a step of time: its name, how its start is written, and a row for each step.

    The rows are `from`, `all` and `counted`, also those of steps without a classification.
    """

    name: str
    written: str
    bars: pl.DataFrame


class Counts(NamedTuple):
    """Subjects by number of classifications: for each range `low`, `high` and `subjects`; and the median."""

    bars: pl.DataFrame
    median: int


def over_time(classifications: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """A plot of the classifications by hour, day, week, month, quarter or year, whichever gives enough bars.

    Takes `created_at` and `excluded`. Nothing where no row has a time.
    """
    plot = first_fitting(map(_over_time, by_time(classifications)))
    return {"votes over time": plot} if plot else {}


def by_time(classifications: pl.LazyFrame) -> Iterator[OverTime]:
    """Classifications by each step of time that gives at most 70 bars, the finest step first.

    Takes `created_at` and `excluded`. Nothing where no row has a time.
    """
    by_hour = (
        classifications.drop_nulls("created_at")
        .group_by(pl.col("created_at").dt.truncate("1h").alias("from"))
        .agg(all=pl.len(), counted=pl.col("excluded").null_count())
        .collect()
    )
    if by_hour.height:
        first, last = _ends(by_hour)
        # A wrong time may be thousands of years away: its hours are not counted one by one.
        steps = [step for step in _STEPS if last - first <= timedelta(days=step[0]) * _MOST_BARS]
        by_step = (_by_step(by_hour, *step) for _, *step in steps)
        yield from (each for each in by_step if each is not None)


def _ends(steps: pl.DataFrame) -> tuple[datetime, datetime]:
    times = steps["from"].to_list()
    return min(times), max(times)


def _by_step(by_hour: pl.DataFrame, step: str, name: str, written: str) -> OverTime | None:
    """The classifications by one step of time; None where that gives too many bars."""
    sums = by_hour.group_by(pl.col("from").dt.truncate(step)).agg(pl.col("all", "counted").sum())
    first, last = _ends(sums)
    every = pl.select(pl.datetime_range(first, last, step, time_unit="us", time_zone="UTC").alias("from"))
    if every.height > _MOST_BARS:
        return None
    return OverTime(name, written, every.join(sums, on="from", how="left", maintain_order="left").fill_null(0))


def _over_time(found: OverTime) -> str:
    name, written, bars = found
    first, last = bars["from"][0], bars["from"][-1]
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
    binned, median = binned_counts(counts)
    least, most = binned["low"][0], binned["high"][-1]
    bars = binned["subjects"].to_list()
    subjects = sum(bars)
    caption = (
        f"{many(subjects, 'subject')} with {least:,} to {most:,} classifications that count; half of them have at "
        f"most {median:,}. The highest bar is {many(max(bars), 'subject')}."
        if least < most
        else f"{many(subjects, 'subject')} with {many(most, 'classification')} that count{'s' * (most == 1)}."
    )
    return standing("Subjects by number of classifications", [Layer(bars)], (f"{least:,}", f"{most:,}"), caption)


def binned_counts(counts: pl.DataFrame) -> Counts:
    """At most 40 ranges of equal width, from `n`, the classifications of a subject, and `subjects` with `n`."""
    ordered = counts.sort("n")
    least, most = ordered["n"][0], ordered["n"][-1]
    width = -(-(most - least + 1) // _BARS_OF_COUNTS)
    sums = ordered.group_by(place=(pl.col("n") - least) // width).agg(pl.col("subjects").sum())
    low = least + pl.col("place") * width
    bars = (
        pl.DataFrame({"place": range((most - least) // width + 1)}, schema={"place": sums.schema["place"]})
        .join(sums, on="place", how="left", maintain_order="left")
        .select(low=low, high=pl.min_horizontal(low + width - 1, most), subjects=pl.col("subjects").fill_null(0))
    )
    half = pl.col("subjects").cum_sum() * 2 >= pl.col("subjects").sum()
    return Counts(bars, ordered.filter(half)["n"][0])
