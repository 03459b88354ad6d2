"""The size of the picture that marks are on, and what lies outside of it.

Browsers write the natural size of every frame into the metadata of a classification. All volunteers see the same
picture, so the size that most of them have is that of the frame. Where nobody has one, the marks of all subjects
say how large the pictures are at least.
"""

import polars as pl

_FRAME = ("workflow_id", "subject_ids", "frame")
SIZE = ("frame_width", "frame_height")
# Of the marks this share is taken to be inside the picture.
_INSIDE = 0.99
# The larger side of a picture is taken to be no less: few marks say little.
_LEAST_SIDE = 1000.0


def frame_sizes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The size of each frame that is known; takes counted rows of `drawing_annotations`.

    Returns `workflow_id, subject_ids, frame, frame_width, frame_height`: the commonest size, of equally common
    ones the widest.
    """
    known = rows.filter(pl.col("frame_width").is_not_null()).with_columns(pl.col("frame").fill_null(0))
    sizes = known.group_by(*_FRAME, *SIZE).agg(n=pl.col("classification_id").n_unique())
    return sizes.sort("n", *SIZE, descending=True).unique(_FRAME, keep="first", maintain_order=True).drop("n")


def inside(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The answered marks that do not lie wholly outside of their picture.

    Takes counted rows of `drawing_annotations`; `frame_width` and `frame_height` are then those of `frame_sizes`.
    """
    marks = rows.filter(pl.col("status") == "answered").drop(SIZE)
    sized = marks.join(frame_sizes(rows), on=_FRAME, how="left", maintain_order="left")
    return sized.filter(~is_outside())


def estimated_sides(rows: pl.LazyFrame) -> pl.DataFrame:
    """The larger side of the pictures of each workflow in pixels, from how far right and down its marks lie.

    The farthest of n places that may be anywhere is at n / (n + 1) of the side on average, which is undone; n is
    the number of subjects, since marks on one subject may all be of one thing.

    Takes `drawing_annotations`; returns `workflow_id, estimated_side`, no rows where every mark has a size.
    """
    marks = rows.filter(pl.col("status") == "answered", pl.col("excluded").is_null())
    if not marks.select(pl.col("frame_width").is_null().any()).collect().item():
        return pl.DataFrame(schema={"workflow_id": pl.Int64, "estimated_side": pl.Float64})
    ends = {
        axis: pl.max_horizontal(axis, f"{axis}1", f"{axis}2", _of_path(axis).list.max()) for axis in ("x", "y")
    }
    far = [pl.col(axis).filter(pl.col(axis).is_finite()).quantile(_INSIDE, "higher") for axis in ends]
    by_workflow = marks.select("workflow_id", "subject_ids", **ends).group_by("workflow_id")
    sides = by_workflow.agg(*far, larger=1 + 1 / pl.col("subject_ids").n_unique())
    side = pl.max_horizontal(pl.max_horizontal(*ends) * pl.col("larger"), pl.lit(_LEAST_SIDE))
    return sides.select("workflow_id", estimated_side=side).collect()


def is_outside() -> pl.Expr:
    """Whether a mark lies wholly outside of its frame, by the box around it; false where the size is unknown.

    Takes the geometry columns, and `frame_width, frame_height`.
    """
    # Half of the box around a mark; of what is turned, half of its diagonal, which is never too small.
    turned = pl.when(pl.col("angle").is_not_null()).then((pl.col("width").pow(2) + pl.col("height").pow(2)).sqrt())
    outside = []
    for axis, size, limit in (("x", "width", "frame_width"), ("y", "height", "frame_height")):
        reach = pl.max_horizontal(turned / 2, pl.col(size) / 2, "r", "rx", "ry", pl.lit(0.0))
        ends = (f"{axis}1", f"{axis}2")
        low = pl.min_horizontal(pl.col(axis) - reach, *ends, _of_path(axis).list.min())
        high = pl.max_horizontal(pl.col(axis) + reach, *ends, _of_path(axis).list.max())
        outside.append((high < 0) | (low > pl.col(limit)))
    return (pl.col("frame_width").is_not_null() & pl.any_horizontal(outside)).fill_null(False)


def _of_path(axis: str) -> pl.Expr:
    return pl.col("points").list.eval(pl.element().struct.field(axis))
