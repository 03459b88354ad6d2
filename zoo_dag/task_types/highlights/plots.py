"""Plots of the consensus of highlights."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import UNITS, named, of_votes

# What the agreement of a unit is.
DETECTION = "Detection of spans"


def units(consensus: pl.LazyFrame) -> pl.DataFrame:
    """Each span that is no candidate; the agreement is its detection."""
    spans = consensus.filter(~pl.col("is_candidate")).with_columns(
        n_answered="n_classifications", agreement="detection", winner="text", tied=False
    )
    return named(spans.select(UNITS).collect())


def highlights(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Detection by task, the texts most often agreed on and sample subjects; spans count one by one."""
    return of_votes(units(consensus), other, DETECTION)
