"""Versions of a workflow, the revisions of its tasks, and whether newer ones are answered like earlier ones."""

import polars as pl

from zoo_dag.answers.questions import of_versions
from zoo_dag.report.parts import Group, Part, Section, Table
from zoo_dag.settings.checks import Checks
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import counted, verb

_MOST = 60


def versions(
    classifications: pl.LazyFrame, tasks: pl.LazyFrame, task_agreement: pl.LazyFrame, limits: Checks
) -> Section:
    """Versions of `classifications`, revisions of `tasks`, and drift of `task_agreement`, of one workflow."""
    by_version = _by_version(classifications)
    revisions = _revisions(tasks)
    n, n_tasks = by_version.height, revisions["Task"].n_unique()
    sentences = [f"{counted(n, 'versions')} of the workflow {verb(n, 'has', 'have')} classifications."]
    parts: list[Part] = [Table(_newest("Versions", n), by_version.tail(_MOST))]
    if n_tasks:
        sentences.append(
            f"{counted(n_tasks, 'tasks')} {verb(n_tasks, 'has', 'have')} "
            f"{counted(revisions.height, 'revisions')}: votes of versions in which a task means the same count "
            "together."
        )
        parts.append(Table(_newest("Revisions of tasks", revisions.height), revisions.tail(_MOST)))
    parts.append(_drift(task_agreement.collect(), limits))
    return Section("versions", "Versions and drift", sentences if n else (), parts if n else ())


def _newest(what: str, number: int) -> str:
    return what if number <= _MOST else f"{what}: the newest {_MOST} of {number:,}"


def _by_version(classifications: pl.LazyFrame) -> pl.DataFrame:
    version = ("version_major", "version_minor", "workflow_version")
    return (
        classifications.group_by(version)
        .agg(
            pl.len().cast(pl.Int64).alias("Classifications"),
            pl.col("excluded").null_count().cast(pl.Int64).alias("Count"),
            pl.col("subject_ids").n_unique().cast(pl.Int64).alias("Subjects"),
            pl.col("created_at").min().alias("First (UTC)"),
            pl.col("created_at").max().alias("Last (UTC)"),
        )
        .sort(version)
        .drop(version[:2])
        .rename({"workflow_version": "Version"})
        .collect()
    )


def _revisions(tasks: pl.LazyFrame) -> pl.DataFrame:
    """The revisions of each task, with the newest label; `tasks` are in the order of the versions."""
    known = tasks.filter(pl.col("task_revision").is_not_null())
    rows = (
        known.group_by("task", "task_revision", maintain_order=True)
        .agg(
            pl.col("task_type").last().alias("Type"),
            pl.col("task_label").last().alias("Question or instruction"),
            pl.col("workflow_version").unique(maintain_order=True).str.join(", ").alias("Versions"),
        )
        .rename({"task": "Task", "task_revision": "Revision"})
        .collect()
    )
    label = pl.col("Question or instruction").map_elements(without_markup, return_dtype=pl.String)
    return rows.with_columns(label).sort("Task", maintain_order=True)


def _drift(rows: pl.DataFrame, limits: Checks) -> Group:
    answer = of_versions(rows, limits)
    option = pl.coalesce(pl.format(" ({})", pl.coalesce("option_label", "option")), pl.lit(""))
    found = answer.rows.head(_MOST).select(
        (pl.col("task_revision") + option).alias("Task"),
        pl.col("newest_version").alias("Newest"),
        pl.col("earlier_versions").list.join(", ").alias("Earlier"),
        pl.col("n_subjects_of_both").alias("Subjects of both"),
        pl.col("drift").round(3).alias("Distance"),
        pl.col("drift_q").round(4).alias("False discovery rate"),
        pl.col("may_be_pooled").alias("May be pooled"),
    )
    caption = "Answers of the newest version against the earlier ones, on the same subjects"
    parts = (Table(caption, found),) if found.height else ()
    return Group("Are newer versions answered alike?", tuple(answer.sentences), parts)
