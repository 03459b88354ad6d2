"""Names of choices that are unique in their task."""

import polars as pl

_TASK = ("parent_task", "task", "task_revision")


def with_names_of_choices(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `choice: String`, the label of the choice, and its id where another of the task has the label.

    Takes the columns of a task revision, `choice_id` and `choice_label`; a choice without a label has its id.
    """
    label = pl.coalesce("choice_label", "choice_id")
    several = pl.col("choice_id").n_unique().over(*_TASK, label) > 1
    with_id = pl.format("{} ({})", label, "choice_id")
    return rows.with_columns(choice=pl.when(several).then(with_id).otherwise(label))
