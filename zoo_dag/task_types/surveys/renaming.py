"""Questions and answers about the choices of a survey, under the ids and labels of the newest version.

The editor makes new ids when a survey is uploaded again, and in 2017 all got new ones: `HWMN` became `HOWMANY`.
"""

import polars as pl

_TASK = ["workflow_version", "task", "task_revision"]
_FIELDS = ("question_id", "question_label", "answer_id", "answer_label")


def rename_answers(rows: pl.LazyFrame, renamed: pl.DataFrame) -> pl.LazyFrame:
    """The rows of `survey_annotations` of a pool, `answers` with ids and labels of the newest version.

    Takes what `pooling.renamings` returns. An answer that no definition has stays as it is.
    """
    of_survey = renamed.filter(pl.col("kind").is_in(["question", "question answer"]))
    changed = of_survey.filter(
        pl.any_horizontal(pl.col(f"old_{part}").ne_missing(pl.col(f"new_{part}")) for part in ("id", "label"))
    )
    if changed.is_empty():
        return rows
    inner = pl.col("old_path").str.strip_prefix("questions.")
    questions = of_survey.filter(kind="question").select(
        *_TASK, question_id="old_id", new_question_id="new_id", new_question_label="new_label"
    )
    answers = of_survey.filter(kind="question answer").select(
        *_TASK,
        question_id=inner.str.strip_suffix(pl.concat_str(pl.lit(".answers."), "old_id")),
        answer_id="old_id",
        new_answer_id="new_id",
        new_answer_label="new_label",
    )
    numbered = rows.with_row_index("_row")
    of_rows = (
        numbered.join(changed.select(_TASK).unique().lazy(), on=_TASK, how="semi")
        .select("_row", *_TASK, "answers")
        .explode("answers", empty_as_null=False, keep_nulls=False)
        .unnest("answers")
        .join(questions.lazy(), on=[*_TASK, "question_id"], how="left", maintain_order="left")
        .join(answers.lazy(), on=[*_TASK, "question_id", "answer_id"], how="left", maintain_order="left")
        .group_by("_row")
        .agg(new_answers=pl.struct(pl.coalesce(f"new_{field}", field).alias(field) for field in _FIELDS))
    )
    joined = numbered.join(of_rows, on="_row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("new_answers", "answers").alias("answers")).drop("_row", "new_answers")
