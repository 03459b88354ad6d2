"""Outline or line: decided once for each tool that draws paths, over all versions of a workflow.

People who draw freely around something do not always come back quite to where they began. So where at least half
of the paths of a tool are closed, on whatever subject and in whatever version, all of them are outlines; else all
are lines. A setting says it instead.
"""

import polars as pl

from zoo_dag.settings.drawings import Drawings
from zoo_dag.task_types.declaration import Annotations
from zoo_dag.task_types.drawings.parameters import fits
from zoo_dag.task_types.drawings.shapes import is_closed

# The name of `outlines` among the annotations that a consensus takes.
OUTLINES = "outlines"
_TOOL = ("workflow_id", "task", "tool_index", "tool_type")


def outlines(annotations: Annotations) -> pl.LazyFrame:
    """The tools that draw paths: `workflow_id, task, tool_index, tool_type`, and `is_outline: Boolean`.

    Takes `drawing_annotations`. Every path that can be read counts, also one that is left out of consensus.
    """
    marks = annotations["drawing_annotations"]
    paths = marks.filter(pl.col("status") == "answered", pl.col("closed").is_not_null())
    return paths.group_by(_TOOL).agg(is_outline=is_closed().mean() >= 0.5).sort(_TOOL, nulls_last=True)


def as_decided(marks: pl.LazyFrame, decided: pl.DataFrame, settings: Drawings) -> pl.LazyFrame:
    """Marks whose column `closed` says whether the paths of their tool are outlines.

    Takes rows of `drawing_annotations`, what `outlines` returns, and the settings: an override that says `closed`
    counts instead, of several that fit the last.
    """
    if decided.is_empty():
        return marks.with_columns(closed=is_closed())
    places = decided.select("workflow_id", "task", "tool_index").iter_rows()
    said = pl.Series([_said(settings, place) for place in places], dtype=pl.Boolean)
    tools = decided.with_columns(is_outline=pl.coalesce(said, "is_outline"))
    joined = marks.join(tools.lazy(), on=_TOOL, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(closed=pl.coalesce("is_outline", is_closed())).drop("is_outline")


def _said(settings: Drawings, place: tuple[int | None, str | None, int | None]) -> bool | None:
    """What the settings say of a tool."""
    fitting = [each.closed for each in settings.overrides if each.closed is not None and fits(each, place)]
    return fitting[-1] if fitting else None
