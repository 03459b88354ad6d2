"""Intervals and measures of agreement, as Polars expressions."""

import numpy as np
import polars as pl

# Two-sided 95 % quantile of the standard normal distribution.
Z_95 = 1.959963984540054
# Columns on the way to an entropy.
_STEPS = ("_votes", "_total", "_most", "_share", "_of_answer")


def wilson_low(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """Lower end of the 95 % Wilson score interval of successes / trials; null without trials.

    E. B. Wilson 1927, J. Am. Stat. Assoc. 22:209. Float64 between 0 and 1.
    """
    return _wilson(successes, trials, -1).clip(0, 1)


def wilson_high(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """Upper end of the 95 % Wilson score interval of successes / trials; null without trials."""
    return _wilson(successes, trials, 1).clip(0, 1)


def _wilson(successes: pl.Expr, trials: pl.Expr, side: int) -> pl.Expr:
    n = pl.when(trials > 0).then(trials.cast(pl.Float64))
    share = successes / n
    centre = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * (share * (1 - share) / n + Z_95**2 / (4 * n**2)).sqrt()
    return centre + side * half


def with_entropy(rows: pl.LazyFrame, name: str, votes: pl.Expr, options: pl.Expr) -> pl.LazyFrame:
    """The rows with the Shannon entropy of votes over options by unit, divided by ln(options), as `name`.

    0 is unanimous, 1 evenly split. Rows are answers, in the order of the numbers of their units in `unit`, from 0
    up without gaps. `options` is the number of possible answers, of which the largest of the unit counts. The
    entropy is 0 where only one answer is possible, null where there are no votes.
    """
    own, total, most, share, of_answer = map(pl.col, _STEPS)
    # Step by step: a window of more than a column is evaluated unit by unit.
    numbers = rows.with_columns(_votes=votes, _most=options).with_columns(
        _total=own.sum().over("unit"), _most=most.max().over("unit"), _alone=pl.len().over("unit") == 1
    )
    # Rounded as Polars divides the numbers of one unit by their sum: times its reciprocal.
    of_all = pl.when("_alone").then(own / total).otherwise(own * (1 / total))
    shares = numbers.with_columns(_share=pl.when(own > 0).then(of_all))
    in_steps = shares.with_columns(_of_answer=share * share.log(), _most=most.cast(pl.Float64).log())
    normalised = pl.struct("unit", of_answer, most).map_batches(_divided, pl.Float64()).clip(0, 1).abs()
    found = in_steps.with_columns(
        pl.when(total == 0).then(None).when(most <= 0).then(0.0).otherwise(normalised).alias(name)
    )
    return found.drop("_alone", *_STEPS)


def _divided(answers: pl.Series) -> pl.Series:
    """For each answer the entropy of its unit, divided by the logarithm of the number of options."""
    rows = answers.struct.unnest()
    # In the order of the rows: sums of fractions depend on it to the last bit.
    sums = rows.group_by("unit", maintain_order=True).agg("_of_answer")["_of_answer"].list.sum()
    # NumPy, because Polars divides by a column of one value through its reciprocal.
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -sums.gather(rows["unit"]).to_numpy() / rows["_most"].to_numpy()
    return pl.Series(entropy, nan_to_null=True)


def t_95(freedom: pl.Expr) -> pl.Expr:
    """Two-sided 95 % quantile of Student's t, Float64; null below one degree of freedom."""
    return freedom.map_batches(_t_95, return_dtype=pl.Float64(), is_elementwise=True)


def _t_95(freedom: pl.Series) -> pl.Series:
    # SciPy is slow to import, and many projects have no sliders.
    from scipy.special import stdtrit  # noqa: PLC0415

    degrees = freedom.filter(freedom >= 1).unique()
    quantiles = pl.Series(stdtrit(degrees.to_numpy(), 0.975), dtype=pl.Float64)
    return freedom.replace_strict(degrees, quantiles, default=None, return_dtype=pl.Float64)
