"""Consensus of questions (CONSENSUS 1.1, 1.2): votes, fractions, intervals, ties, entropy and agreement."""

import polars as pl

from zoo_dag.consensus.offered import offered
from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import VERSION, Scope, counted, units
from zoo_dag.settings import Settings
from zoo_dag.tables import TABLES

SOURCE = "question_annotations"
TABLE = "question_consensus"

_ANSWER = ["answer_index", "answer"]
_NEEDED = [
    "classification_id",
    "subject_id",
    "user_key",
    "workflow_version",
    "task_label",
    "annotation_index",
    "status",
    "excluded",
]


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

    A shortcut has an element only where it was clicked: who saw its page, beside a question, left it blank.

    The entropy is over the answers that the workflow offers, or, where `tasks` does not tell, over all answers
    that were given to the task. Ties keep the order of the answers; `tied` tells them.
    """
    if tasks.select(pl.col("shortcut").is_not_null().any()).collect().item():
        annotations = pl.concat([annotations, _not_clicked(annotations, tasks)], how="diagonal")
    # Only what is needed, and volunteers as numbers: there may be millions of votes.
    needed = {*scope.unit, *_ANSWER, *_NEEDED}
    rows = counted(annotations.select(sorted(needed)).with_columns(pl.col("user_key").hash()), of_repeated_task)
    answered = rows.filter(pl.col("status") == "answered")
    votes = answered.group_by([*scope.unit, *_ANSWER]).agg(votes=pl.len().cast(pl.Int64))
    given = votes.group_by(scope.task).agg(n_given=pl.struct(_ANSWER).n_unique().cast(pl.Int64))
    options = offered(tasks, scope, "answer").group_by(scope.task).agg(n_offered=pl.len().cast(pl.Int64))
    # Left joins, so that a subject whom nobody answered keeps its row.
    found = units(rows, scope).join(votes, on=scope.unit, how="left", nulls_equal=True)
    for known in (given, options):
        found = found.join(known, on=scope.task, how="left", nulls_equal=True)
    found = compared(ranked(found, scope.unit, _ANSWER), scope.unit)
    return TABLES[scope.table(TABLE)].conform(found)


def _not_clicked(annotations: pl.LazyFrame, tasks: pl.LazyFrame) -> pl.LazyFrame:
    """A blank row for each classification that saw a shortcut beside a question, and did not click it."""
    named = ["workflow_version", "task"]
    pages = tasks.filter(pl.col("shortcut").is_not_null()).select(*named, "shortcut").unique()
    of_task = ["task_revision", "task_label", "task_type"]
    definitions = tasks.select(*named, *of_task).unique(named)
    clicked = annotations.select("classification_id", "task")
    seen = annotations.join(pages, on=named).unique(["classification_id", "shortcut"])
    return (
        seen.with_columns(task="shortcut")
        .join(clicked, on=["classification_id", "task"], how="anti")
        .drop("shortcut", "answer_index", "answer", "n_selected", *of_task)
        .join(definitions, on=named)
        .with_columns(status=pl.lit("blank"), parent_task=pl.lit(None, pl.String))
    )
