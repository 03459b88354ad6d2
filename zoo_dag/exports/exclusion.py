"""Which classifications are excluded from consensus, and why: by the same rules for one version and for all."""

import polars as pl

from zoo_dag.settings.listed import listed_version
from zoo_dag.settings.results import Exclusion
from zoo_dag.tables.ledger import ExclusionReason

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
    "listed",
    "training",
    "after_retirement",
)
ORDER = ("created_at", "classification_id")


def exclusions(classifications: pl.LazyFrame, rules: Exclusion, is_launched: bool | None = None) -> pl.LazyFrame:
    """Decide which classifications of a scope (a version, or a workflow) are excluded.

    Takes the columns SCOPE_COLUMNS; `annotations` may be any value that is equal for equal annotations. Returns
    `classification_id: Int64, excluded: String`, rows in the same order: null where the row counts, else the first
    of EXCLUSION_REASONS that applies.

    A repeat is a later classification of the same subjects by the same `user_key`; rows excluded for another
    reason do not count as the first one. Where all repeats count, network duplicates do too. The order is
    `created_at`, then `classification_id`, because both times of the client may be wrong.

    A subject decides nothing for another one but whether the project was launched: `is_launched` says so where the
    rows are of some subjects only, of one workflow.
    """
    frame = _narrow(classifications).collect().with_row_index("position")
    frame = frame.with_columns(reason=_reason(rules, is_launched, pl.col("tutorial")), known_bad=_known_bad(rules))
    # Few people classify a subject twice: only their rows have to be sorted and compared.
    again = frame.filter(pl.col("same").is_duplicated()).sort(ORDER)
    duplicates_go = rules.network_duplicate and rules.repeat != "all"
    again = again.with_columns(
        reason=pl.coalesce("reason", _when("network_duplicate", _sent_again(), duplicates_go))
    )
    repeated = _when("repeat", _repeated(rules.repeat), rules.repeat != "all")
    decided = again.select("position", again=pl.lit(True), decided=pl.coalesce("reason", repeated, "known_bad"))
    rows = frame.join(decided, on="position", how="left", maintain_order="left")
    excluded = pl.when(pl.col("again")).then("decided").otherwise(pl.coalesce("reason", "known_bad"))
    return rows.lazy().select("classification_id", excluded=excluded)


def excluded_alone(rules: Exclusion, is_launched: bool) -> pl.Expr:
    """Why a classification is excluded if its volunteer saw the subjects once; null where it counts. String.

    Takes the columns SCOPE_COLUMNS.
    """
    return pl.coalesce(_reason(rules, is_launched, _shows_tutorial()), _known_bad(rules))


def is_listed(rules: Exclusion) -> pl.Expr:
    """Whether the settings name a classification: by its volunteer, its time or its version. Boolean.

    Takes `user_key, user_name, workflow_id, workflow_version, created_at`; a classification without a time is
    neither before nor after one.
    """
    names = [user.strip().lower() for user in rules.users]
    keys = [*names, *(f"user:{name}" for name in names)]
    created_at, version = pl.col("created_at"), pl.col("workflow_version")
    of_users = [
        pl.col("user_name").str.strip_chars().str.to_lowercase().is_in(names),
        pl.col("user_key").str.to_lowercase().is_in(keys),
    ]
    conditions = [
        *(of_users if names else [pl.repeat(False, pl.len())]),
        *([created_at < rules.before] if rules.before else []),
        *([created_at > rules.after] if rules.after else []),
    ]
    for workflow, listed in map(listed_version, rules.versions):
        of_workflow = pl.lit(True) if workflow is None else pl.col("workflow_id") == workflow
        conditions.append(of_workflow & (version == listed))
    return pl.any_horizontal(condition.fill_null(False) for condition in conditions)


def _narrow(classifications: pl.LazyFrame) -> pl.LazyFrame:
    """The columns that are needed of all rows; texts as hashes, since only their equality counts."""
    same = ("user_key", "workflow_id", "subject_ids")
    return classifications.select(
        "classification_id",
        "workflow_id",
        "created_at",
        "gold_standard",
        "live_project",
        "translation_bug",
        "listed",
        "training",
        "after_retirement",
        tutorial=_shows_tutorial(),
        same=pl.struct(same).hash(),
        content=pl.struct(*same, "started_at", "finished_at", "annotations").hash(),
        timed=pl.col("started_at").is_not_null() & pl.col("finished_at").is_not_null(),
    )


def _reason(rules: Exclusion, is_launched: bool | None, tutorial: pl.Expr) -> pl.Expr:
    """The first reason that does not depend on what else the volunteer classified, and goes before repeats."""
    return pl.coalesce(
        _when("gold_standard", pl.col("gold_standard"), rules.gold_standard),
        _when("pre_launch", _pre_launch(is_launched), rules.pre_launch),
        _when("tutorial_subject", tutorial, rules.tutorial_subject),
        _when("listed", pl.col("listed"), True),
        _when("training_subject", pl.col("training"), rules.training_subject),
        _when("after_retirement", pl.col("after_retirement"), rules.after_retirement),
    )


def _known_bad(rules: Exclusion) -> pl.Expr:
    return _when("known_bad", pl.col("translation_bug"), rules.known_bad)


def _shows_tutorial() -> pl.Expr:
    return pl.col("subject_ids") == pl.col("tutorial_subject_id").cast(pl.String)


def _when(reason: ExclusionReason, condition: pl.Expr, applies: bool) -> pl.Expr:
    return pl.when(condition.fill_null(False) & applies).then(pl.lit(reason))


def _pre_launch(is_launched: bool | None) -> pl.Expr:
    # The votes of a project that was never launched count.
    launched = pl.col("live_project").any().over("workflow_id") if is_launched is None else pl.lit(is_launched)
    return ~pl.col("live_project") & launched


def _sent_again() -> pl.Expr:
    # The lowest id stays, in any order of the rows.
    lowest = pl.col("classification_id") == pl.col("classification_id").min().over("content")
    return pl.col("timed") & ~lowest


def _repeated(which: str) -> pl.Expr:
    counts = pl.col("reason").is_null() & pl.col("known_bad").is_null()
    same = pl.struct("same", counts.alias("counts"))
    return counts & ~(same.is_first_distinct() if which == "first" else same.is_last_distinct())
