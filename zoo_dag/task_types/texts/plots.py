"""Plots of the consensus of texts."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import UNITS, agreement_by_task, named
from zoo_dag.plots.examples import with_examples


def units(consensus: pl.LazyFrame) -> pl.DataFrame:
    """The text of each subject and task, and of each line of a page."""
    agreements = consensus.filter(pl.col("agreement").is_not_null())
    return named(agreements.with_columns(winner="text", tied=False).select(UNITS).collect())


def texts(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task and sample subjects; lines of a page count one by one."""
    of_texts = units(consensus)
    if of_texts.is_empty():
        return {}
    return {**agreement_by_task(of_texts, "Agreement"), **with_examples(of_texts, other)}
