"""The columns of texts in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import REACHED, SUBJECT, TaskColumn, TaskColumns, is_reached, joined
from zoo_dag.settings.results import Agreement
from zoo_dag.task_types.texts.places import LINE_TOOLS


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    # Beside the lines of a page, texts about other marks are no part of it.
    of_page = rows.filter(pl.col("tool_type").is_null() | pl.col("tool_type").is_in(LINE_TOOLS))
    is_page = of_page.height > 0
    rows = of_page if is_page else rows
    mean = pl.col("agreement").mean()
    by_subject = rows.sort("line_index", nulls_last=True).group_by(SUBJECT, maintain_order=True)
    found = by_subject.agg(
        text=joined(pl.col("text"), "\n"),
        agreement=mean,
        reached=is_reached(mean, agreement),
    )
    # Of other marks a text is but one of the answers: whether a drawing is reached, its clusters say.
    return found if is_page else found.drop("reached")


TASK_COLUMNS = TaskColumns(
    {
        "text": TaskColumn(pl.String(), "Consensus text, lines below each other", ("text", "line_index")),
        "agreement": TaskColumn(pl.Float64(), "Mean agreement of the words", ("agreement",), is_share=True),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_classifications")),
    },
    _of_task,
)
