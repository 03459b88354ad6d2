"""Consensus of questions: votes, fractions, intervals, ties, entropy and agreement."""

import polars as pl

from zoo_dag.consensus.offered import offered
from zoo_dag.consensus.ranking import compared, ranked
from zoo_dag.consensus.units import VERSION, Scope, newest, versions_given
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import DEFAULTS
from zoo_dag.tables import TABLES

SOURCE = "question_annotations"
TABLE = "question_consensus"

_ANSWER = ["answer_index", "answer"]


def aggregate(annotations: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, settings: Settings) -> pl.LazyFrame:
    """The consensus of a scope under the settings of the project; see `question_consensus`."""
    which = settings.consensus.of_repeated_task
    return question_consensus(annotations, tasks, scope=scope, of_repeated_task=which)


def question_consensus(
    annotations: pl.LazyFrame,
    tasks: pl.LazyFrame,
    *,
    scope: Scope = VERSION,
    of_repeated_task: str = DEFAULTS.consensus.of_repeated_task,
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
    rows = _numbered(annotations.filter(pl.col("excluded").is_null()), scope)
    votes = _count(rows, of_repeated_task)
    answers = rows.group_by("code").agg(pl.col(_ANSWER).first()).collect()
    found = (
        _unit_columns(rows, scope).join(votes, on="unit").join(answers, on="code", how="left", nulls_equal=True)
    )
    given = found.group_by(scope.task).agg(n_given=pl.col("code").drop_nulls().n_unique().cast(pl.Int64))
    options = offered(tasks, scope, "answer").group_by(scope.task).agg(n_offered=pl.len().cast(pl.Int64))
    for known in (given, options.collect()):
        found = found.join(known, on=list(scope.task), how="left", nulls_equal=True)
    consensus = compared(ranked(found.lazy(), scope.unit, _ANSWER, ["unit"]), ["unit"])
    return TABLES[scope.table(TABLE)].conform(consensus)


def _numbered(annotations: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The rows with a number for what is counted: there may be millions of votes, and texts would be too many.

    `unit` stands for subject and task, `element` for the task in a classification, `volunteer` for one in a unit,
    `code` for an answer; null where none was given. Equal numbers of different things are as good as impossible:
    hashes of 64 bits.
    """
    unit, answered = pl.struct(scope.unit), pl.col("status") == "answered"
    return annotations.with_columns(
        unit=unit.hash(),
        element=pl.struct("classification_id", "task").hash(),
        volunteer=pl.struct(*scope.unit, "user_key").hash(),
        code=pl.when(answered).then(pl.struct(_ANSWER).hash()),
    )


def _count(rows: pl.LazyFrame, of_repeated_task: str) -> pl.DataFrame:
    """For each unit its denominators, and a row for each answer with its votes; one row where nobody answered."""
    blank = pl.col("status") == "blank"
    frame = rows.select("unit", "element", "volunteer", "code", "annotation_index", blank=blank).collect()
    place = pl.col("annotation_index")
    if frame["element"].n_unique() < frame.select(pl.struct("element", place).hash().n_unique()).item():
        chosen = place.max() if of_repeated_task == "last" else place.min()
        frame = frame.filter(place == chosen.over("element"))
    answered = pl.col("code").is_not_null()
    # A classification that gave several answers has several rows, of which the first counts it.
    denominators = (
        frame.with_columns(
            first=pl.col("element").is_first_distinct(),
            first_answer=answered & pl.struct("element", answered.alias("answered")).is_first_distinct(),
            somebody=pl.col("volunteer").is_first_distinct(),
        )
        .group_by("unit")
        .agg(
            n_classifications=pl.col("first").sum().cast(pl.Int64),
            n_blank=(pl.col("first") & pl.col("blank")).sum().cast(pl.Int64),
            n_volunteers=pl.col("somebody").sum().cast(pl.Int64),
            n_answered=pl.col("first_answer").sum().cast(pl.Int64),
        )
    )
    votes = frame.filter(answered).group_by("unit", "code").agg(votes=pl.len().cast(pl.Int64))
    return denominators.join(votes, on="unit", how="left")


def _unit_columns(rows: pl.LazyFrame, scope: Scope) -> pl.DataFrame:
    """The columns that name each unit: those of the scope, the subject, the label of the task and the versions."""
    within = ["unit", "workflow_version"]
    keys = [name for name in scope.unit if name != "workflow_version"]
    by_version = rows.group_by(within).agg(
        pl.col(keys).first(), pl.col("subject_id").first(), pl.col("task_label").max()
    )
    return (
        by_version.group_by("unit")
        .agg(
            pl.col(keys).first(),
            *([pl.col("workflow_version").first()] if scope is VERSION else [versions_given()]),
            pl.col("subject_id").first(),
            newest("task_label", scope),
        )
        .collect()
    )


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
