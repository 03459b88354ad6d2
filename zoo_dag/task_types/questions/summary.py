"""The columns of questions in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import REACHED, TaskColumn, TaskColumns, winners
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    return winners(rows, pl.coalesce("answer", pl.format("answer {}", "answer_index")), agreement)


TASK_COLUMNS = TaskColumns(
    {
        "answer": TaskColumn(pl.String(), "Answer with most votes", ("answer", "votes", "rank")),
        "fraction": TaskColumn(pl.Float64(), "Largest fraction", ("fraction",), is_share=True),
        "agreement": TaskColumn(
            pl.Float64(), "Agreement: the largest fraction of the subject", ("agreement",), is_share=True
        ),
        "n_answered": TaskColumn(pl.Int64(), "Classifications that answered", ("n_answered",)),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_classifications")),
    },
    _of_task,
)
