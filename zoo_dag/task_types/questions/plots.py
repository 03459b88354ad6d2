"""Plots of the consensus of questions."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import of_votes, winners


def units(consensus: pl.LazyFrame) -> pl.DataFrame:
    """The winning answer of each subject and task."""
    answer = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    return winners(consensus, answer, pl.col("agreement"))


def questions(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task, winning answers and sample subjects."""
    return of_votes(units(consensus), other)
