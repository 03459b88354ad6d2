"""Answers about the choices of a survey in a pool: questions and answers as in the newest version.

The editor makes new ids when a survey is uploaded again, and in 2017 all got new ones: `HWMN` became `HOWMANY`.
"""

import polars as pl

from zoo_dag.consensus.renamed_lists import TASK, rename_in_lists, with_other_names

_NEW = {name: f"new_{name}" for name in ("question_id", "question_label", "answer_id", "answer_label")}


def rename_answers(rows: pl.LazyFrame, renamed: pl.DataFrame) -> pl.LazyFrame:
    """The rows of `survey_annotations` of a pool, `answers` with ids and labels of the newest version.

    Takes what `pooling.renamings` returns. An answer that no definition has stays as it is.
    """
    options = with_other_names(renamed, ("question", "question answer"), ("id", "label"))
    if options.is_empty():
        return rows
    inner = pl.col("old_path").str.strip_prefix("questions.")
    questions = options.filter(kind="question").select(
        *TASK, question_id="old_id", new_question_id="new_id", new_question_label="new_label"
    )
    answers = options.filter(kind="question answer").select(
        *TASK,
        question_id=inner.str.strip_suffix(pl.concat_str(pl.lit(".answers."), "old_id")),
        answer_id="old_id",
        new_answer_id="new_id",
        new_answer_label="new_label",
    )
    keys = [*TASK, "question_id"]
    return rename_in_lists(rows, "answers", [(questions, keys), (answers, [*keys, "answer_id"])], _NEW)
