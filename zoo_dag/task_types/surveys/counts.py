"""How many there are of a choice of a survey, for each question that counts: medians of bins.

Answers to "how many?" are bins, such as "11-50": they have an order and no values, so there is a median bin and no
mean.
"""

import polars as pl

from zoo_dag.consensus.units import Scope, hash_of_definition, newest
from zoo_dag.settings.results import Surveys
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.surveys.answers import answer_rows, places_of, questions_of
from zoo_dag.task_types.surveys.counting import counting

# The name of what `bins_of` returns, among the tables that a consensus takes.
BINS = "bins"
_ANSWER = ["question_id", "answer_id"]
_FIELDS = ["question_id", "question_label", "votes", "min", "median", "max"]


def bins_of(named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, settings: Surveys) -> pl.LazyFrame:
    """The answers to questions that count, as `counting` returns them, with the places of both.

    Takes the answered rows of `survey_annotations` of all subjects, and `tasks`.
    """
    return counting(_different_answers(named, tasks, scope), scope, settings)


def counts_of_choices(named: pl.LazyFrame, bins: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`counts` by `unit` and choice; of the question that is the count `count_min`, `count_median`, `count_max`.

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
    choice = ["unit", "choice_id"]
    bins = bins.with_columns(hash_of_definition(scope))
    question = pl.col("question_label", "question_place", "is_the_count").first()
    questions = bins.group_by("definition", "question_id").agg(question)
    spread = _spread(answer_rows(named), bins)
    order = ["question_place", "question_id"]
    every = (
        named.select("definition", *choice)
        .unique()
        .join(questions, on="definition")
        .join(spread, on=[*choice, "question_id"], how="left", nulls_equal=True)
        .with_columns(pl.col("votes").fill_null(0))
        .sort(order, nulls_last=True)
    )
    the_count = {f"count_{part}": pl.col(part).filter("is_the_count").first() for part in ("min", "median", "max")}
    return every.group_by(choice, maintain_order=True).agg(counts=pl.struct(_FIELDS), **the_count)


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
    """`votes`, `min`, `median` and `max` by unit, choice and question; no row where they are not clear."""
    about = ["unit", "choice_id", "question_id"]
    digit = pl.col("answer_id").str.extract(r"^([0-9])$").cast(pl.Int32)
    place = pl.when(pl.col("question_place").is_null()).then(digit).otherwise("place")
    numbers = bins.filter("is_number").select(
        "definition", *_ANSWER, "answer_label", place=place, bin=pl.coalesce("answer_label", "answer_id")
    )
    in_order = pl.col("place").is_not_null().all().over(about)
    alone = pl.col("answer_id").n_unique().over(about) == 1
    unclear = pl.col("answer_label").is_null() & pl.col("answer_id").str.contains("^[0-9]{2,}$")
    order = ["place", "answer_id"]
    highest = (
        rows.drop("answer_label")
        .join(numbers, on=["definition", *_ANSWER], nulls_equal=True)
        .filter(in_order | alone, ~unclear.any().over(about))
        .group_by([*about, "classification_id"])
        .agg(pl.col("place", "answer_id", "bin").sort_by(order).last())
    )
    sorted_bins = pl.col("bin").sort_by(order)
    return highest.group_by(about).agg(
        votes=pl.len().cast(pl.Int64),
        min=sorted_bins.first(),
        median=sorted_bins.get(pl.len() // 2),
        max=sorted_bins.last(),
    )
