"""Consensus of questions: votes, fractions, intervals, ties, entropy and agreement."""

import polars as pl

from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import Scope, counted, offered, units
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.tables.flattened import CLASSIFICATION_KEYS
from zoo_dag.task_types.declaration import Aggregated, Annotations

_ANSWER = ["answer_index", "answer"]


def question_consensus(
    annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `question_annotations` to `question_consensus`, with the columns of `zoo_dag.tables`.

    A unit is a subject (or the subjects shown together) and a task. Rows with `excluded` set are left out.
    Denominators: `n_classifications` are the classifications that reached the task, also those that left it
    blank or whose answer was lost; `n_answered` those that gave at least one known answer. For multiple answers
    the fractions need not add up to 1.

    A shortcut has an element only where it was clicked: who saw its page, with a task of any type, left it blank.
    Therefore all flattened tables are taken.

    The entropy is over the answers that the workflow offers, or, where `tasks` does not say, over all answers that
    were given to the task. Ties keep the order of the answers; `tied` marks them.
    """
    rows = counted(_with_shortcuts(annotations, tasks), settings)
    answered = rows.filter(pl.col("status") == "answered")
    votes = answered.group_by([*scope.unit, *_ANSWER]).agg(votes=pl.len().cast(pl.Int64))
    known = votes.group_by(scope.task).agg(n_given=pl.struct(_ANSWER).n_unique().cast(pl.Int64))
    options = offered(tasks, scope, "answer").group_by(scope.task).agg(n_offered=pl.len().cast(pl.Int64))
    # Left joins, so that a subject without answers keeps its row.
    unit_votes = units(rows, scope).join(votes, on=scope.unit, how="left", nulls_equal=True)
    for counts in (known, options):
        unit_votes = unit_votes.join(counts, on=scope.task, how="left", nulls_equal=True)
    consensus = compared(ranked(unit_votes, scope.unit, _ANSWER), scope.unit)
    return Aggregated(TABLES[scope.table("question_consensus")].conform(consensus))


def _with_shortcuts(annotations: Annotations, tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, and a blank one for each classification that saw the page of a shortcut and left it alone."""
    questions, named = annotations["question_annotations"], ["workflow_version", "task"]
    pages = tasks.filter(pl.col("shortcut").is_not_null()).select(*named, "shortcut").unique()
    # Few workflows have shortcuts, and detecting those that were not clicked takes several joins.
    if pages.select(pl.len()).collect().item() == 0:
        return questions
    of_task = ["task_revision", "task_label", "task_type"]
    definitions = tasks.select(*named, *of_task).unique(named)
    clicked = questions.select("classification_id", "task")
    # Of a combo the flattened tables have the children.
    seen = pl.concat(
        rows.select(*CLASSIFICATION_KEYS, "annotation_index", pl.col(task).alias("task"))
        for rows in annotations.values()
        for task in ("task", "parent_task")
    )
    not_clicked = (
        seen.join(pages, on=named)
        .sort("annotation_index")
        .unique(["classification_id", "shortcut"], keep="first", maintain_order=True)
        .with_columns(task="shortcut")
        .join(clicked, on=["classification_id", "task"], how="anti")
        .drop("shortcut")
        .join(definitions, on=named)
        .with_columns(status=pl.lit("blank"), parent_task=pl.lit(None, pl.String))
    )
    return pl.concat([questions, not_clicked], how="diagonal")
