"""Which questions of a survey count something, and which of their answers are numbers.

No export says so: "How many adults?" is a question like others, and "Can't tell" an answer like "3".
"""

from collections.abc import Iterable

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.settings.results import Surveys
from zoo_dag.tables.lookup import looked_up
from zoo_dag.task_types.surveys.naming import name, names, plain

# Labels that ask for a number, and ids that the project builder made of them, before 2017 without vowels.
_ASKS = r"(?i)\b(how many|number of)\b"
_ASKS_BY_ID = "^(HOWMANY|HWMN)"
# Numbers and bins such as "3", "11-50" or "10 or more"; no shares, and not "2 fighting".
_BIN = r"(?i)^(?:[\d\W_--%]|\b(?:to|or|and|up|more|less|fewer|than|over|under|above|below|plus|at|least|most)\b)+$"
# Amounts in words, alone or together, such as "none" or "more than a hundred".
_AMOUNTS = (
    *("zero", "no", "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "twenty", "thirty", "forty", "fifty", "hundred", "hundreds", "thousand", "thousands"),
    *("dozen", "dozens", "few", "several", "many", "lots", "more", "a", "or", "of", "than", "over", "at", "least"),
)
_VOWELS = str.maketrans("", "", "aeiou")
_OLD_IDS = (short for short in (amount.translate(_VOWELS) for amount in _AMOUNTS) if len(short) > 1)
_AMOUNT = rf"(?i)^\W*(?:\b(?:{'|'.join((*_AMOUNTS, *_OLD_IDS))})\b\W*)+$"


def counting(answers: pl.LazyFrame, scope: Scope, settings: Surveys) -> pl.LazyFrame:
    """The answers to questions that count, with `is_number` and `is_the_count`.

    Takes the different answers to the questions of surveys: the columns of `scope.defined`, `question_id`,
    `question_label`, `answer_id`, and `answer_label`, null where nobody knows it.

    A question counts where `surveys.count_questions` has its id or label, where its label asks "how many" or for a
    "number of", or where at least half of its answers are numbers or bins. `is_the_count` is true of one question
    of a task at most: the first of `surveys.count_questions`, else the only one that counts.

    Where an answer to a question has a digit, one without is no number ("Can't tell"), unless it is an amount in
    words. `surveys.number_answers` and `surveys.not_number_answers` name answers of which this is not true.
    """
    question = [*scope.defined, "question_id"]
    label, text = plain(pl.col("question_label")), plain(pl.coalesce("answer_label", "answer_id"))
    asks = label.str.contains(_ASKS).fill_null(False) | pl.col("question_id").str.contains(_ASKS_BY_ID)
    has_digit = text.str.contains(r"\d")
    of_bins = (has_digit & text.str.contains(_BIN)).mean().over(question) >= 0.5
    in_settings = _place(settings.count_questions, "question_id", "question_label")
    taken_out = _place(settings.not_number_answers, "answer_id", "answer_label").is_not_null()
    added = _place(settings.number_answers, "answer_id", "answer_label").is_not_null()
    is_number = added | has_digit | text.str.contains(_AMOUNT) | ~has_digit.any().over(question)
    rows = answers.with_columns(in_settings=in_settings, is_number=is_number & ~taken_out)
    rows = rows.filter(in_settings.is_not_null() | asks | of_bins)
    first = pl.col("in_settings").min().over(scope.defined)
    only = pl.col("question_id").n_unique().over(scope.defined) == 1
    is_the_count = pl.when(first.is_null()).then(only).otherwise(pl.col("in_settings").eq_missing(first))
    return rows.with_columns(is_the_count=is_the_count)


def _place(texts: Iterable[str], *columns: str) -> pl.Expr:
    """The place among some ids and labels of the first that a row has; null where it has none."""
    known = pl.Series(names(texts), dtype=pl.String).unique(maintain_order=True)
    places = pl.Series(range(len(known)), dtype=pl.Int64)
    return pl.min_horizontal(*(looked_up(name(pl.col(column)), known, places) for column in columns))
