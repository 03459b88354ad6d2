"""The answers about the choices of a survey: behaviours as fractions, and counts as medians of bins.

Everything is of the volunteers who named the choice. Answers to "how many?" are bins, such as "11-50": they have
an order and no values, so there is a median bin and no mean.
"""

from collections.abc import Sequence

import polars as pl

from zoo_dag.consensus.units import Scope, newest, offered

_ANSWER = ["question_id", "answer_id"]
_FIELDS = ["question_id", "question_label", "answer_id", "answer_label", "votes", "fraction"]


def answers_about_choices(named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`answers` by unit and choice, in the order of the workflow; those that it does not have come last, by id.

    Takes the answered rows of `survey_annotations`. `votes` are the classifications that gave the answer about
    the choice, in one identification or several; `fraction` is of all that named the choice. It stays below 1
    where a question was left open, and the answers to a question with several do not add up to 1.
    """
    choice = [*scope.unit, "choice_id"]
    namers = pl.col("classification_id").n_unique()
    votes = (
        _answer_rows(named)
        .group_by([*choice, *_ANSWER])
        .agg(newest("question_label", scope), newest("answer_label", scope), votes=namers.cast(pl.Int64))
        .join(named.group_by(choice).agg(n_named=namers), on=choice, how="left", nulls_equal=True)
        .join(_places(tasks, scope), on=[*scope.defined, *_ANSWER], how="left", nulls_equal=True)
        .join(_questions(tasks, scope), on=[*scope.defined, "question_id"], how="left", nulls_equal=True)
        .with_columns(fraction=pl.col("votes") / pl.col("n_named"))
    )
    order = ["question_place", "question_id", "place", "answer_id"]
    in_order = pl.struct(_FIELDS).sort_by(order, nulls_last=True)
    return votes.group_by(choice).agg(answers=in_order)


def counts_of_choices(
    named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, count_questions: Sequence[str]
) -> pl.LazyFrame:
    """`count_min`, `count_median` and `count_max` by unit and choice: labels of bins, or clear ids.

    Each classification that named the choice and said how many counts once, with the highest bin it gave: who
    names an animal twice saw at least that many. Between two bins the median is the upper one, as Snapshot
    Serengeti rounds up. Bins are in the order of the workflow's answers. Ids have lost their punctuation ("35" may
    be "3-5", "1150" is "11-50"): without a label only single digits mean what they say, and are in the order of
    numbers. Where a choice has any other id of digits among its bins, or several different bins without an order,
    its counts are null.
    """
    choice = [*scope.unit, "choice_id"]
    which = _count_question(named, tasks, scope, count_questions)
    digit = pl.col("answer_id").str.extract(r"^([0-9])$").cast(pl.Int32)
    undefined = pl.col("question_place").is_null()
    bins = (
        _answer_rows(named)
        .join(which, on=[*scope.defined, "question_id"], how="inner", nulls_equal=True)
        .join(_places(tasks, scope), on=[*scope.defined, *_ANSWER], how="left", nulls_equal=True)
        .with_columns(
            place=pl.when(undefined).then(digit).otherwise("place"),
            label=pl.coalesce("place_label", "answer_label"),
        )
        .with_columns(bin=pl.coalesce("label", "answer_id"))
    )
    in_order = pl.col("place").is_not_null().all().over(choice)
    alone = pl.col("answer_id").n_unique().over(choice) == 1
    unclear = pl.col("label").is_null() & pl.col("answer_id").str.contains("^[0-9]{2,}$")
    order = ["place", "answer_id"]
    highest = (
        bins.filter(in_order | alone, ~unclear.any().over(choice))
        .group_by([*choice, "classification_id"])
        .agg(pl.col("place", "answer_id", "bin").sort_by(order).last())
    )
    counts = pl.col("bin").sort_by(order)
    return highest.group_by(choice).agg(
        count_min=counts.first(), count_median=counts.get(pl.len() // 2), count_max=counts.last()
    )


def _answer_rows(named: pl.LazyFrame) -> pl.LazyFrame:
    """A row for each answer about an identification, with its question."""
    return named.explode("answers", empty_as_null=False, keep_nulls=False).unnest("answers")


def _count_question(
    named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, count_questions: Sequence[str]
) -> pl.LazyFrame:
    """The question of each task that asks how many, with its place in the workflow as `question_place`.

    It is the first of `count_questions` that the task has, else the first question whose label has "how many".
    """
    asked = _answer_rows(named).select(*scope.defined, "question_id").unique()
    known = _questions(tasks, scope).join(
        asked, on=[*scope.defined, "question_id"], how="full", coalesce=True, nulls_equal=True
    )
    by_id = pl.col("question_id").replace_strict(
        list(count_questions), range(len(count_questions)), default=None, return_dtype=pl.Int64
    )
    by_label = pl.when(pl.col("question").str.to_lowercase().str.contains("how many", literal=True)).then(
        len(count_questions)
    )
    candidates = known.with_columns(preference=pl.coalesce(by_id, by_label)).filter(
        pl.col("preference").is_not_null()
    )
    order = ["preference", "question_place", "question_id"]
    return candidates.group_by(scope.defined).agg(pl.col("question_id", "question_place").sort_by(order).first())


def _questions(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`question_place` and the label `question` by task and `question_id`."""
    rows = offered(tasks, scope, "question")
    return rows.select(
        *scope.defined, question_id="option_id", question_place="option_index", question="option_label"
    )


def _places(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`place` and `place_label` of the answers of a workflow by task, `question_id` and `answer_id`."""
    answer = pl.col("option_id")
    inner = pl.col("option_path").str.strip_prefix("questions.")
    return offered(tasks, scope, "question answer").select(
        *scope.defined,
        question_id=inner.str.strip_suffix(pl.concat_str(pl.lit(".answers."), answer)),
        answer_id=answer,
        place="option_index",
        place_label="option_label",
    )
