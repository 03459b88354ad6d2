"""Votes on marks: whether what a cluster marks is there, by everybody who was asked."""

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.task_types.declaration import Annotations, Posteriors
from zoo_dag.task_types.drawings.summary import POSTERIOR_COLUMNS
from zoo_dag.volunteers.ballots import YES, everybody_says

_TOOL = ("tool_index", "tool_type")
# What tells the clusters of a subject apart.
CLUSTER = ("frame", *_TOOL, "cluster_index")
_IS_CLUSTER = pl.col("cluster_index").is_not_null()


def _joined(names: tuple[str, ...]) -> pl.Expr:
    return pl.concat_str(*(pl.col(name).cast(pl.String).fill_null("") for name in names), separator=" ")


def ballots(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Who marked which cluster, from `drawing_annotations` and the clusters of the consensus.

    Who has a mark in a cluster says yes, and everybody else who was asked says no, also who marked nothing: every
    frame of a subject is shown with the task. Each tool has clusters that are right as often as others of it. What
    experts marked is in no cluster.
    """
    rows = annotations["drawing_annotations"].filter(~pl.col("gold"))
    clusters = annotations[scope.table("drawing_consensus")].filter(_IS_CLUSTER)
    members = clusters.select(*scope.unit, "classification_ids", option=_joined(CLUSTER), group=_joined(_TOOL))
    chosen = members.explode("classification_ids").rename({"classification_ids": "classification_id"})
    return everybody_says(rows, scope.unit, chosen)


POSTERIORS = Posteriors(
    table="mark_posteriors",
    ballots=ballots,
    option=pl.when(_IS_CLUSTER).then(_joined(CLUSTER)),
    label=pl.lit(YES),
    several=pl.lit(value=True),
    task_columns=POSTERIOR_COLUMNS,
    votes="n_members",
    fraction="detection",
)
