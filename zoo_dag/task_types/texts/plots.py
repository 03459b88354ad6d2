"""Plots of the consensus of texts."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import agreement_by_task, named
from zoo_dag.plots.examples import with_examples


def texts(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task and sample subjects; lines of a page count one by one."""
    agreements = consensus.filter(pl.col("agreement").is_not_null()).select(
        "subject_id",
        "parent_task",
        "task",
        "task_revision",
        "task_label",
        "agreement",
        "n_answered",
        winner="text",
        tied=False,
    )
    units = named(agreements.collect())
    return {**agreement_by_task(units, "Agreement"), **with_examples(units, other)} if units.height else {}
