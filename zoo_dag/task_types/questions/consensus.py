"""Consensus of questions: votes, fractions, intervals, ties, entropy and agreement."""

import polars as pl

from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import Scope, offered, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations

_ANSWER = ["answer_index", "answer"]


def question_consensus(
    annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings
) -> Aggregated:
    """Aggregate `question_annotations` to `question_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject (or the subjects shown together) and a task. Denominators: `n_classifications` are the
    classifications that reached the task, also those that left it blank or whose answer was lost; `n_answered`
    those that gave at least one known answer. For multiple answers the fractions need not add up to 1.

    A shortcut has an element only where it was clicked: who saw its page, beside a question, left it blank.

    The entropy is over the answers that the workflow offers, or, where `tasks` does not say, over all answers that
    were given to the task. Ties keep the order of the answers; `tied` marks them.
    """
    rows = _with_shortcuts(annotations["question_annotations"], tasks)
    answered = rows.filter(pl.col("status") == "answered")
    votes = answered.group_by([*scope.unit, *_ANSWER]).agg(votes=pl.len().cast(pl.Int64))
    known = votes.group_by(scope.defined).agg(n_given=pl.struct(_ANSWER).n_unique().cast(pl.Int64))
    options = offered(tasks, scope, "answer").group_by(scope.defined).agg(n_offered=pl.len().cast(pl.Int64))
    # Left joins, so that a subject without answers keeps its row.
    unit_votes = units(rows, scope).join(votes, on=scope.unit, how="left", nulls_equal=True)
    for counts in (known, options):
        unit_votes = unit_votes.join(counts, on=scope.defined, how="left", nulls_equal=True)
    consensus = compared(ranked(unit_votes, scope.unit, _ANSWER), scope.unit)
    return Aggregated(TABLES[scope.table("question_consensus")].conform(consensus))


def _with_shortcuts(annotations: pl.LazyFrame, tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, and a blank one for each classification that saw a shortcut beside a question and left it."""
    named = ["workflow_version", "task"]
    pages = tasks.filter(pl.col("shortcut").is_not_null()).select(*named, "shortcut").unique()
    # Few workflows have shortcuts, and detecting those that were not clicked takes several joins.
    if pages.select(pl.len()).collect().item() == 0:
        return annotations
    of_task = ["task_revision", "task_label", "task_type"]
    definitions = tasks.select(*named, *of_task).unique(named)
    clicked = annotations.select("classification_id", "task")
    seen = annotations.join(pages, on=named).unique(["classification_id", "shortcut"])
    not_clicked = (
        seen.with_columns(task="shortcut")
        .join(clicked, on=["classification_id", "task"], how="anti")
        .drop("shortcut", "answer_index", "answer", "n_selected", *of_task)
        .join(definitions, on=named)
        .with_columns(status=pl.lit("blank"), parent_task=pl.lit(None, pl.String))
    )
    return pl.concat([annotations, not_clicked], how="diagonal")
