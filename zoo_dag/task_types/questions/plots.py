"""Plots of the consensus of questions."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import of_votes, winners


def questions(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task, winning answers and sample subjects."""
    answer = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    return of_votes(winners(consensus, answer, pl.col("agreement")), other)
