"""Ranks, fractions and agreement of votes: for answers, options of a select, or choices of a survey."""

from collections.abc import Sequence

import polars as pl

from zoo_dag.consensus.intervals import wilson_high, wilson_low, with_entropy


def ranked(rows: pl.LazyFrame, unit: list[str], order: list[str], first: Sequence[str] = ()) -> pl.LazyFrame:
    """The rows sorted by unit, then most `votes` first, with `rank` (1 for most votes) and `tied`.

    The column `unit` is then a number of the unit. Takes `votes`, null where nobody voted (0 afterwards), and
    `n_answered`. Ties are in the order of the columns `order`. Options that all gave are agreed on, and not tied.
    The columns `first` go before the votes: options tie only where they are equal in them too. Rank and tied are
    null in a unit that nobody answered.
    """
    by_votes = rows.with_columns(pl.col("votes").fill_null(0)).sort(
        [*unit, *first, pl.col("votes").neg(), *order], nulls_last=True
    )
    # The order of the rows within a unit is the rank. Windows over several texts are slow.
    numbered = by_votes.with_columns(unit=pl.struct(unit).rle_id(), rank=pl.int_range(pl.len(), dtype=pl.Int32))
    answered, place = pl.when(pl.col("n_answered") > 0), pl.col("rank")
    equal = pl.len().over(["unit", *first, "votes"]) > 1
    return numbered.with_columns(
        rank=answered.then(place - place.min().over("unit") + 1),
        tied=answered.then(equal & (pl.col("votes") < pl.col("n_answered"))),
    )


def compared(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of `ranked` with fractions of those who answered, their intervals, entropy and agreement.

    Takes `votes`, `n_answered`, `n_classifications`, and the number of possible answers: `n_given` (different
    ones given to the task) and `n_offered` (by the workflow), of which the larger one counts. The entropy is
    normalised by it; `agreement` is the largest fraction of the unit. Null in a unit that nobody answered.
    """
    votes, n_answered = pl.col("votes"), pl.col("n_answered")
    fractions = rows.with_columns(
        fraction=pl.when(n_answered > 0).then(votes / n_answered),
        fraction_of_all=votes / pl.col("n_classifications"),
        fraction_low=wilson_low(votes, n_answered),
        fraction_high=wilson_high(votes, n_answered),
    )
    measured = with_entropy(fractions, "entropy", votes, pl.max_horizontal("n_given", "n_offered"))
    return measured.with_columns(agreement=pl.col("fraction").max().over("unit"))
