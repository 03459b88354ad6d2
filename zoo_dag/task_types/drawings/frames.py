"""The marks of a picture, and its size where nobody's browser has it: by the marks of all subjects."""

import polars as pl

from zoo_dag.consensus.pictures import SIZE, in_pixels, is_outside, of_path, with_sizes

# Of the marks this share is taken to be inside the picture.
_INSIDE = 0.99
# The larger side of a picture is taken to be no less: few marks say little.
_LEAST_SIDE = 1000.0
# The standard deviation of marks of one thing along an axis, as a share of the larger side, at most.
_SD = 0.008
# Marks that are farther apart are of several things, as a share of the side that their extent shows.
_ONE_THING = 0.08
# A median absolute deviation of normal numbers times this is their standard deviation.
_OF_NORMAL = 1.4826
# Start times are rounded by at most so much of the video.
_ROUNDED = 5e-6
# Fewer marks say nothing of their spread.
_FEWEST = 3


def inside(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The answered marks that do not lie wholly outside of their picture.

    Takes counted rows of `drawing_annotations`; `frame_width` and `frame_height` are then those of `with_sizes`.
    """
    return with_sizes(rows).filter(pl.col("status") == "answered", ~is_outside())


def estimated_sides(rows: pl.LazyFrame) -> pl.DataFrame:
    """The larger side in pixels of the pictures of each workflow of which no size is known.

    The largest of three estimates: the commonest size of other pictures of the workflow, how far right and down
    marks lie (`_by_extent`), and how far apart volunteers mark one thing (`_by_spread`).

    Takes `drawing_annotations`; returns `workflow_id, estimated_side`, no rows where every mark has a size.
    """
    marks = rows.filter(pl.col("status") == "answered", pl.col("excluded").is_null(), in_pixels())
    if not marks.select(pl.col("frame_width").is_null().any()).collect().item():
        return pl.DataFrame(schema={"workflow_id": pl.Int64, "estimated_side": pl.Float64})
    larger = pl.max_horizontal(SIZE)
    known = marks.group_by("workflow_id").agg(known=larger.drop_nulls().mode().max())
    sides = _by_extent(marks).join(known, on="workflow_id").collect()
    sides = sides.join(_by_spread(marks, sides.lazy()).collect(), on="workflow_id", how="left")
    largest = pl.max_horizontal("known", "extent", "spread")
    return sides.select("workflow_id", estimated_side=largest).sort("workflow_id")


def _by_extent(marks: pl.LazyFrame) -> pl.LazyFrame:
    """`extent`: the larger side by how far right and down the marks of a workflow lie.

    The farthest of n places that may be anywhere is at n / (n + 1) of the side on average, which is undone; n is
    the number of subjects, since marks on one subject may all be of one thing.
    """
    ends = {axis: pl.max_horizontal(axis, f"{axis}1", f"{axis}2", of_path(axis).list.max()) for axis in ("x", "y")}
    far = [pl.col(axis).filter(pl.col(axis).is_finite()).quantile(_INSIDE, "higher") for axis in ends]
    by_workflow = marks.select("workflow_id", "subject_ids", **ends).group_by("workflow_id")
    sides = by_workflow.agg(*far, larger=1 + 1 / pl.col("subject_ids").n_unique())
    extent = pl.max_horizontal(pl.max_horizontal(*ends) * pl.col("larger"), pl.lit(_LEAST_SIDE))
    return sides.select("workflow_id", extent=extent)


def _by_spread(marks: pl.LazyFrame, sides: pl.LazyFrame) -> pl.LazyFrame:
    """`spread`: the larger side by how far apart volunteers mark one thing, of which they are taken to be _SD.

    Subjects on which everybody made one mark count, the median of them; not those on which the marks are so far
    apart that they are of several things.
    """
    place = ("workflow_id", "subject_ids", "task", "tool_index", "frame")
    deviations = [(pl.col(axis) - pl.col(axis).median()).abs().median() * _OF_NORMAL for axis in ("x", "y")]
    each = marks.group_by(place).agg(
        sd=((deviations[0].pow(2) + deviations[1].pow(2)) / 2).sqrt(),
        is_one=(pl.len() == pl.col("classification_id").n_unique()) & (pl.len() >= _FEWEST),
    )
    one = each.filter("is_one").join(sides, on="workflow_id").filter(pl.col("sd") <= _ONE_THING * pl.col("extent"))
    return one.group_by("workflow_id").agg(spread=pl.col("sd").median() / _SD)


def video_lengths(marks: pl.DataFrame) -> pl.DataFrame:
    """The length of videos in seconds, by `workflow_id, subject_ids, frame`: `video_seconds`.

    A mark that starts at the fraction t of the video, s whole seconds after its beginning, says that the video is
    at least s / t and less than (s + 1) / t long. The middle of what all marks say is its length; null where they
    contradict each other. Takes `start_time` and `start_stamp`.
    """
    place, t, s = ["workflow_id", "subject_ids", "frame"], pl.col("start_time"), pl.col("start_stamp")
    timed = marks.filter(t > _ROUNDED, s.is_not_null())
    bounds = timed.group_by(place).agg(low=(s / (t + _ROUNDED)).max(), high=((s + 1) / (t - _ROUNDED)).min())
    length = pl.when(pl.col("low") <= pl.col("high")).then((pl.col("low") + pl.col("high")) / 2)
    return bounds.select(*place, video_seconds=length)
