"""The tools that drew the marks of a cluster: one, or several where tools are clustered together."""

import polars as pl

from zoo_dag.tables import TABLES

_TOOL = ("tool_index", "tool_type", "tool_label")
_TOOLS = TABLES["drawing_consensus"].dtypes["tools"]


def tools_of(marks: pl.DataFrame) -> pl.DataFrame:
    """The tools of each cluster, and the columns of the commonest one; of equally common ones the first.

    Takes marks with `cluster, tool_index, tool_type, tool_label`; returns these columns, and `tools`.
    """
    votes = marks.group_by("cluster", *_TOOL).agg(votes=pl.len().cast(pl.Int64))
    votes = votes.sort("cluster", pl.col("votes").neg(), *_TOOL, nulls_last=True)
    votes = votes.with_columns(fraction=pl.col("votes") / pl.col("votes").sum().over("cluster"))
    by_cluster = votes.group_by("cluster", maintain_order=True)
    entry = pl.struct("tool_index", "tool_label", "votes", "fraction")
    return by_cluster.agg(pl.col(_TOOL).first(), tools=entry).with_columns(pl.col("tools").cast(_TOOLS))
