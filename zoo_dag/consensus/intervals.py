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


# Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom.
_T_95 = (
    12.706204736174694, 4.302652729749462, 3.1824463052837078, 2.7764451051977934, 2.5705818356363146,
    2.4469118511449786, 2.364624251592784, 2.306004135204166, 2.262157162798205, 2.228138851986274,
    2.200985160091639, 2.1788128296672284, 2.1603686564627913, 2.144786687917804, 2.131449545559776,
    2.1199052992212546, 2.1098155778333156, 2.1009220402410382, 2.0930240544083087, 2.085963447265864,
    2.0796138447276795, 2.0738730679040254, 2.0686576104190486, 2.0638985616280245, 2.0595385527532972,
    2.0555294386428735, 2.0518305164802846, 2.0484071417952454, 2.045229642132703, 2.0422724563012378,
)  # fmt: skip


def t_95(freedom: pl.Expr) -> pl.Expr:
    """Two-sided 95 % quantile of Student's t; null below one degree of freedom. Exact to 4e-8.

    Above 30 degrees by the expansion in powers of 1/n of Abramowitz and Stegun 1964, formula 26.7.5.
    """
    few = freedom.replace_strict(range(1, len(_T_95) + 1), _T_95, default=None, return_dtype=pl.Float64)
    terms = (
        Z_95,
        (Z_95**3 + Z_95) / 4,
        (5 * Z_95**5 + 16 * Z_95**3 + 3 * Z_95) / 96,
        (3 * Z_95**7 + 19 * Z_95**5 + 17 * Z_95**3 - 15 * Z_95) / 384,
        (79 * Z_95**9 + 776 * Z_95**7 + 1482 * Z_95**5 - 1920 * Z_95**3 - 945 * Z_95) / 92160,
    )
    many = sum((pl.lit(term) / freedom.cast(pl.Float64) ** power for power, term in enumerate(terms)), pl.lit(0.0))
    return pl.when(freedom > len(_T_95)).then(many).otherwise(few)
