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
    pages = _pages(tasks)
    # Few workflows have shortcuts, and detecting those that were not clicked takes several joins.
    if pages.select(pl.len()).collect().item() == 0:
        return questions
    of_task = ["task_revision", "task_label", "task_type"]
    definitions = tasks.select(*named, *of_task).unique(named)
    clicked = questions.select("classification_id", "task")
    parent = pl.col("parent_task")
    seen = pl.concat(
        rows.select(*CLASSIFICATION_KEYS, "annotation_index", "parent_task", "task").join(pages, on=named)
        for rows in annotations.values()
    ).filter(pl.col("combo").is_null() | parent.is_null() | (parent == pl.col("combo")))
    not_clicked = (
        seen.sort("annotation_index")
        .unique(["classification_id", "shortcut"], keep="first", maintain_order=True)
        .with_columns(task="shortcut")
        .join(clicked, on=["classification_id", "task"], how="anti")
        .drop("shortcut", "combo")
        .join(definitions, on=named)
        .with_columns(status=pl.lit("blank"), parent_task=pl.lit(None, pl.String))
    )
    return pl.concat([questions, not_clicked], how="diagonal")


def _pages(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The tasks on pages with a shortcut: `workflow_version, task, shortcut, combo`.

    Flattened tables have the children of a combo in its place; `combo` is the one that puts a task on the page.
    """
    version = "workflow_version"
    pages = tasks.filter(pl.col("shortcut").is_not_null()).select(version, "task", "shortcut").unique()
    children = tasks.filter(option_kind="task").select(version, "task", child="option_id")
    of_combos = pages.join(children, on=[version, "task"]).select(
        version, pl.col("child").alias("task"), "shortcut", pl.col("task").alias("combo")
    )
    return pl.concat([pages.with_columns(combo=pl.lit(None, pl.String)), of_combos])
