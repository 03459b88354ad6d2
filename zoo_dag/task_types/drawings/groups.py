"""The groups of marks that are clustered together: of a unit, frame and tool, or of several frames or tools."""

import polars as pl

from zoo_dag.consensus.units import Scope, newest
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.drawings.parameters import are_together
from zoo_dag.task_types.drawings.shapes import shape_of

TOOL = ("frame", "tool_index", "tool_type")
# The tool by which marks are apart, null where tools are together.
_OWN_TOOL = ("own_index", "own_type")
# What tells groups of marks apart in a unit: own_frame is null where frames are together.
_OWN = ("own_frame", *_OWN_TOOL)


def grouped(
    marks: pl.DataFrame, every: pl.DataFrame, sides: pl.DataFrame, scope: Scope, settings: Settings
) -> pl.DataFrame:
    """Marks with the `group` they are clustered in, and what holds for it.

    Adds _OWN_TOOL, `n_classifications`, and `side`, the larger side of the frame in pixels.
    """
    tool, group = [*scope.unit, *TOOL], [*scope.unit, *_OWN]
    tools = marks.group_by(tool).agg(newest("tool_label", scope))
    place = ("workflow_id", "task", "tool_index")
    places = tools.select(place).unique()
    together = [are_together(settings.drawings, *each) for each in places.iter_rows()]
    schema = {"of_tools": pl.Boolean(), "of_frames": pl.Boolean()}
    places = places.hstack(pl.DataFrame(together, schema=schema, orient="row"))
    tools = tools.join(places, on=place, nulls_equal=True).with_columns(
        pl.when(~pl.col(joined)).then(column).alias(own)
        for own, column, joined in zip(_OWN, TOOL, ("of_frames", "of_tools", "of_tools"), strict=True)
    )
    # Numbered in order, since the rounding of paths depends on their order.
    groups = tools.select(group).unique().sort(group).with_row_index("group")
    groups = groups.join(every.select(*scope.unit, "n_classifications"), on=scope.unit, nulls_equal=True)
    groups = groups.join(sides, on="workflow_id", how="left")
    # Clusters of a series, of a tool on a subject, may be of one track.
    series = pl.struct(*scope.unit, *_OWN_TOOL).rank("dense").cast(pl.Int64).alias("series")
    groups = groups.with_columns(series)
    tools = tools.join(groups, on=group, nulls_equal=True).drop(schema)
    side = pl.max_horizontal("frame_width", "frame_height").fill_null(pl.col("estimated_side"))
    # Frames that are together may differ in size and length; marks of a group have the same parameters.
    of_frames = pl.col("own_frame").is_null()
    of_group = [
        pl.when(of_frames).then(pl.col(name).max().over("group")).otherwise(name).alias(name)
        for name in ("side", "video_seconds")
    ]
    grouped = (
        marks.drop("tool_label")
        .join(tools, on=tool, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(side=side)
    )
    return grouped.with_columns(of_group) if grouped["own_frame"].null_count() else grouped


def with_shapes(marks: pl.DataFrame) -> pl.DataFrame:
    """Marks with their shape, and with numbers in place of volunteers; marks without a shape are left out."""
    names = marks["user_key"].fill_null("")
    # The rank of each, faster than by sorting all.
    volunteer = names.cast(pl.Enum(names.unique().sort())).to_physical().cast(pl.Int64) + 1
    shaped = marks.with_columns(volunteer=volunteer, shape=shape_of(pl.col("closed")))
    return shaped.filter(pl.col("shape").is_not_null())
