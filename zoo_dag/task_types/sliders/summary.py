"""The columns of sliders in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import REACHED, SUBJECT, TaskColumn, TaskColumns
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    enough = pl.col("n_classifications") - pl.col("n_blank") >= agreement.min_classifications
    return rows.select(SUBJECT, "mean", "median", "std", reached=enough)


TASK_COLUMNS = TaskColumns(
    {
        "mean": TaskColumn(pl.Float64(), "Mean of the values", ("mean",)),
        "median": TaskColumn(pl.Float64(), "Median of the values", ("median",)),
        "std": TaskColumn(pl.Float64(), "Standard deviation of the values", ("std",)),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("n_classifications", "n_blank")),
    },
    _of_task,
)
