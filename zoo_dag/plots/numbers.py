"""The numbers of a table that tell how it went. Dagster draws them over the partitions, under these names."""

from collections.abc import Mapping

import polars as pl

from zoo_dag.tables import FLATTENED

_SUBJECTS = {"subjects": pl.col("subject_ids").n_unique()}
_MEASURED = ("share_", "mean_", "median_")
_FIRST = pl.col("rank") == 1
# A row for each subject and task: the first answer, or the only row where there is none.
_ONCE = _FIRST.fill_null(True)
_OF_FIRST = {
    **_SUBJECTS,
    "share_tied": pl.col("tied").filter(_FIRST).mean(),
    "share_blank": pl.col("n_blank").filter(_ONCE).sum() / pl.col("n_classifications").filter(_ONCE).sum(),
}
_RETIRED = pl.col("retired_at").is_not_null()

_CONSENSUS: dict[str, dict[str, pl.Expr]] = {
    "question_consensus": {**_OF_FIRST, "mean_agreement": pl.col("agreement").filter(_FIRST).mean()},
    "dropdown_consensus": {**_OF_FIRST, "mean_agreement": pl.col("agreement").filter(_FIRST).mean()},
    "survey_consensus": {
        **_OF_FIRST,
        "mean_share_of_first_choice": (pl.col("votes") / pl.col("n_answered")).filter(_FIRST).mean(),
        "mean_evenness": pl.col("evenness").filter(_FIRST).mean(),
    },
    "drawing_consensus": {
        **_SUBJECTS,
        "clusters": pl.col("cluster_index").count(),
        "marks_in_clusters": pl.col("n_marks").sum(),
        "mean_detection": pl.col("detection").filter(pl.col("cluster_index").is_not_null()).mean(),
        "subjects_with_cluster": pl.col("subject_ids").filter(pl.col("cluster_index").is_not_null()).n_unique(),
    },
    "text_consensus": {
        **_SUBJECTS,
        "texts": pl.col("text").count(),
        "mean_agreement": pl.col("agreement").mean(),
    },
    "slider_consensus": {
        **_SUBJECTS,
        "mean_std": pl.col("std").mean(),
        "share_blank": pl.col("n_blank").sum() / pl.col("n_classifications").sum(),
    },
}

_ANNOTATIONS = {
    **_SUBJECTS,
    "classifications": pl.col("classification_id").n_unique(),
    "volunteers": pl.col("user_key").n_unique(),
    "share_blank": (pl.col("status") == "blank").mean(),
    "share_not_understood": pl.col("status").is_in(["unknown_label", "malformed"]).mean(),
}
_BOOKS = {
    "quarantined": pl.col("quarantined").sum(),
    "merged": pl.col("merged").sum(),
    "left_out": pl.col("excluded").sum(),
    "unbalanced": pl.col("balanced").not_().sum(),
}

NUMBERS: Mapping[str, Mapping[str, pl.Expr]] = {
    "subjects": {
        "subjects": pl.col("subject_id").n_unique(),
        "retired": pl.col("subject_id").filter(_RETIRED).n_unique(),
    },
    "workflow_versions": {"workflows": pl.col("workflow_id").n_unique()},
    "tasks": {"tasks": pl.col("task").drop_nulls().n_unique()},
    "classifications": {
        **_SUBJECTS,
        "volunteers": pl.col("user_key").n_unique(),
        "counted": pl.col("excluded").null_count(),
        "share_left_out": pl.col("excluded").is_not_null().mean(),
        "median_seconds": pl.col("duration_s").median(),
    },
    **dict.fromkeys(FLATTENED, _ANNOTATIONS),
    **_CONSENSUS,
    **{f"pooled_{name}": numbers for name, numbers in _CONSENSUS.items()},
    "subject_summary": {
        "subjects": pl.len(),
        "retired": _RETIRED.sum(),
        "mean_classifications": pl.col("n_classifications").mean(),
    },
    "version_accounting": _BOOKS,
    "accounting": _BOOKS,
}


def numbers(table: str) -> list[pl.Expr]:
    """The numbers of a table as aggregations of it; what is no count is rounded to four decimals."""
    return [
        (made.round(4) if name.startswith(_MEASURED) else made).alias(name)
        for name, made in NUMBERS.get(table, {}).items()
    ]
