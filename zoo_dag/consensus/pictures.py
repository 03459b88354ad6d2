"""The size of the picture that marks are on, and the marks that lie wholly outside of it.

Browsers write the natural size of every frame into the metadata of a classification. All volunteers see the same
picture, so the size that most of them have is that of the frame; of equally common ones the widest, and of these
the highest: a picture that did not load in full is smaller.
"""

from collections.abc import Sequence

import polars as pl

SIZE = ("frame_width", "frame_height")
_FRAME = ("workflow_id", "subject_ids", "frame")


def subject_frames(classifications: pl.LazyFrame, subjects: pl.LazyFrame) -> pl.LazyFrame:
    """The size of each frame of each subject of a workflow that any browser read, as `subject_frames` has it.

    Takes `classifications`, also those that are left out: what they saw is the same picture. Of subjects that were
    shown together it is not known whose frames these are. Frames that a subject of `subjects` does not have are
    left out: some browsers write more sizes than there are frames.
    """
    shown = classifications.filter(pl.col("subject_id").is_not_null(), pl.col("subject_dimensions").list.len() > 0)
    numbered = shown.select(
        "workflow_id",
        "subject_id",
        "subject_dimensions",
        frame=pl.int_ranges(pl.col("subject_dimensions").list.len()),
    )
    sizes = numbered.explode("subject_dimensions", "frame").select(
        *("workflow_id", "subject_id", pl.col("frame").cast(pl.Int32)),
        *(
            pl.col("subject_dimensions").struct.field(f"natural_{side}").alias(side)
            for side in ("width", "height")
        ),
    )
    place, size = ["workflow_id", "subject_id", "frame"], ["width", "height"]
    counts = sizes.drop_nulls(size).group_by(*place, *size).agg(n_classifications=pl.len().cast(pl.Int64))
    n_frames = subjects.group_by("subject_id").agg(pl.col("n_frames").max())
    known = counts.join(n_frames, on="subject_id", how="left")
    there = known.filter((pl.col("frame") < pl.col("n_frames")).fill_null(value=True)).drop("n_frames")
    return _commonest(there, "n_classifications", size, place).sort(place)


def frame_sizes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The size of each frame that is known; takes counted rows of `drawing_annotations`.

    Returns `workflow_id, subject_ids, frame, frame_width, frame_height`: the commonest size.
    """
    known = rows.filter(pl.col("frame_width").is_not_null()).with_columns(pl.col("frame").fill_null(0))
    sizes = known.group_by(*_FRAME, *SIZE).agg(n=pl.col("classification_id").n_unique())
    return _commonest(sizes, "n", SIZE, _FRAME).drop("n")


def _commonest(sizes: pl.LazyFrame, number: str, size: Sequence[str], place: Sequence[str]) -> pl.LazyFrame:
    """The size of each place that has the largest number."""
    return sizes.sort(number, *size, descending=True).unique(place, keep="first", maintain_order=True)


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
