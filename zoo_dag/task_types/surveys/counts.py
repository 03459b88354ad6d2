"""How many there are of a choice of a survey, for each question that counts: medians of bins.

Answers to "how many?" are bins, such as "11-50": they have an order and no values, so there is a median bin and no
mean.
"""

import polars as pl

from zoo_dag.consensus.units import Scope, hash_of_definition, newest
from zoo_dag.settings.results import Surveys
from zoo_dag.tables.lookup import looked_up
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.surveys.answers import answer_rows, places_of, questions_of
from zoo_dag.task_types.surveys.counting import counting

# The name of what `bins_of` returns, among the tables that a consensus takes.
BINS = "bins"
_ANSWER = ["question_id", "answer_id"]
_PARTS = ("min", "median", "max")
_FIELDS = ["question_id", "question_label", "votes", *_PARTS]


def bins_of(named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, settings: Surveys) -> pl.LazyFrame:
    """The answers to questions that count, as `counting` returns them, with the places of both.

    Takes the answered rows of `survey_annotations` of all subjects, and `tasks`.
    """
    return counting(_different_answers(named, tasks, scope), scope, settings)


def counts_of_choices(named: pl.LazyFrame, bins: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`counts` by `choice`; of the question that is the count `count_min`, `count_median`, `count_max`.

    Takes identifications (`surveys.consensus.identifications`), and what `bins_of` returns: which questions count,
    and which answers are numbers. Each of them is in `counts`, in the order of the workflow, also where nobody
    gave a number. Minimum, median and maximum are labels of bins, or clear ids.

    Each classification that named the choice and gave a number counts once, with the highest bin it gave: who
    names an animal twice saw at least that many. Between two bins the median is the upper one, as Snapshot
    Serengeti rounds up. Bins are in the order of the workflow's answers. Ids have lost their punctuation ("35" may
    be "3-5", "1150" is "11-50"): without a label only single digits mean what they say, and are in the order of
    numbers. Where a choice has any other id of digits among its bins, or several different bins without an order,
    its counts are null.
    """
    bins = bins.with_columns(hash_of_definition(scope))
    question = pl.col("question_label", "question_place", "is_the_count").first()
    questions = bins.group_by("definition", "question_id").agg(question)
    spread = _spread(answer_rows(named), bins)
    order = ["question_place", "question_id"]
    every = (
        named.select("definition", "choice")
        .unique()
        .join(questions, on="definition")
        .join(spread, on=["choice", "question_id"], how="left", nulls_equal=True)
        .with_columns(pl.col("votes").fill_null(0))
        .sort(order, nulls_last=True)
    )
    the_count = {f"count_{part}": pl.col(part).filter("is_the_count").first() for part in _PARTS}
    return every.group_by("choice", maintain_order=True).agg(counts=pl.struct(_FIELDS), **the_count)


def _different_answers(named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The answers that a workflow offers or that were given, with labels, `question_place` and `place`.

    In a pool the questions are those of the newest version: earlier ids of a question are none of their own.
    """
    question, of_named = [*scope.defined, "question_id"], {*scope.defined, "workflow_version", "answers"}
    given = (
        answer_rows(named.select(of_named))
        .filter(pl.col("question_id").is_not_null())
        .group_by({*question, "answer_id", "workflow_version"})
        .agg(pl.col("question_label", "answer_label").max())
        .group_by([*question, "answer_id"])
        .agg(newest("question_label", scope), newest("answer_label", scope), known=pl.lit(True))
    )
    order = version_order()
    newest_tasks = tasks.filter(order == order.max().over(scope.defined))
    asked = questions_of(newest_tasks, scope).select(*question, asked=pl.lit(True))
    offered = places_of(tasks, scope)
    return (
        given.join(offered, on=[*question, "answer_id"], how="full", coalesce=True, nulls_equal=True)
        .join(questions_of(tasks, scope), on=question, how="left", nulls_equal=True)
        .join(asked, on=question, how="left", nulls_equal=True)
        .filter(pl.col("known") | pl.col("asked"))
        .with_columns(
            question_label=pl.coalesce("question", "question_label"),
            answer_label=pl.coalesce("place_label", "answer_label"),
        )
    )


def _spread(rows: pl.LazyFrame, bins: pl.LazyFrame) -> pl.LazyFrame:
    """`votes`, `min`, `median` and `max` by `choice` and `question_id`; no row where they are not clear."""
    numbers = _numbers(bins)
    answer, number, about = pl.struct("definition", *_ANSWER).hash(), pl.col("number"), ["choice", "question_id"]
    given = rows.select(*about, "classification_id", answer=answer).join(
        numbers.lazy().select("number", "has_place", "is_unclear", answer=answer), on="answer"
    )
    highest = given.group_by(*about, "classification_id").agg(
        number.max(), pl.col("has_place").all(), pl.col("is_unclear").any(), lowest=number.min()
    )
    spread = highest.group_by(about).agg(
        votes=pl.len().cast(pl.Int64),
        min=number.min(),
        median=number.sort().get(pl.len() // 2),
        max=number.max(),
        in_order=pl.col("has_place").all() | (pl.col("lowest").min() == number.max()),
        is_unclear=pl.col("is_unclear").any(),
    )
    clear = spread.filter("in_order", ~pl.col("is_unclear"))
    bin_of = (looked_up(pl.col(part), numbers["number"], numbers["bin"]).alias(part) for part in _PARTS)
    return clear.with_columns(*bin_of).select(*about, "votes", *_PARTS)


def _numbers(bins: pl.LazyFrame) -> pl.DataFrame:
    """The answers that are numbers, each with its place in their order as `number`, and its `bin`."""
    digit = pl.col("answer_id").str.extract(r"^([0-9])$").cast(pl.Int32)
    place = pl.when(pl.col("question_place").is_null()).then(digit).otherwise("place")
    is_unclear = pl.col("answer_label").is_null() & pl.col("answer_id").str.contains("^[0-9]{2,}$")
    placed = bins.filter("is_number").with_columns(place=place).sort("place", "answer_id")
    bin_ = pl.coalesce("answer_label", "answer_id").alias("bin")
    found = placed.select(
        "definition", *_ANSWER, bin_, has_place=pl.col("place").is_not_null(), is_unclear=is_unclear
    )
    return found.with_row_index("number").collect()
