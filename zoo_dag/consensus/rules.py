"""Rules that the numbers of a consensus table obey by construction, and the building blocks to declare them.

A rule is a statement and the expression that says which rows break it. A broken rule is a fault of the code.
"""

from collections.abc import Mapping
from itertools import pairwise

import polars as pl

# By statement, whether a row breaks it.
Rules = Mapping[str, pl.Expr]

# Means of floats may miss the bounds by rounding.
_ROUNDING = 1e-9


def at_most(low: str, high: str) -> Rules:
    """A count is between 0 and another count."""
    return {f"{low} is between 0 and {high}": ~pl.col(low).is_between(0, pl.col(high))}


def ordered(*names: str) -> Rules:
    """Each number is at most the next."""
    return {f"{low} is at most {high}": ~_below(pl.col(low), pl.col(high)) for low, high in pairwise(names)}


def fractions(*names: str) -> Rules:
    """Numbers are between 0 and 1."""
    return {f"{name} is between 0 and 1": ~_is_fraction(pl.col(name)) for name in names}


def fraction_in(column: str, field: str = "fraction") -> Rules:
    """A field of the structs in a list column is between 0 and 1."""
    broken = ~_is_fraction(pl.element().struct.field(field))
    return {f"in {column}, {field} is between 0 and 1": _any(column, broken)}


def at_most_in(column: str, low: str, high: str) -> Rules:
    """Of the structs in a list column, one field is between 0 and another."""
    low_field, high_field = pl.element().struct.field(low), pl.element().struct.field(high)
    return {f"in {column}, {low} are at most {high}": _any(column, ~low_field.is_between(0, high_field))}


def where(condition: str, holds: pl.Expr, rules: Rules) -> Rules:
    """Rules for those rows in which a condition, in words, holds."""
    return {f"where {condition}, {statement}": holds & broken for statement, broken in rules.items()}


def _any(column: str, broken: pl.Expr) -> pl.Expr:
    return pl.col(column).list.eval(broken).list.any()


def _below(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    return low <= high + _ROUNDING * (1 + high.abs())


def _is_fraction(number: pl.Expr) -> pl.Expr:
    return _below(pl.lit(0.0), number) & _below(number, pl.lit(1.0))


# Rules for the columns that all consensus tables share.
UNIT: Rules = {
    "a subject and task was classified": pl.col("n_classifications") < 1,
    **at_most("n_blank", "n_classifications"),
    **at_most("n_volunteers", "n_classifications"),
    **at_most("n_anonymous", "n_classifications"),
    **at_most("n_after_retirement", "n_classifications"),
    **at_most("n_classifications", "n_seen"),
    "asked is n_classifications / n_seen": pl.col("asked") != pl.col("n_classifications") / pl.col("n_seen"),
}
# Rules for the columns of `ranking.compared`.
VOTES: Rules = {
    **at_most("votes", "n_answered"),
    **at_most("n_answered", "n_classifications"),
    **ordered("fraction_low", "fraction", "fraction_high"),
    **ordered("fraction_of_all", "fraction"),
    **fractions("fraction", "fraction_of_all", "fraction_low", "fraction_high", "entropy", "agreement"),
    "rank is 1 or more": pl.col("rank") < 1,
}
