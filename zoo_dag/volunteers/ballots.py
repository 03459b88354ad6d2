"""Votes as rows: who said what of which subject, for the questions that a task asks.

A ballot has the columns of a unit of consensus (`zoo_dag.consensus.units`), `option: String`, which tells apart
the questions of a task and is null where it has one, `label: String`, what was said, `user_key`, `created_at`,
`classification_id`, and `gold: Boolean`, whether it is known to be right: no vote, but what an expert or a file of
the team says.

`group: String` may name questions with right answers that are equally common; without it each option has its own.
`weight: Float64` may be the probability of a machine prediction; it is null for the votes of people.
"""

import polars as pl

VOTER = ("user_key", "created_at", "classification_id", "gold")
YES, NO = "yes", "no"
# Between the parts of a label that has several, since no text contains it.
SEPARATOR = "\x1f"
# The voter that machine predictions are.
MACHINE = "machine"


def one_of_several(rows: pl.LazyFrame, unit: list[str], option: pl.Expr, label: pl.Expr) -> pl.LazyFrame:
    """Ballots of a question with one answer: each row is a vote."""
    option = option.cast(pl.String)
    return rows.select(*unit, *VOTER, option=option, group=option, label=label)


def yes_or_no(rows: pl.LazyFrame, unit: list[str], option: pl.Expr, *, named: pl.Expr) -> pl.LazyFrame:
    """Ballots where several options may be chosen: of each a yes or a no of everybody who answered.

    Takes rows of those who answered, in which `named` says whether they name the `option`. Only options that
    somebody named for the subject are voted on: of all others everybody said no.
    """
    option = option.cast(pl.String)
    chosen = rows.filter(named).select(*unit, "classification_id", option=option, group=option).unique()
    return everybody_says(rows, unit, chosen)


def everybody_says(rows: pl.LazyFrame, unit: list[str], chosen: pl.LazyFrame) -> pl.LazyFrame:
    """Ballots of everybody in `rows`: a yes to what they have chosen, a no to what others have.

    `chosen` has the columns of the unit, `classification_id`, `option` and `group`, each row once.
    """
    options = chosen.select(*unit, "option", "group").unique()
    everybody = rows.select(*unit, *VOTER).unique([*unit, "classification_id"])
    answers = everybody.join(options, on=unit, nulls_equal=True).join(
        chosen.drop("group").with_columns(label=pl.lit(YES)),
        on=[*unit, "classification_id", "option"],
        how="left",
        nulls_equal=True,
    )
    return answers.with_columns(pl.col("label").fill_null(NO))
