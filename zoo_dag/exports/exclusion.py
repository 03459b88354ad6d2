"""Which classifications are left out of consensus, and why. The same rules serve one version and all of them."""

import polars as pl

from zoo_dag.settings import Exclusion

SCOPE_COLUMNS = (
    "classification_id",
    "user_key",
    "workflow_id",
    "subject_ids",
    "created_at",
    "started_at",
    "finished_at",
    "annotations",
    "gold_standard",
    "live_project",
    "translation_bug",
    "tutorial_subject_id",
)
ORDER = ("created_at", "classification_id")


def exclusions(classifications: pl.LazyFrame, rules: Exclusion) -> pl.LazyFrame:
    """Decide for all classifications of a scope (a version, or a workflow) which are left out.

    Takes the columns SCOPE_COLUMNS; `annotations` may be any value that is equal for equal annotations.
    Returns `classification_id: Int64, excluded: String`, in the order given: null where the row counts, else
    the first reason of gold_standard, pre_launch, tutorial_subject, network_duplicate, repeat, known_bad.

    A repeat is a further classification of the same subjects by the same `user_key`; rows left out for another
    reason are no first. Where all repeats count, one that was sent again counts too. Order is `created_at`, then
    `classification_id`: both clocks of the client may be wrong.
    """
    never = pl.lit(False)
    ordered = classifications.select(SCOPE_COLUMNS).with_row_index("position").sort(ORDER)
    reason = pl.coalesce(
        _when("gold_standard", pl.col("gold_standard") if rules.gold_standard else never),
        _when("pre_launch", _pre_launch() if rules.pre_launch else never),
        _when("tutorial_subject", _tutorial() if rules.tutorial_subject else never),
        _when("network_duplicate", _sent_again() if rules.network_duplicate and rules.repeat != "all" else never),
    )
    known_bad = _when("known_bad", pl.col("translation_bug") if rules.known_bad else never)
    decided = ordered.with_columns(reason=reason, known_bad=known_bad)
    return (
        decided.with_columns(excluded=pl.coalesce("reason", _when("repeat", _repeated(rules.repeat)), "known_bad"))
        .sort("position")
        .select("classification_id", "excluded")
    )


def _when(reason: str, condition: pl.Expr) -> pl.Expr:
    return pl.when(condition.fill_null(False)).then(pl.lit(reason))


def _pre_launch() -> pl.Expr:
    # A project that never launched keeps its votes.
    return ~pl.col("live_project") & pl.col("live_project").any().over("workflow_id")


def _tutorial() -> pl.Expr:
    return pl.col("subject_ids") == pl.col("tutorial_subject_id").cast(pl.String)


def _sent_again() -> pl.Expr:
    content = pl.struct("user_key", "workflow_id", "subject_ids", "started_at", "finished_at", "annotations")
    timed = pl.col("started_at").is_not_null() & pl.col("finished_at").is_not_null()
    # The lowest id stays, whatever the order of the rows.
    lowest = pl.col("classification_id") == pl.col("classification_id").min().over(content)
    return timed & content.is_duplicated() & ~lowest


def _repeated(which: str) -> pl.Expr:
    if which == "all":
        return pl.lit(False)
    counts = pl.col("reason").is_null() & pl.col("known_bad").is_null()
    same = pl.struct("user_key", "workflow_id", "subject_ids", counts.alias("counts"))
    return counts & ~(same.is_first_distinct() if which == "first" else same.is_last_distinct())
