"""Posteriors beside the consensus: votes weighed by the skill of volunteers, for the task types that have votes."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import voting
from zoo_dag.task_types.declaration import Annotations, Consensus
from zoo_dag.volunteers.ballots import YES
from zoo_dag.volunteers.methods import Method
from zoo_dag.volunteers.posteriors import Weighing, weigh_ballots

MethodOf = Callable[[Mapping[str, Any]], Method]


def weigh_votes(
    consensus: Consensus, annotations: Annotations, tasks: pl.LazyFrame, settings: Settings, method: MethodOf
) -> Weighing:
    """Posteriors of a task type over the pool of all versions, from all rows of its flattened tables."""
    assert consensus.posteriors is not None
    rows = voting(consensus, annotations, tasks, POOLED, settings)
    ballots = consensus.posteriors.ballots(rows, tasks, POOLED)
    return weigh_ballots(ballots, POOLED.task, method)


def with_consensus(consensus: Consensus, pooled: pl.LazyFrame, weighing: Weighing) -> pl.LazyFrame:
    """The table of posteriors: rows of the pooled consensus that have votes, with their posteriors.

    Of a question with one answer the one with the largest posterior wins, in a tie the one that is first in the
    consensus. Where several may be chosen, those win that are more probable than not.
    """
    declared = consensus.posteriors
    assert declared is not None
    unit = POOLED.unit
    posteriors = weighing.posteriors.lazy()
    table = TABLES[declared.table]
    rows = (
        pooled.with_columns(option=declared.option.cast(pl.String), label=declared.label)
        .with_row_index("place")
        .join(posteriors, on=[*unit, "option", "label"], nulls_equal=True, maintain_order="left")
    )
    question = [*unit, "option"]
    is_yes = pl.col("label") == YES
    likeliest = pl.struct(pl.col("posterior").neg(), "place").min().over(question).struct.field("place")
    wins = pl.when(is_yes).then(pl.col("posterior") > 0.5).otherwise(pl.col("place") == likeliest)
    most = pl.col("votes") == pl.col("votes").max().over(question)
    share = pl.col(declared.fraction)
    rows = rows.with_columns(wins=wins)
    differs = (
        pl.when(is_yes)
        .then(pl.col("wins") != (share > 0.5))
        .otherwise(~(pl.col("wins") & most).any().over(question))
    )
    return table.conform(rows.with_columns(differs_from_plurality=differs))
