"""Plots of the consensus of highlights."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named, of_votes


def highlights(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Detection by task, the texts most often agreed on and sample subjects; spans count one by one."""
    spans = consensus.filter(~pl.col("is_candidate")).select(
        "subject_id",
        "parent_task",
        "task",
        "task_revision",
        "task_label",
        n_answered="n_classifications",
        agreement="detection",
        winner="text",
        tied=False,
    )
    return of_votes(named(spans.collect()), other, "Detection of spans")
