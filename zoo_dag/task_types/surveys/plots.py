"""Plots of the consensus of surveys."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import of_votes, winners

# What the agreement of a unit is.
SHARE = "Share of the first choice"


def units(consensus: pl.LazyFrame) -> pl.DataFrame:
    """The first choice of each subject and task; the agreement is its share of those who named anything."""
    choice = pl.coalesce("choice_label", "choice_id")
    share = pl.col("votes") / pl.col("n_answered")
    # A survey has no text of its own.
    consensus = consensus.with_columns(task_label=pl.coalesce("task_label", pl.lit("survey")))
    return winners(consensus, choice, share)


def surveys(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Share of the first choice by task, winning choices and sample subjects."""
    return of_votes(units(consensus), other, what=SHARE)
