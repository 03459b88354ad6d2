"""Plots of consensus: agreement by task, the most frequent answers, and subjects on which volunteers differ."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.bars import Row, lying, ridges
from zoo_dag.plots.examples import with_examples
from zoo_dag.plots.picture import BLUE, many
from zoo_dag.wording.markdown import code, most_that_fits

# The largest number of tasks in a plot of distributions.
MOST_TASKS = 8
_BINS = 20
_MOST_WINNERS = 10


# A unit on which volunteers agree more or less: what it is of, who won, and the agreement, 0 to 1.
UNITS = (
    *("subject_id", "subject_ids", "parent_task", "task", "task_revision", "task_label"),
    *("n_answered", "tied", "winner", "agreement"),
)


def winners(consensus: pl.LazyFrame, winner: pl.Expr, agreement: pl.Expr) -> pl.DataFrame:
    """One row for each subject and task that somebody answered, with the winner: the answer with most votes.

    Takes a consensus table with ranks, and the winner and the agreement as expressions of its rows.
    Returns the columns of UNITS and `name`.
    """
    rows = consensus.filter(pl.col("rank") == 1).with_columns(winner=winner, agreement=agreement)
    return named(rows.select(UNITS).collect())


def named(units: pl.DataFrame) -> pl.DataFrame:
    """The units with `name`: the key of the task, or of its revision where the task has several.

    That of a task in several combos begins with the combo.
    """
    several = pl.col("task_revision").n_unique().over("task") > 1
    name = pl.when(several).then("task_revision").otherwise("task")
    return units.with_columns(name=pl.coalesce(pl.format("{}.{}", "parent_task", name), name))


def of_votes(units: pl.DataFrame, other: Other, what: str = "Agreement") -> dict[str, Shown]:
    """Agreement by task, the most frequent winners, and sample subjects; takes `winners`."""
    if units.is_empty():
        return {}
    return {**agreement_by_task(units, what), **_most_frequent(units), **with_examples(units, other)}


def agreement_by_task(units: pl.DataFrame, what: str) -> dict[str, Shown]:
    """The distribution of `agreement`, 0 to 1, for each task; `what` it is, in words."""
    values = units["agreement"].to_numpy()
    mean, least = values.mean(), values.min()
    pairs = many(units.height, "pair")
    caption = f"{what} on {pairs} of subject and task, from 0 to 1: mean {mean:.2f}, least {least:.2f}."
    plot = distributions(units.with_columns(place=pl.col("agreement")), f"{what} by task", ("0", "1"), caption)
    return {"agreement": plot} if plot else {}


def over_ranges(units: pl.DataFrame, measure: str, title: str, what: str) -> str | None:
    """The distribution of a measure for each task `name`, from its lowest to its highest; `what` it is, in words.

    Units in which it is null or no number are left out. None where no unit is left.
    """
    units = units.filter(pl.col(measure).is_finite())
    if units.is_empty():
        return None
    ranges = units.group_by("name").agg(low=pl.col(measure).min(), high=pl.col(measure).max())
    width = pl.when(pl.col("high") > pl.col("low")).then(pl.col("high") - pl.col("low")).otherwise(1.0)
    placed = units.join(ranges, on="name").with_columns(place=(pl.col(measure) - pl.col("low")) / width)
    each = [
        f"{code(name, 16)} {low:g} to {high:g}"
        for name, low, high in ranges.sort("name").head(MOST_TASKS).iter_rows()
    ]
    caption = f"{what} of {many(units.height, 'subject')}, each task from its lowest to its highest: "
    return distributions(placed, title, ("lowest", "highest"), f"{caption}{'; '.join(each)}.")


def distributions(units: pl.DataFrame, title: str, ends: tuple[str, str], caption: str) -> str | None:
    """A distribution of `place`, 0 to 1, for each task `name`; of many tasks those with most subjects.

    `ends` are those of the axis, in words.
    """
    tasks = (
        units.group_by("name")
        .agg(pl.col("task_label").first(), n=pl.len())
        .sort(["n", "name"], descending=[True, False])
        .head(MOST_TASKS)
    )
    counts = {(name, place): n for name, place, n in binned(units, _BINS).iter_rows()}

    def draft(count: int) -> str:
        rows = [
            Row(f"{name} {label or ''}", [counts.get((name, place), 0) for place in range(_BINS)])
            for name, label, _ in tasks.head(count).sort("name").iter_rows()
        ]
        left_out = units["name"].n_unique() - count
        return ridges(title, rows, ends, caption + (f" {left_out} more are not drawn." if left_out else ""))

    return most_that_fits(draft, tasks.height)


def binned(units: pl.DataFrame, bins: int) -> pl.DataFrame:
    """How many `n` units of each task `name` have their `place`, 0 to 1, in each of so many equal bins `bar`."""
    bar = pl.col("place").mul(bins).floor().clip(0, bins - 1).cast(pl.Int64)
    return units.group_by("name", bar=bar).agg(n=pl.len())


def won(units: pl.DataFrame) -> pl.DataFrame:
    """By task `name` how many `n` subjects each `winner` won, the most first; ties left out."""
    clear = units.filter(~pl.col("tied")).drop_nulls("winner")
    most_first = ["n", "name", "winner"]
    return clear.group_by("name", "winner").agg(n=pl.len()).sort(most_first, descending=[True, False, False])


def _most_frequent(units: pl.DataFrame) -> dict[str, Shown]:
    """How many subjects each winner won, ties left out."""
    frequent = won(units)
    if frequent.is_empty():
        return {}
    one_task = units["name"].n_unique() == 1
    drawn = frequent.head(_MOST_WINNERS).sort("name", maintain_order=True)
    rows = [
        Row(f"{n:,} {winner}" if one_task else f"{n:,} {name} {winner}", [n])
        for name, winner, n in drawn.iter_rows()
    ]
    tied = int(units["tied"].sum())
    caption = f"Subjects by what has most votes; {tied:,} without a clear winner."
    plot = lying("Most frequent winners", rows, [BLUE], caption)
    return {"most frequent": plot} if plot else {}
