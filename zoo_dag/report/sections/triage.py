"""A list of the subjects that need more votes, or an expert, with links to their pictures."""

from collections.abc import Iterable

import polars as pl

from zoo_dag.answers.questions import of_triage
from zoo_dag.report.parts import Section, Table
from zoo_dag.report.subjects import with_links
from zoo_dag.task_types.triage import triage as triage_of

_MOST = 50


def triage(posteriors: Iterable[pl.LazyFrame], votes: pl.LazyFrame, summary: pl.LazyFrame) -> Section:
    """The subjects with the largest expected loss, from tables of posteriors, `votes` and `subject_summary`."""
    answer = of_triage(triage_of(posteriors, votes).collect())
    rows = answer.rows.head(_MOST)
    select = pl.coalesce(pl.format(" ({})", "select_label"), pl.lit(""))
    task = pl.coalesce(pl.format("{}.{}", "parent_task", "task_revision"), "task_revision")
    shown = rows.select(
        "subject_ids",
        (task + select).alias("Task"),
        pl.col("answer").alias("Likeliest answer"),
        pl.col("expected_loss").round(3).alias("Expected loss"),
        pl.col("n_votes").alias("Votes"),
        pl.when("differs_from_plurality")
        .then(pl.lit("yes"))
        .otherwise(pl.lit("no"))
        .alias("Other than most votes"),
        pl.col("needs").alias("Needs"),
    )
    caption = "Subjects to look at, the largest expected loss first"
    if answer.rows.height > _MOST:
        caption += f": {_MOST} of {answer.rows.height:,}"
    explained = (
        "The expected loss is the probability that the likeliest answer is wrong; where several answers may be "
        "right, the number of answers that are expected to be wrongly taken or left. `zoo-dag ask triage --to "
        "FILE` writes all of them."
    )
    parts = (Table(caption, with_links(shown, summary)),) if rows.height else ()
    return Section("triage", "Subjects to look at", (*answer.sentences, explained) if parts else (), parts)
