"""What is known about the subjects of a workflow: metadata, media URLs, the server's count, retirement."""

import polars as pl

from zoo_dag.consensus.task_columns import SUBJECT

_OF_ONE = ("classifications_count", "retired_at", "retirement_reason", "metadata")


def subject_facts(
    classifications: pl.LazyFrame, subjects: pl.LazyFrame, shown_subjects: pl.LazyFrame
) -> pl.LazyFrame:
    """The facts of each unit of `classifications`: a subject, or the subjects that were shown together.

    Takes `subjects` of the workflow, and `shown_subjects` of its versions, which counts for subjects that the
    former lacks. Returns `subject_ids: String`, `subject_known: Boolean` (the subjects export has all of them),
    `urls: List(String)`, of all of them in the order of their ids, and for a single subject
    `classifications_count, retired_at, retirement_reason, metadata`, as in `subjects`.
    """
    ids = pl.col(SUBJECT).str.split(";").cast(pl.List(pl.Int64))
    members = classifications.select(SUBJECT, subject_id=ids).unique(SUBJECT).explode("subject_id")
    known = members.join(_exported(subjects), on="subject_id", how="left")
    known = known.join(_shown(shown_subjects), on="subject_id", how="left", suffix=" shown")
    is_known = pl.col("subject_known").fill_null(value=False)
    best = known.with_columns(
        is_known.alias("subject_known"),
        *(pl.when(is_known).then(name).otherwise(f"{name} shown").alias(name) for name in _OF_ONE),
    )
    # Few subjects are shown together: only their rows have to be put together.
    is_single = ~pl.col(SUBJECT).str.contains(";", literal=True)
    single = best.filter(is_single).select(SUBJECT, "subject_known", *_OF_ONE, "urls")
    together = best.filter(~is_single).sort("subject_id").group_by(SUBJECT, maintain_order=True)
    urls = pl.col("urls").drop_nulls()
    groups = together.agg(
        pl.col("subject_known").all(),
        urls=pl.when(urls.len() > 0).then(urls.explode(empty_as_null=False).implode()),
    )
    return pl.concat([single, groups], how="diagonal")


def _exported(subjects: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each subject in a subjects export: of the newest import, whose rows of several sets agree."""
    newest = subjects.sort("is_current", "updated_at", nulls_last=False, maintain_order=True)
    return (
        newest.group_by("subject_id", maintain_order=True)
        .last()
        .select("subject_id", *_OF_ONE, urls="locations", subject_known=pl.lit(True))
    )


def _shown(shown_subjects: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of each subject in classifications: those with the newest one."""
    newest = shown_subjects.sort("classification_id").group_by("subject_id", maintain_order=True).last()
    return newest.select("subject_id", *_OF_ONE)
