"""Posteriors beside the consensus, for the task types that have votes: weighed by the skill of volunteers."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.volunteers import Method
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import voting
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.declaration import Annotations, Consensus, Posteriors
from zoo_dag.volunteers.ballots import YES
from zoo_dag.volunteers.posteriors import Weighing, weigh_ballots

# By table of posteriors the task type, and how its votes are weighed.
WEIGHED: Mapping[str, tuple[Consensus, Posteriors]] = {
    each.posteriors.table: (each, each.posteriors) for each in consensus_types() if each.posteriors
}
VOLUNTEERS = "volunteers"


def weigh_votes(table: str, annotations: Annotations, tasks: pl.LazyFrame, settings: Settings) -> Weighing:
    """Weigh the votes for a table of posteriors, from all rows of its flattened tables in the pool."""
    consensus, declared = WEIGHED[table]
    rows = voting(consensus, annotations, tasks, POOLED, settings)
    return weigh_ballots(declared.ballots(rows, tasks, POOLED), POOLED.task, method_of(settings))


def method_of(settings: Settings) -> Callable[[Mapping[str, Any]], Method]:
    """The method for a task, from the columns that identify it."""
    return lambda task: settings.volunteers.method_of(task["workflow_id"], task["task"])


def posteriors_table(table: str, pooled: pl.LazyFrame, weighing: Weighing) -> pl.LazyFrame:
    """The table of posteriors: rows of the pooled consensus that have votes, with their posteriors.

    Of a question with one answer the one with the largest posterior wins, in a tie the one that is first in the
    consensus. Where several may be chosen, those win that are more probable than not.
    """
    _, declared = WEIGHED[table]
    unit = POOLED.unit
    rows = (
        pooled.with_columns(option=declared.option.cast(pl.String), label=declared.label)
        .with_row_index("place")
        .join(
            weighing.posteriors.lazy(),
            on=[*unit, "option", "label"],
            nulls_equal=True,
            maintain_order="left",
        )
    )
    question = [*unit, "option"]
    is_yes = pl.col("label") == YES
    posterior, votes = pl.col("posterior"), pl.col("votes")
    likeliest = pl.col("place").sort_by(-posterior, "place").first().over(question)
    rows = rows.with_columns(
        wins=pl.when(is_yes).then(posterior > 0.5).otherwise(pl.col("place") == likeliest),
        has_most=votes == votes.max().over(question),
    )
    differs = (
        pl.when(is_yes)
        .then(pl.col("wins") != (pl.col(declared.fraction) > 0.5))
        .otherwise(~(pl.col("wins") & pl.col("has_most")).any().over(question))
    )
    return TABLES[table].conform(rows.with_columns(differs_from_plurality=differs))


def volunteers_table(weighings: Mapping[str, Weighing], pooled: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The volunteers of all task types; `pooled` are their pooled consensus tables, by table of posteriors."""
    table = TABLES[VOLUNTEERS]
    task = list(POOLED.task)
    parts = [table.empty().lazy()]
    for name, weighing in weighings.items():
        labels = pooled[name].group_by(task).agg(pl.col("task_label").max())
        skills = weighing.skills.lazy().join(labels, on=task, how="left", nulls_equal=True, maintain_order="left")
        parts.append(table.conform(skills))
    return pl.concat(parts)
