"""What is on each subject by the votes of surveys and of questions with one answer, in the same columns.

The rule is that of Snapshot Serengeti (Swanson et al. 2015, Sci. Data 2:150026): blank or not comes first. A
subject is blank where at most half of those who answered named anything; else the commonest choices win, as many
as were named on the median, and those that tie with the last of them.
"""

import polars as pl

from zoo_dag.consensus.intervals import wilson_low
from zoo_dag.consensus.units import POOLED, offered
from zoo_dag.settings.results import Surveys
from zoo_dag.task_types.surveys.answers import places_of
from zoo_dag.task_types.surveys.blank_choices import is_blank_choice
from zoo_dag.task_types.surveys.summary import chosen_of_subject

_UNIT = POOLED.unit
_OF_UNIT = ("task_label", "n_classifications", "versions", "is_blank")
_OF_CHOICE = ("choice_id", "choice_label", "place", "votes", "won", "count", "bin")
# The first number in the label of a bin, such as 11 of `11-50`.
_NUMBER = r"([0-9]{1,9})"


def named_choices(
    surveys: pl.LazyFrame, questions: pl.LazyFrame, tasks: pl.LazyFrame, settings: Surveys
) -> pl.LazyFrame:
    """One row per subject, task and choice that was named; of a subject without any, one without a choice.

    Takes `pooled_survey_consensus`, `pooled_question_consensus` and `tasks` of all versions. Returns the columns
    of a unit of the pool, `task_label`, `n_classifications`, `versions`, `is_blank` (null where nobody answered);
    `choice_id`, `choice_label`, `place` in the order of the choices, `votes`, `won`; `fraction` of the
    classifications and `low`, the lower end of its 95 % Wilson interval; `count`, the median number as the survey
    has it, and `bin`, its place in the order of numbers. Blank choices are not among them.
    """
    of_both = pl.concat([_of_surveys(surveys, tasks), _of_questions(questions, settings)])
    votes, everybody = pl.col("votes"), pl.col("n_classifications")
    return of_both.with_columns(fraction=votes / everybody, low=wilson_low(votes, everybody))


def _of_surveys(surveys: pl.LazyFrame, tasks: pl.LazyFrame) -> pl.LazyFrame:
    columns = {"choice_id": "option_id", "place": "option_index"}
    places = offered(tasks, POOLED, "choice").select(*POOLED.defined, **columns)
    is_named = pl.col("choice_id").is_not_null() & ~pl.col("is_blank_choice")
    rows = surveys.with_columns(won=is_named & ~pl.col("is_blank") & chosen_of_subject().over(_UNIT))
    rows = rows.join(places, on=[*POOLED.defined, "choice_id"], how="left", nulls_equal=True)
    rows = rows.rename({"count_median": "count"}).join(
        _bins(tasks), on=[*POOLED.defined, "count"], how="left", nulls_equal=True
    )
    # A label that no definition has is in the order of its number.
    by_place = pl.col("bin").is_not_null().any().over(POOLED.task)
    number = pl.col("count").str.extract(_NUMBER).cast(pl.Int32)
    return _in_columns(rows.with_columns(bin=pl.when(by_place).then("bin").otherwise(number)), is_named)


def _bins(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """`count` and its place `bin` among the answers about choices, by task; labels, or ids without one."""
    answer = pl.coalesce("place_label", "answer_id")
    return places_of(tasks, POOLED).group_by(*POOLED.defined, count=answer).agg(bin=pl.col("place").min())


def _of_questions(questions: pl.LazyFrame, settings: Surveys) -> pl.LazyFrame:
    answer = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    single = questions.filter(pl.col("answer_set_votes").is_null())
    rows = single.with_columns(choice_id=answer, choice_label=answer, place="answer_index")
    # Few different answers, many subjects.
    choice = ["choice_id", "choice_label"]
    blanks = rows.select(choice).unique().with_columns(is_blank_choice=is_blank_choice(settings))
    rows = rows.join(blanks, on=choice, how="left", nulls_equal=True)
    is_named = pl.col("choice_id").is_not_null() & ~pl.col("is_blank_choice")
    named = pl.when(is_named).then("votes")
    is_blank = pl.when(pl.col("n_answered") > 0).then(2 * named.sum().over(_UNIT) <= pl.col("n_answered"))
    rows = rows.with_columns(is_blank=is_blank)
    won = is_named & ~pl.col("is_blank") & (pl.col("votes") == named.max().over(_UNIT))
    return _in_columns(
        rows.with_columns(won=won, count=pl.lit(None, pl.String), bin=pl.lit(None, pl.Int32)), is_named
    )


def _in_columns(rows: pl.LazyFrame, is_named: pl.Expr) -> pl.LazyFrame:
    """The rows of named choices; of a subject without any, one row without a choice."""
    is_first = pl.int_range(pl.len()).over(_UNIT) == 0
    alone = ~is_named.any().over(_UNIT) & is_first
    of_choice = (pl.when(is_named).then(name).alias(name) for name in _OF_CHOICE)
    return rows.filter(is_named | alone).select(*_UNIT, *_OF_UNIT, *of_choice)
