"""What holds for the numbers of every consensus table by construction: anything else is a fault of zoo_dag."""

from collections.abc import Mapping
from itertools import pairwise

import polars as pl

Rules = Mapping[str, pl.Expr]

# Means of floats may miss the bounds by rounding.
_ROUNDING = 1e-9


def rules_of(measures: str) -> Rules:
    """The rules of a consensus table, and of its pooled twin: by statement, whether a row breaks it."""
    return {**_UNIT, **_RULES[measures]}


def rules_of_summary(columns: list[str]) -> Rules:
    """The rules of `subject_summary`, whose columns depend on the tasks of the workflow."""
    shares = [name for name in columns if name.endswith(("_fraction", "_agreement", "_detection", "_evenness"))]
    return {
        "a subject has one row": pl.col("subject_ids").is_duplicated(),
        **_at_most("n_volunteers", "n_classifications"),
        **_fractions(*shares),
    }


def _fractions(*names: str) -> dict[str, pl.Expr]:
    return {f"{name} is between 0 and 1": ~_within(pl.lit(0.0), pl.col(name), pl.lit(1.0)) for name in names}


def _ordered(*names: str) -> dict[str, pl.Expr]:
    """Each number is at most the next."""
    return {f"{low} is at most {high}": ~_below(pl.col(low), pl.col(high)) for low, high in pairwise(names)}


def _at_most(low: str, high: str) -> dict[str, pl.Expr]:
    return {f"{low} is between 0 and {high}": ~pl.col(low).is_between(0, pl.col(high))}


def _below(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    return low <= high + _ROUNDING * (1 + high.abs())


def _within(low: pl.Expr, value: pl.Expr, high: pl.Expr) -> pl.Expr:
    return _below(low, value) & _below(value, high)


def _fields(column: str, rules: Rules) -> dict[str, pl.Expr]:
    """Rules for the structs of a list column: a row breaks one where any of its structs does."""
    return {
        f"in {column}, {statement}": pl.col(column).list.eval(broken).list.any()
        for statement, broken in rules.items()
    }


def _field(name: str) -> pl.Expr:
    return pl.element().struct.field(name)


_UNIT = {
    "a subject and task was classified": pl.col("n_classifications") < 1,
    **_at_most("n_blank", "n_classifications"),
    **_at_most("n_volunteers", "n_classifications"),
}
_VOTES = {
    **_at_most("votes", "n_answered"),
    **_at_most("n_answered", "n_classifications"),
    **_ordered("fraction_low", "fraction", "fraction_high"),
    **_ordered("fraction_of_all", "fraction", "agreement"),
    **_fractions("fraction", "fraction_of_all", "fraction_low", "fraction_high", "entropy", "agreement"),
    "rank is 1 or more": pl.col("rank") < 1,
}
_RULES: Mapping[str, Rules] = {
    "question_consensus": _VOTES,
    "dropdown_consensus": _VOTES,
    "survey_consensus": {
        **_at_most("votes", "n_answered"),
        **_at_most("n_answered", "n_classifications"),
        **_ordered("fraction_low", "fraction_of_all", "fraction_high"),
        **_fractions("fraction_of_all", "fraction_low", "fraction_high", "evenness", "evenness_without_blanks"),
        "rank is 1 or more": pl.col("rank") < 1,
        **_fields(
            "answers",
            {"fraction is between 0 and 1": ~_within(pl.lit(0.0), _field("fraction"), pl.lit(1.0))},
        ),
    },
    "slider_consensus": {
        **_ordered("min", "q25", "median", "q75", "max"),
        **_ordered("min", "mean", "max"),
        **_ordered("mean_low", "mean", "mean_high"),
        "std is not negative": pl.col("std") < 0,
    },
    "text_consensus": {
        **_at_most("n_answered", "n_classifications"),
        **_fractions("agreement"),
        **_fields("tokens", {"votes are at most n": ~_field("votes").is_between(0, _field("n"))}),
    },
    "drawing_consensus": {
        **_at_most("n_members", "n_marks"),
        **_at_most("n_members", "n_volunteers"),
        **_fractions("detection", "iou"),
        **_fields(
            "details", {"fraction is between 0 and 1": ~_within(pl.lit(0.0), _field("fraction"), pl.lit(1.0))}
        ),
    },
}
