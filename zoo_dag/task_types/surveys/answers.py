"""The answers about the choices of a survey, such as behaviours, as fractions of those who named the choice."""

import polars as pl

from zoo_dag.consensus.units import Scope, hash_of_definition, newest, offered

_ANSWER = ["question_id", "answer_id"]
_FIELDS = ["question_id", "question_label", "answer_id", "answer_label", "votes", "fraction"]


def answers_about_choices(named: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`answers` by `choice`, in the order of the workflow; those that it does not have come last, by id.

    Takes identifications (`surveys.consensus.identifications`). `votes` are the classifications that gave the
    answer about the choice, in one identification or several; `fraction` is of all that named the choice. It stays
    below 1 where a question was left open, and the answers to a question with several do not add up to 1.
    """
    namers, version = pl.col("classification_id").n_unique(), pl.col("version")
    said = answer_rows(named).with_columns(answer=pl.struct("definition", *_ANSWER).hash())
    votes = said.group_by("choice", "answer").agg(
        newest("question_label", scope, version),
        newest("answer_label", scope, version),
        votes=namers.cast(pl.Int64),
    )
    in_order = (
        votes.join(_different_answers(said, tasks, scope), on="answer")
        .join(named.group_by("choice").agg(n_named=namers), on="choice", how="left")
        .with_columns(fraction=pl.col("votes") / pl.col("n_named"))
        .sort("place")
    )
    return in_order.group_by("choice", maintain_order=True).agg(answers=pl.struct(_FIELDS))


def _different_answers(said: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`answer`, the ids of question and answer, and the `place` of the answer in the order of the workflow."""
    definition, answer = hash_of_definition(scope), ["definition", *_ANSWER]
    places, questions = (
        known(tasks, scope).with_columns(definition).drop(scope.defined) for known in (places_of, questions_of)
    )
    order = ["question_place", "question_id", "place", "answer_id"]
    return (
        said.group_by("answer")
        .agg(pl.col(answer).first())
        .join(places, on=answer, how="left", nulls_equal=True)
        .join(questions, on=["definition", "question_id"], how="left", nulls_equal=True)
        .sort(order, nulls_last=True)
        .select("answer", *_ANSWER, place=pl.int_range(pl.len()))
    )


def answer_rows(named: pl.LazyFrame) -> pl.LazyFrame:
    """A row for each answer about an identification, with its question."""
    return named.explode("answers", empty_as_null=False, keep_nulls=False).unnest("answers")


def questions_of(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """`question_place` and the label `question` of the questions of a workflow by task and `question_id`."""
    rows = offered(tasks, scope, "question")
    return rows.select(
        *scope.defined, question_id="option_id", question_place="option_index", question="option_label"
    )


def places_of(tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
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
