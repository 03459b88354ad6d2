"""What is known about the subjects of a workflow: metadata, media URLs, the server's count, retirement."""

import polars as pl

from zoo_dag.consensus.task_columns import SUBJECT
from zoo_dag.exports.same_pictures import same_pictures

_OF_ONE = ("classifications_count", "retired_at", "retirement_reason", "metadata")


def subject_facts(
    classifications: pl.LazyFrame, subjects: pl.LazyFrame, shown_subjects: pl.LazyFrame
) -> pl.LazyFrame:
    """The facts of each unit of `classifications`: a subject, or the subjects that were shown together.

    Takes `subjects` of the workflow, and `shown_subjects` of its versions, which counts for subjects that the
    former lacks. Returns `subject_ids: String`, `subject_known: Boolean` (the subjects export has all of them),
    `training: Boolean` (any of them is for training), `subject_set_ids: List(Int64)` and `urls: List(String)` of
    all of them, the latter in the order of their ids, and for a single subject `same_as: List(Int64)`, the
    subjects of the workflow with the same picture, and `classifications_count, retired_at, retirement_reason,
    metadata`, as in `subjects`.
    """
    ids = pl.col(SUBJECT).str.split(";").cast(pl.List(pl.Int64))
    in_any = pl.col("training").any().alias("training shown")
    members = classifications.group_by(SUBJECT).agg(in_any).with_columns(subject_id=ids).explode("subject_id")
    known = members.join(_exported(subjects), on="subject_id", how="left")
    known = known.join(_shown(shown_subjects), on="subject_id", how="left", suffix=" shown")
    known = known.join(_same_pictures(subjects, shown_subjects), on="subject_id", how="left")
    is_known = pl.col("subject_known").fill_null(value=False)
    best = known.with_columns(
        is_known.alias("subject_known"),
        pl.coalesce("training", "training shown", pl.lit(False)).alias("training"),
        *(pl.when(is_known).then(name).otherwise(f"{name} shown").alias(name) for name in _OF_ONE),
    )
    # Few subjects are shown together: only their rows have to be put together.
    is_single = ~pl.col(SUBJECT).str.contains(";", literal=True)
    single = best.filter(is_single).select(
        SUBJECT, "subject_known", "training", *_OF_ONE, "subject_set_ids", "same_as", "urls"
    )
    together = best.filter(~is_single).sort("subject_id").group_by(SUBJECT, maintain_order=True)
    urls, sets = pl.col("urls").drop_nulls(), pl.col("subject_set_ids").drop_nulls()
    groups = together.agg(
        pl.col("subject_known").all(),
        pl.col("training").any(),
        subject_set_ids=pl.when(sets.len() > 0).then(sets.explode(empty_as_null=False).unique().sort().implode()),
        urls=pl.when(urls.len() > 0).then(urls.explode(empty_as_null=False).implode()),
    )
    return pl.concat([single, groups], how="diagonal")


def _exported(subjects: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each subject in a subjects export: of the newest import, whose rows of several sets agree."""
    newest = subjects.sort("is_current", "updated_at", nulls_last=False, maintain_order=True)
    is_current = pl.col("is_current") | ~pl.col("is_current").any()
    sets = pl.col("subject_set_id").filter(is_current).drop_nulls().unique().sort()
    facts = [pl.col(name).last() for name in ("training", *_OF_ONE)]
    return newest.group_by("subject_id", maintain_order=True).agg(
        *facts, subject_set_ids=sets, urls=pl.col("locations").last(), subject_known=pl.lit(True)
    )


def _same_pictures(subjects: pl.LazyFrame, shown_subjects: pl.LazyFrame) -> pl.LazyFrame:
    metadata = ("subject_id", "metadata")
    every = pl.concat([subjects.select(metadata), _shown(shown_subjects).select(metadata)])
    return same_pictures(every.unique("subject_id", keep="first", maintain_order=True).collect()).lazy()


def _shown(shown_subjects: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each subject in classifications: those with the newest one."""
    newest = shown_subjects.sort("classification_id").group_by("subject_id", maintain_order=True).last()
    return newest.select("subject_id", *_OF_ONE)
