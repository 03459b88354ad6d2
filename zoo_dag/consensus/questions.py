"""Consensus of questions (CONSENSUS 1.1, 1.2): votes, fractions, intervals, ties, entropy and agreement."""

import polars as pl

from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import VERSION, Scope, counted, units
from zoo_dag.settings import Settings
from zoo_dag.tables import TABLES

SOURCE = "question_annotations"
TABLE = "question_consensus"

_ANSWER = ["answer_index", "answer"]


def aggregate(annotations: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, settings: Settings) -> pl.LazyFrame:
    """The consensus of a scope under the settings of the project; see `question_consensus`."""
    which = settings.questions.of_repeated_task
    return question_consensus(annotations, tasks, scope=scope, of_repeated_task=which)


def question_consensus(
    annotations: pl.LazyFrame, tasks: pl.LazyFrame, *, scope: Scope = VERSION, of_repeated_task: str = "last"
) -> pl.LazyFrame:
    """Aggregate `question_annotations` to `question_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject (or the subjects shown together) and a task. Rows with `excluded` set are left out.
    Denominators: `n_classifications` are the classifications that reached the task, also those that left it
    blank or whose answer was lost; `n_answered` those that gave at least one known answer. For multiple answers
    the fractions need not add up to 1. Where a task occurs twice in a classification, the element
    `of_repeated_task` (first or last) counts.

    The entropy is over the answers that the workflow offers, or, where `tasks` does not tell, over all answers
    that were given to the task. Ties keep the order of the answers; `tied` tells them.
    """
    rows = counted(annotations, of_repeated_task)
    answered = rows.filter(pl.col("status") == "answered")
    votes = answered.group_by([*scope.unit, *_ANSWER]).agg(votes=pl.len().cast(pl.Int64))
    given = votes.group_by(scope.task).agg(n_given=pl.struct(_ANSWER).n_unique().cast(pl.Int64))
    offered = tasks.filter(option_kind="answer").group_by("task").agg(n_offered=pl.len().cast(pl.Int64))
    # Left joins, so that a subject whom nobody answered keeps its row.
    found = units(rows, scope).join(votes, on=scope.unit, how="left", nulls_equal=True)
    found = found.join(given, on=scope.task, how="left", nulls_equal=True).join(offered, on="task", how="left")
    found = compared(ranked(found, scope.unit, _ANSWER), scope.unit)
    return TABLES[scope.table(TABLE)].conform(found)
