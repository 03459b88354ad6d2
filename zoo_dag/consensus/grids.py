"""Grids of subjects: each subject that was shown is a unit, and a volunteer counts once for it.

The group in a grid is drawn at random, so that a volunteer may meet a subject in two groups. What repeats is
therefore decided by volunteer and subject, not by the group.
"""

from typing import Literal

import polars as pl

from zoo_dag.exports.grids import GRID, SHOWN

Repeat = Literal["first", "last", "all"]
_SUBJECT = "subject_ids"
_REVISION = "task_revision"
_PERSON = ("user_key", "workflow_id", _SUBJECT)


def has_grids(classifications: pl.LazyFrame) -> bool:
    """Whether any classification has a grid whose subjects are known."""
    return bool(classifications.select(pl.col(SHOWN).is_not_null().any()).collect().item())


def once_per_subject(rows: pl.LazyFrame, repeat: Repeat) -> pl.LazyFrame:
    """Rows of a flattened table, `excluded` decided again for those about the subjects of grids.

    Of a volunteer's answers about a subject, whatever the group, one classification counts for each task revision.
    """
    of_grid = (pl.col("task_type") == GRID) | pl.col("task").str.contains(r"\.subtask\.\d+$")
    return _once(rows, repeat, (*_PERSON, "task", _REVISION), of_grid)


def by_subject(
    classifications: pl.LazyFrame, repeat: Repeat, revisions: pl.DataFrame | None = None
) -> pl.LazyFrame:
    """A row for each subject that a grid showed, in place of the row of its classification.

    Takes `classifications`; only those with a grid are returned. `excluded` is decided for each subject. With
    `revisions`, `workflow_version` and `task_revision`, there is a row for each revision.
    """
    shown = classifications.filter(pl.col(SHOWN).is_not_null())
    ids = pl.col(SHOWN).str.split(";").alias(_SUBJECT)
    rows = shown.with_columns(ids).explode(_SUBJECT).with_columns(subject_id=pl.col(_SUBJECT).cast(pl.Int64))
    if revisions is None:
        return _once(rows, repeat, _PERSON, pl.lit(True))
    of_revisions = rows.join(revisions.lazy(), on="workflow_version", how="left")
    return _once(of_revisions, repeat, (*_PERSON, _REVISION), pl.lit(True))


def with_subjects_of_grids(classifications: pl.LazyFrame, repeat: Repeat, revisions: pl.DataFrame) -> pl.LazyFrame:
    """`classifications` of all versions, those with a grid as a row for each of its subjects.

    Such a row counts where it does for any task revision.
    """
    rows = by_subject(classifications, repeat, revisions).sort("excluded", nulls_last=False)
    once = rows.unique(["classification_id", _SUBJECT], keep="first", maintain_order=True)
    others = classifications.filter(pl.col(SHOWN).is_null())
    return pl.concat([others, once.select(others.collect_schema().names())])


def _once(rows: pl.LazyFrame, repeat: Repeat, same: tuple[str, ...], which: pl.Expr) -> pl.LazyFrame:
    if repeat == "all":
        return rows
    excluded, number = pl.col("excluded"), pl.col("classification_id")
    undecided = which & (excluded.is_null() | (excluded == "repeat")) & pl.col("user_key").is_not_null()
    in_order = number.sort_by("created_at", "classification_id")
    counting = (
        rows.filter(undecided)
        .group_by(same)
        .agg(counts=in_order.first() if repeat == "first" else in_order.last())
    )
    joined = rows.join(counting, on=same, how="left", nulls_equal=True, maintain_order="left")
    again = pl.when(number != pl.col("counts")).then(pl.lit("repeat"))
    decided = pl.when(undecided).then(again).otherwise(excluded).alias("excluded")
    return joined.with_columns(decided).drop("counts")
