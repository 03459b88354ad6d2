"""Answers about marks in a pool: sub-tasks and their answers as in the newest version."""

import polars as pl

from zoo_dag.consensus.renamed_lists import TASK, rename_in_lists, with_other_names

_SUB_TASK = r"^tools\.([0-9]+)\.details\.([0-9]+)"
_ANSWER = _SUB_TASK + r"\.answers\.([0-9]+)$"
_NEW = {"detail_index": "new_detail", "answer_index": "new_answer", "answer_label": "new_label"}


def rename_details(rows: pl.LazyFrame, renamed: pl.DataFrame) -> pl.LazyFrame:
    """The rows of `drawing_annotations` of a pool, `details` with places and labels of the newest version.

    Takes what `pooling.renamings` returns; `tool_index` is still that of the version of the row. By the definition
    of another version the tool of a mark has no known place, so that those rows stay as they are.
    """
    options = with_other_names(renamed.filter("is_own"), ("sub-task", "sub-task answer"), ("index", "label"))
    if options.is_empty():
        return rows
    path = pl.col("old_path")
    place = {
        name: path.str.extract(_SUB_TASK, group).cast(pl.Int32)
        for group, name in enumerate(("tool_index", "detail_index"), 1)
    }
    sub_tasks = options.filter(kind="sub-task").select(*TASK, **place, new_detail="new_index")
    answers = options.filter(path.str.contains(_ANSWER)).select(
        *TASK,
        **place,
        answer_index=path.str.extract(_ANSWER, 3).cast(pl.Int32),
        new_answer="new_index",
        new_label="new_label",
    )
    keys = [*TASK, *place]
    return rename_in_lists(rows, "details", [(sub_tasks, keys), (answers, [*keys, "answer_index"])], _NEW)
