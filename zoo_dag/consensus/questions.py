"""Consensus of questions (CONSENSUS 1.1, 1.2): votes, fractions, intervals, ties, entropy and agreement."""

import polars as pl

from zoo_dag.consensus.intervals import normalised_entropy, wilson_high, wilson_low
from zoo_dag.tables import TABLES

_SCOPE = ["workflow_id", "workflow_version"]
_TASK = [*_SCOPE, "task", "task_revision"]
_UNIT = [*_TASK, "subject_ids"]
_ANSWER = ["answer_index", "answer"]


def question_consensus(
    annotations: pl.LazyFrame, tasks: pl.LazyFrame, *, of_repeated_task: str = "last"
) -> pl.LazyFrame:
    """Aggregate `question_annotations` to `question_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject (or the subjects shown together) and a task. Rows with `excluded` set are left out.
    Denominators: `n_classifications` are the classifications that reached the task, blank ones among them;
    `n_answered` those that gave at least one known answer. For multiple answers the fractions need not add up
    to 1. Where a task occurs twice in a classification, the element `of_repeated_task` (first or last) counts.

    The entropy is over the answers that the workflow offers, or, where `tasks` does not tell, over all answers
    that were given to the task. Ties keep the order of the answers; `tied` tells them.
    """
    counted = _counted(annotations, of_repeated_task)
    answered = pl.col("status") == "answered"
    units = counted.group_by(_UNIT).agg(
        pl.col("subject_id").first(),
        pl.col("task_label").drop_nulls().sort().last(),
        n_classifications=pl.col("classification_id").n_unique().cast(pl.Int64),
        n_blank=(pl.col("status") == "blank").sum().cast(pl.Int64),
        n_volunteers=pl.col("user_key").n_unique().cast(pl.Int64),
        n_answered=pl.col("classification_id").filter(answered).n_unique().cast(pl.Int64),
    )
    votes = counted.filter(answered).group_by([*_UNIT, *_ANSWER]).agg(votes=pl.len().cast(pl.Int64))
    given = votes.group_by(_TASK).agg(n_given=pl.struct(_ANSWER).n_unique().cast(pl.Int64))
    offered = tasks.filter(option_kind="answer").group_by("task").agg(n_offered=pl.len().cast(pl.Int64))
    # Left joins, so that a subject whom nobody answered keeps its row.
    rows = units.join(votes, on=_UNIT, how="left", nulls_equal=True)
    rows = rows.join(given, on=_TASK, how="left", nulls_equal=True).join(offered, on="task", how="left")
    return _measures(rows)


def _counted(annotations: pl.LazyFrame, of_repeated_task: str) -> pl.LazyFrame:
    counted = annotations.filter(pl.col("excluded").is_null() & (pl.col("status") != "malformed"))
    place = pl.col("annotation_index")
    chosen = place.max() if of_repeated_task == "last" else place.min()
    return counted.filter(place == chosen.over("classification_id", "task"))


def _measures(rows: pl.LazyFrame) -> pl.LazyFrame:
    order = [*_UNIT, pl.col("votes").fill_null(0).neg(), *_ANSWER]
    votes = pl.col("votes").fill_null(0)
    options = pl.max_horizontal("n_given", "n_offered")
    # The order of the rows within a unit is the rank.
    ranked = (
        rows.with_columns(votes=votes)
        .sort(order, nulls_last=True)
        .with_columns(
            rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(_UNIT),
            tied=pl.len().over([*_UNIT, "votes"]) > 1,
            fraction=pl.when(pl.col("n_answered") > 0).then(votes / pl.col("n_answered")),
            fraction_of_all=votes / pl.col("n_classifications"),
            fraction_low=wilson_low(votes, pl.col("n_answered")),
            fraction_high=wilson_high(votes, pl.col("n_answered")),
            entropy=normalised_entropy(votes, options).over(_UNIT),
        )
    )
    nobody = pl.col("n_answered") == 0
    return TABLES["question_consensus"].conform(
        ranked.with_columns(
            agreement=pl.col("fraction").max().over(_UNIT),
            rank=pl.when(~nobody).then("rank"),
            tied=pl.when(~nobody).then("tied"),
        )
    )
