"""Votes as rows: who said what of which subject, for the questions that a task asks.

A ballot has the columns of a unit of consensus (`zoo_dag.consensus.units`), `option`, which tells apart the
questions of a task and is null where it has one, `label`, what was said, `user_key`, `created_at`,
`classification_id`, and `gold: Boolean`, whether it is known to be right: no vote, but what an expert or a file of
the team says. All texts are categories: they repeat, and are joined and counted as numbers.

`group` may name questions with right answers that are equally common; without it each option has its own.
`weight: Float64` may be the probability of a machine prediction; it is null for the votes of people.
"""

import polars as pl
import polars.selectors as cs

VOTER = ("user_key", "created_at", "classification_id", "workflow_version", "gold")
YES, NO = "yes", "no"
# Between the parts of a label that has several, since no text contains it.
SEPARATOR = "\x1f"
# The voter that machine predictions are.
MACHINE = "machine"


def one_of_several(rows: pl.LazyFrame, unit: list[str], option: pl.Expr, label: pl.Expr) -> pl.LazyFrame:
    """Ballots of a question with one answer: each row is a vote."""
    option = option.cast(pl.String)
    return with_categories(rows.select(*unit, *VOTER, option=option, group=option, label=label))


def yes_or_no(rows: pl.LazyFrame, unit: list[str], option: pl.Expr, *, named: pl.Expr) -> pl.LazyFrame:
    """Ballots where several options may be chosen: of each a yes or a no of everybody who answered.

    Takes rows of those who answered, in which `named` says whether they name the `option`. Only options that
    somebody named for the subject are voted on: of all others everybody said no.
    """
    narrow = with_categories(rows.select(*unit, *VOTER, option=option.cast(pl.String), named=named))
    rows = narrow.collect(engine="streaming").lazy()
    chosen = rows.filter("named").select(*unit, "classification_id", "option", group="option")
    return everybody_says(rows, unit, chosen)


def everybody_says(rows: pl.LazyFrame, unit: list[str], chosen: pl.LazyFrame) -> pl.LazyFrame:
    """Ballots of everybody in `rows`: a yes to what they have chosen, a no to what others have.

    `chosen` has the columns of the unit, `classification_id`, `option` and `group`.
    """
    # Only equality counts, and of several columns it takes much longer than of one number.
    by_unit, by_vote = _number(*unit), _number(*unit, "classification_id")
    by_answer = _number("_vote", "option")
    said = with_categories(chosen).select("option", "group", _unit=by_unit, _vote=by_vote)
    options = said.filter(_number("_unit", "option", "group").is_first_distinct()).drop("_vote")
    yes = said.select(_answer=by_answer, _yes=pl.lit(value=True)).filter(pl.col("_answer").is_first_distinct())
    everybody = with_categories(rows.select(*unit, *VOTER)).with_columns(_unit=by_unit, _vote=by_vote)
    everybody = everybody.filter(pl.col("_vote").is_first_distinct())
    answers = everybody.join(options, on="_unit").with_columns(_answer=by_answer)
    label = pl.when("_yes").then(pl.lit(YES)).otherwise(pl.lit(NO)).cast(pl.Categorical)
    joined = answers.join(yes, on="_answer", how="left").with_columns(label=label)
    return joined.drop("_unit", "_vote", "_answer", "_yes")


def _number(*columns: str) -> pl.Expr:
    """Categories and numbers as one number. As categories they would be hashed by their texts."""
    return pl.struct(pl.col(columns).to_physical()).hash()


def with_categories(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with their texts as categories."""
    return rows.with_columns(cs.string().cast(pl.Categorical))


def plain(label: pl.Expr) -> pl.Expr:
    """A label as people read it: of an option of a dropdown the typed text, else its label, else its value."""
    return label.str.strip_chars_end(SEPARATOR).str.split(SEPARATOR).list.last()
