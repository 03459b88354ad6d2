"""Votes as rows: who said what of which subject, for the questions that a task asks.

A ballot has the columns of a unit of consensus (`zoo_dag.consensus.units`), `option: String`, which tells apart
the questions of a task and is null where it has one, `label: String`, what was said, `user_key`, `created_at`,
`classification_id`, and `gold: Boolean`, whether an expert said it in gold-standard mode.
"""

import polars as pl

VOTER = ("user_key", "created_at", "classification_id", "gold")
YES, NO = "yes", "no"
# Between the parts of a label that has several, since no text contains it.
SEPARATOR = "\x1f"


def one_of_several(rows: pl.LazyFrame, unit: list[str], option: pl.Expr, label: pl.Expr) -> pl.LazyFrame:
    """Ballots of a question with one answer: each row is a vote."""
    return rows.select(*unit, *VOTER, option=option.cast(pl.String), label=label)


def yes_or_no(rows: pl.LazyFrame, unit: list[str], option: pl.Expr, *, named: pl.Expr) -> pl.LazyFrame:
    """Ballots where several options may be chosen: of each a yes or a no of everybody who answered.

    Takes rows of those who answered, in which `named` says whether they name the `option`. Only options that
    somebody named for the subject are voted on: of all others everybody said no.
    """
    chosen = rows.filter(named).select(*unit, "classification_id", "gold", option=option).unique()
    options = chosen.select(*unit, "option").unique()
    everybody = rows.select(*unit, *VOTER).unique([*unit, "classification_id"])
    answers = everybody.join(options, on=unit, nulls_equal=True).join(
        chosen.with_columns(label=pl.lit(YES)).drop("gold"),
        on=[*unit, "classification_id", "option"],
        how="left",
        nulls_equal=True,
    )
    return answers.with_columns(pl.col("label").fill_null(NO))
