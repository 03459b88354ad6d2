"""The check that the sizes of pictures are known, where the distance of neighbouring marks depends on them."""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.task_types.drawings.frames import estimated_sides
from zoo_dag.task_types.drawings.parameters import SHARE, parameters
from zoo_dag.task_types.drawings.shapes import BY_NAME, is_closed, shape_of
from zoo_dag.wording.sentences import share

TABLE = "drawing_annotations"
_PLACE = ("workflow_id", "task", "tool_index", "shape")
_FRAME = ("workflow_id", "subject_ids", "frame")


def picture_sizes_are_known(inputs: CheckInput) -> Finding:
    """Whether somebody's browser said how large each picture is that has marks, of tools that need it."""
    frames = _frames(inputs.tables[TABLE])
    settings = inputs.settings.drawings
    places = frames.select(_PLACE).unique()
    needed = [parameters(settings, BY_NAME[row[-1]], *row[:-1]).eps_unit == SHARE for row in places.iter_rows()]
    needing = places.filter(pl.Series(needed, dtype=pl.Boolean))
    unique = frames.join(needing, on=_PLACE, how="semi", nulls_equal=True).unique(_FRAME)
    missing = unique.filter(~pl.col("known")).sort(_FRAME)
    numbers = {"pictures": unique.height, "without a size": missing.height}
    if not missing.height:
        return Finding(f"The size of every picture with marks is known: {unique.height:,}.", numbers)
    sides = estimated_sides(inputs.tables[TABLE])["estimated_side"].sort()
    taken = " or ".join(f"{side:,.0f}" for side in sides)
    return Finding(
        f"Without a known size: {share(missing.height, unique.height, 'pictures')} with marks. "
        f"By the marks, their larger side is {taken} pixels.",
        numbers,
        passed=False,
        advice="Set drawings.eps_pixels: how many pixels of the natural image marks of one thing may be apart.",
        examples=missing.select("subject_ids", "frame"),
    )


def _frames(rows: pl.LazyFrame) -> pl.DataFrame:
    """The frames with marks by _PLACE, and whether their size is `known` from anybody."""
    marks = rows.filter(pl.col("excluded").is_null(), pl.col("status") == "answered")
    shaped = marks.with_columns(shape=shape_of(is_closed())).filter(pl.col("shape").is_not_null())
    known = pl.col("frame_width").is_not_null().any()
    frames = shaped.group_by(*_PLACE, "subject_ids", "frame").agg(known=known).collect()
    return frames.with_columns(pl.col("known").any().over(_FRAME))
