"""Plots of consensus: how far volunteers agree, what they say most often, and on which subjects they differ."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.bars import Row, lying, ridges
from zoo_dag.plots.examples import with_examples
from zoo_dag.plots.picture import BLUE, many
from zoo_dag.wording.markdown import code, first_fitting

_BINS = (20, 10, 5)
_MOST_TASKS = 8
_MOST_WINNERS = 10
_TASK_LABEL = pl.col("task_label").first()


def questions(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task, winning answers and sample subjects, of the consensus of questions."""
    answer = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    return _votes(_winners(consensus, answer, pl.col("agreement")), other)


def dropdowns(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """The same of dropdowns, where every select is a task of its own."""
    option = pl.coalesce("option_label", "free_text", "option_value")
    named = consensus.with_columns(
        task=pl.format("{} {}", "task", pl.coalesce("select_label", pl.col("select_index").cast(pl.String))),
        task_label=pl.lit(None, pl.String),
    )
    return _votes(_winners(named, option, pl.col("agreement")), other)


def surveys(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """The same of surveys; agreement is the share of those who named anything that named the first choice."""
    choice = pl.coalesce("choice_label", "choice_id")
    share = pl.col("votes") / pl.col("n_answered")
    return _votes(_winners(consensus, choice, share), other, what="Share of the first choice")


def texts(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task and sample subjects, of the consensus of texts; lines of a page count one by one."""
    found = consensus.filter(pl.col("agreement").is_not_null()).select(
        "subject_id", "task", "task_revision", "task_label", "agreement", "n_answered", winner="text", tied=False
    )
    units = _named(found.collect())
    return {**_agreement(units, "Agreement"), **with_examples(units, other)} if units.height else {}


def sliders(consensus: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The distribution of the means, for each task over its own range."""
    columns = ("task", "task_revision", "task_label", "mean")
    units = _named(consensus.filter(pl.col("mean").is_finite()).select(columns).collect())
    ranges = units.group_by("name").agg(low=pl.col("mean").min(), high=pl.col("mean").max())
    width = pl.when(pl.col("high") > pl.col("low")).then(pl.col("high") - pl.col("low")).otherwise(1.0)
    placed = units.join(ranges, on="name").with_columns(place=(pl.col("mean") - pl.col("low")) / width)
    told = [
        f"{code(name, 16)} {low:g} to {high:g}"
        for name, low, high in ranges.sort("name").head(_MOST_TASKS).iter_rows()
    ]
    caption = f"Means of {many(units.height, 'subject')}, each task from its lowest to its highest: "
    plot = _ridges(placed, "Distribution of the means", ("lowest", "highest"), caption + "; ".join(told) + ".")
    return {"means": plot} if plot else {}


def _winners(consensus: pl.LazyFrame, winner: pl.Expr, agreement: pl.Expr) -> pl.DataFrame:
    """One row for each subject and task that somebody answered, with what has most votes."""
    found = consensus.filter(pl.col("rank") == 1).select(
        "subject_id",
        "task",
        "task_revision",
        "task_label",
        "n_answered",
        "tied",
        winner=winner,
        agreement=agreement,
    )
    return _named(found.collect())


def _named(units: pl.DataFrame) -> pl.DataFrame:
    """The units with `name`: the key of the task, or of its revision where the task has several."""
    several = pl.col("task_revision").n_unique().over("task") > 1
    return units.with_columns(name=pl.when(several).then("task_revision").otherwise("task"))


def _votes(units: pl.DataFrame, other: Other, what: str = "Agreement") -> dict[str, Shown]:
    if units.is_empty():
        return {}
    return {**_agreement(units, what), **_most_frequent(units), **with_examples(units, other)}


def _agreement(units: pl.DataFrame, what: str) -> dict[str, Shown]:
    values = units["agreement"].to_numpy()
    mean, least = values.mean(), values.min()
    pairs = many(units.height, "pair")
    caption = f"{what} on {pairs} of subject and task, from 0 to 1: mean {mean:.2f}, least {least:.2f}."
    plot = _ridges(units.with_columns(place=pl.col("agreement")), f"{what} by task", ("0", "1"), caption)
    return {"agreement": plot} if plot else {}


def _ridges(units: pl.DataFrame, title: str, ends: tuple[str, str], caption: str) -> str | None:
    """A distribution of `place`, 0 to 1, for each task; of many tasks those with most subjects."""
    tasks = (
        units.group_by("name")
        .agg(_TASK_LABEL, n=pl.len())
        .sort(["n", "name"], descending=[True, False])
        .head(_MOST_TASKS)
    )

    def draft(bins: int, count: int) -> str:
        bars = pl.col("place").mul(bins).floor().clip(0, bins - 1).cast(pl.Int64)
        binned = units.group_by("name", bars.alias("bar")).agg(n=pl.len())
        counts = {(name, place): n for name, place, n in binned.iter_rows()}
        rows = [
            Row(f"{name} {label or ''}", [counts.get((name, place), 0) for place in range(bins)])
            for name, label, _ in tasks.head(count).sort("name").iter_rows()
        ]
        left_out = units["name"].n_unique() - count
        return ridges(title, rows, ends, caption + (f" {left_out} more are not drawn." if left_out else ""))

    return first_fitting(draft(bins, count) for count in range(tasks.height, 0, -1) for bins in _BINS)


def _most_frequent(units: pl.DataFrame) -> dict[str, Shown]:
    """How many subjects each winner won, ties left out."""
    clear = units.filter(~pl.col("tied")).drop_nulls("winner")
    if clear.is_empty():
        return {}
    most_first = ["n", "name", "winner"]
    won = clear.group_by("name", "winner").agg(n=pl.len()).sort(most_first, descending=[True, False, False])
    one_task = units["name"].n_unique() == 1
    drawn = won.head(_MOST_WINNERS).sort("name", maintain_order=True)
    rows = [
        Row(f"{n:,} {winner}" if one_task else f"{n:,} {name} {winner}", [n])
        for name, winner, n in drawn.iter_rows()
    ]
    tied = int(units["tied"].sum())
    caption = f"Subjects by what has most votes; {tied:,} without a clear winner."
    plot = lying("Most frequent winners", rows, [BLUE], caption)
    return {"most frequent": plot} if plot else {}
