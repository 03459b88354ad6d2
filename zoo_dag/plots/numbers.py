"""Summary numbers of a table. Dagster plots them over the partitions, under these names."""

from collections.abc import Mapping

import polars as pl

Numbers = Mapping[str, pl.Expr]

SUBJECTS: Numbers = {"subjects": pl.col("subject_ids").n_unique()}
_MEASURED = ("share_", "mean_", "median_")
_RETIRED = pl.col("retired_at").is_not_null()
_ACCOUNTING = {
    "quarantined": pl.col("quarantined").sum(),
    "merged": pl.col("merged").sum(),
    "left_out": pl.col("excluded").sum(),
    "unbalanced": pl.col("balanced").not_().sum(),
}

_POSTERIORS: Numbers = {
    **SUBJECTS,
    "mean_posterior": pl.col("posterior").filter("wins").mean(),
    "share_otherwise": pl.col("differs_from_plurality").mean(),
}

_EVENT = pl.struct("parent_task", "task", "task_revision", "event_id")

# For the tables that belong to no task type, by name.
NUMBERS: Mapping[str, Numbers] = {
    "subjects": {
        "subjects": pl.col("subject_id").n_unique(),
        "retired": pl.col("subject_id").filter(_RETIRED).n_unique(),
    },
    "workflow_versions": {"workflows": pl.col("workflow_id").n_unique()},
    "tasks": {"tasks": pl.col("task").drop_nulls().n_unique()},
    "classifications": {
        **SUBJECTS,
        "volunteers": pl.col("user_key").n_unique(),
        "counted": pl.col("excluded").null_count(),
        "share_left_out": pl.col("excluded").is_not_null().mean(),
        "median_seconds": pl.col("duration_s").median(),
    },
    "subject_summary": {
        "subjects": pl.len(),
        "retired": _RETIRED.sum(),
        "mean_classifications": pl.col("n_classifications").mean(),
    },
    "subject_votes": {"subjects": pl.len()},
    "subject_frames": {"subjects": pl.col("subject_id").n_unique(), "frames": pl.len()},
    **dict.fromkeys(("question_posteriors", "dropdown_posteriors", "survey_posteriors"), _POSTERIORS),
    "mark_posteriors": {
        **SUBJECTS,
        "share_likely": pl.col("wins").mean(),
        "mean_posterior": pl.col("posterior").mean(),
    },
    "volunteers": {
        "volunteers": pl.col("user_key").n_unique(),
        "median_skill": pl.col("skill").median(),
        "mean_agreement": pl.col("agreement").mean(),
    },
    "votes": {
        **SUBJECTS,
        "votes": pl.len(),
        "volunteers": pl.col("user_key").n_unique(),
    },
    "volunteer_activity": {
        "volunteers": pl.len(),
        "hours": pl.col("effort_hours").sum(),
        "suspected_bots": (pl.col("suspicions").list.len() > 0).sum(),
    },
    "task_agreement": {
        "median_alpha": pl.col("alpha").median(),
        "largest_drift": pl.col("drift").max(),
    },
    "retirements": {
        "retired": pl.col("rule").count(),
        "share_saved": 1 - pl.col("n_used").sum() / pl.col("n_votes").sum(),
        "share_that_agrees": pl.col("agrees").mean(),
    },
    "event_consensus": {
        "events": _EVENT.n_unique(),
        "incomplete_events": _EVENT.filter(~pl.col("complete")).n_unique(),
        "blank_events": _EVENT.filter(pl.col("is_blank")).n_unique(),
        "present": pl.col("present").sum(),
    },
    "deployment_rates": {
        "deployments": pl.col("deployment").n_unique(),
        "independent_events": pl.col("n_independent").sum(),
    },
    "version_accounting": _ACCOUNTING,
    "accounting": _ACCOUNTING,
}

# For every flattened table.
ANNOTATIONS: Numbers = {
    **SUBJECTS,
    "classifications": pl.col("classification_id").n_unique(),
    "volunteers": pl.col("user_key").n_unique(),
    "on_a_left_branch": pl.col("classification_id").filter(pl.col("excluded") == "left_branch").n_unique(),
    "share_blank": (pl.col("status") == "blank").mean(),
    "share_not_understood": pl.col("status").is_in(["unknown_label", "malformed"]).mean(),
}


def of_first(column: str) -> pl.Expr:
    """A column of a table with ranks, in the winning rows only: one for each subject and task."""
    return pl.col(column).filter(pl.col("rank") == 1)


def share_blank(*, where: pl.Expr | None = None) -> pl.Expr:
    """The share of classifications that left the task blank; `where` picks one row for each subject and task."""
    blank, everything = pl.col("n_blank"), pl.col("n_classifications")
    if where is None:
        return blank.sum() / everything.sum()
    return blank.filter(where).sum() / everything.filter(where).sum()


# For a consensus table with ranks. Of each subject and task the winning row counts, or the only row.
RANKED: Numbers = {
    "share_tied": of_first("tied").mean(),
    "share_blank": share_blank(where=(pl.col("rank") == 1).fill_null(True)),
}


def aggregations(numbers: Numbers) -> list[pl.Expr]:
    """Numbers as aggregations of their table; other numbers than counts are rounded to four decimals."""
    return [
        (number.round(4) if name.startswith(_MEASURED) else number).alias(name) for name, number in numbers.items()
    ]
