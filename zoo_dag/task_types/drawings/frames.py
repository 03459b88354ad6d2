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
# The standard deviation of marks of one thing along an axis, as a share of the larger side, at most.
_SD = 0.008
# Marks that are farther apart are of several things, as a share of the side that their extent shows.
_ONE_THING = 0.08
# A median absolute deviation of normal numbers times this is their standard deviation.
_OF_NORMAL = 1.4826
# Fewer marks say nothing of their spread.
_FEWEST = 3


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
    """The larger side in pixels of the pictures of each workflow of which no size is known.

    Other pictures of the workflow say it, if any size is known. Else the marks do: how far right and down they lie
    (`_by_extent`), and how far apart volunteers mark one thing (`_by_spread`), of which the larger counts.

    Takes `drawing_annotations`; returns `workflow_id, estimated_side`, no rows where every mark has a size.
    """
    marks = rows.filter(pl.col("status") == "answered", pl.col("excluded").is_null())
    if not marks.select(pl.col("frame_width").is_null().any()).collect().item():
        return pl.DataFrame(schema={"workflow_id": pl.Int64, "estimated_side": pl.Float64})
    larger = pl.max_horizontal(SIZE)
    known = marks.group_by("workflow_id").agg(known=larger.drop_nulls().mode().max())
    sides = _by_extent(marks).join(known, on="workflow_id").collect()
    sides = sides.join(_by_spread(marks, sides.lazy()).collect(), on="workflow_id", how="left")
    by_marks = pl.max_horizontal("extent", "spread")
    return sides.select("workflow_id", estimated_side=pl.coalesce("known", by_marks)).sort("workflow_id")


def _by_extent(marks: pl.LazyFrame) -> pl.LazyFrame:
    """`extent`: the larger side by how far right and down the marks of a workflow lie.

    The farthest of n places that may be anywhere is at n / (n + 1) of the side on average, which is undone; n is
    the number of subjects, since marks on one subject may all be of one thing.
    """
    ends = {
        axis: pl.max_horizontal(axis, f"{axis}1", f"{axis}2", _of_path(axis).list.max()) for axis in ("x", "y")
    }
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


def is_outside() -> pl.Expr:
    """Whether a mark lies wholly outside of its frame, by the box around it; false where the size is unknown.

    Takes the geometry columns, and `frame_width, frame_height`.
    """
    # Half of the box around a mark: of what is turned, that of the turned box or ellipse.
    angle = pl.col("angle").fill_null(0).radians()
    cos, sin = angle.cos().abs(), angle.sin().abs()
    outside = []
    for axis, limit, along, across in (("x", "frame_width", cos, sin), ("y", "frame_height", sin, cos)):
        box = (pl.col("width").fill_null(0) * along + pl.col("height").fill_null(0) * across) / 2
        ellipse = ((pl.col("rx") * along).pow(2) + (pl.col("ry") * across).pow(2)).sqrt()
        reach = pl.max_horizontal(box, ellipse, "r", pl.lit(0.0))
        ends = (f"{axis}1", f"{axis}2")
        low = pl.min_horizontal(pl.col(axis) - reach, *ends, _of_path(axis).list.min())
        high = pl.max_horizontal(pl.col(axis) + reach, *ends, _of_path(axis).list.max())
        outside.append((high < 0) | (low > pl.col(limit)))
    return (pl.col("frame_width").is_not_null() & pl.any_horizontal(outside)).fill_null(False)


def _of_path(axis: str) -> pl.Expr:
    return pl.col("points").list.eval(pl.element().struct.field(axis))
