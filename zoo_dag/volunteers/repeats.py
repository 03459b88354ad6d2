"""What volunteers say of a subject when they see it again: how consistent they are with themselves."""

from collections.abc import Sequence

import polars as pl
import polars.selectors as cs

from zoo_dag.exports.volunteers import is_anonymous
from zoo_dag.volunteers.ballots import NO
from zoo_dag.volunteers.posteriors import ANONYMOUS


def self_consistency(ballots: pl.LazyFrame, task: Sequence[str]) -> pl.LazyFrame:
    """By the columns of the task and `user_key`: `n_repeats` and `self_consistency`, as in `volunteers`.

    Takes ballots, also those that do not count because they repeat another one. Of several answers only those are
    compared that the volunteer gave at least once.
    """
    label, in_order = pl.col("label"), ("created_at", "classification_id")
    said = ballots.group_by(*task, "subject_ids", "option", "user_key").agg(
        n=pl.len() - 1,
        n_same=(label == label.sort_by(*in_order).first()).sum() - 1,
        is_choice=(label != NO).any() | pl.col("option").first().is_null(),
    )
    voter = pl.when(is_anonymous()).then(pl.lit(ANONYMOUS)).otherwise("user_key").alias("user_key")
    return (
        said.filter(pl.col("n") > 0, "is_choice")
        .with_columns(cs.categorical().cast(pl.String))
        .group_by(*task, voter)
        .agg(pl.col("n", "n_same").sum())
        .select(
            *task,
            "user_key",
            n_repeats=pl.col("n").cast(pl.Int64),
            self_consistency=pl.col("n_same") / pl.col("n"),
        )
    )
