"""The size of the picture that marks are on, and the marks that lie wholly outside of it.

Browsers write the natural size of every frame into the metadata of a classification. All volunteers see the same
picture, so the size that most of them have is that of the frame.
"""

import polars as pl

SIZE = ("frame_width", "frame_height")
_FRAME = ("workflow_id", "subject_ids", "frame")


def frame_sizes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The size of each frame that is known; takes counted rows of `drawing_annotations`.

    Returns `workflow_id, subject_ids, frame, frame_width, frame_height`: the commonest size, of equally common
    ones the widest.
    """
    known = rows.filter(pl.col("frame_width").is_not_null()).with_columns(pl.col("frame").fill_null(0))
    sizes = known.group_by(*_FRAME, *SIZE).agg(n=pl.col("classification_id").n_unique())
    return sizes.sort("n", *SIZE, descending=True).unique(_FRAME, keep="first", maintain_order=True).drop("n")


def with_sizes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with the sizes of `frame_sizes` in place of their own; takes counted rows of `drawing_annotations`."""
    return rows.drop(SIZE).join(frame_sizes(rows), on=_FRAME, how="left", maintain_order="left")


def is_outside() -> pl.Expr:
    """Whether a mark lies wholly outside of its frame, by the box around it; false where the size is unknown.

    Takes the geometry columns, `unit`, and `frame_width, frame_height`.
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
        low = pl.min_horizontal(pl.col(axis) - reach, *ends, of_path(axis).list.min())
        high = pl.max_horizontal(pl.col(axis) + reach, *ends, of_path(axis).list.max())
        outside.append((high < 0) | (low > pl.col(limit)))
    return (in_pixels() & pl.col("frame_width").is_not_null() & pl.any_horizontal(outside)).fill_null(False)


def in_pixels() -> pl.Expr:
    """Whether a mark is on a picture, not on the data of a subject; takes `unit`."""
    return pl.col("unit").ne_missing("data")


def of_path(axis: str) -> pl.Expr:
    """One coordinate of the points of paths, lists."""
    return pl.col("points").list.eval(pl.element().struct.field(axis))
