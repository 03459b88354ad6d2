"""Intervals and measures of agreement, as Polars expressions."""

import polars as pl

# Two-sided 95 % quantile of the standard normal distribution.
Z_95 = 1.959963984540054


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


def normalised_entropy(votes: pl.Expr, options: pl.Expr) -> pl.Expr:
    """Shannon entropy of votes over options, divided by ln(options): 0 unanimous, 1 evenly split.

    An aggregation over the answers of one unit; `options` is the number of possible answers. 0 where only one
    answer is possible, null where there are no votes.
    """
    total = votes.sum()
    share = pl.when(votes > 0).then(votes / total)
    entropy = -(share * share.log()).sum()
    most = options.max().cast(pl.Float64)
    return (
        pl.when(total == 0).then(None).when(most <= 1).then(0.0).otherwise((entropy / most.log()).clip(0, 1).abs())
    )


def t_95(freedom: pl.Expr) -> pl.Expr:
    """Two-sided 95 % quantile of Student's t, Float64; null below one degree of freedom."""
    return freedom.map_batches(_t_95, return_dtype=pl.Float64(), is_elementwise=True)


def _t_95(freedom: pl.Series) -> pl.Series:
    # SciPy is slow to import, and many projects have no sliders.
    from scipy.special import stdtrit  # noqa: PLC0415

    degrees = freedom.filter(freedom >= 1).unique()
    quantiles = pl.Series(stdtrit(degrees.to_numpy(), 0.975), dtype=pl.Float64)
    return freedom.replace_strict(degrees, quantiles, default=None, return_dtype=pl.Float64)
