"""The columns of texts in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import REACHED, SUBJECT, TaskColumn, TaskColumns, is_reached, joined
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    mean = pl.col("agreement").mean()
    by_subject = rows.sort("line_index", nulls_last=True).group_by(SUBJECT, maintain_order=True)
    return by_subject.agg(
        text=joined(pl.col("text"), "\n"),
        agreement=mean,
        reached=is_reached(mean, agreement),
    )


TASK_COLUMNS = TaskColumns(
    {
        "text": TaskColumn(pl.String(), "Consensus text, lines below each other", ("text", "line_index")),
        "agreement": TaskColumn(pl.Float64(), "Mean agreement of the words", ("agreement",), is_share=True),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_classifications")),
    },
    _of_task,
)
