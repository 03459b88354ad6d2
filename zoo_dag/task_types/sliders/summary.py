"""The columns of sliders in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import FRACTION_BLANK, SUBJECT, TaskColumn, TaskColumns
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    share_blank = pl.col("n_blank") / pl.col("n_classifications")
    enough = (pl.col("n_answered") >= agreement.min_classifications) & (pl.col("asked") >= agreement.min_asked)
    measures = ("mean", "median", "std", "n_answered")
    left_alone = pl.col("n_untouched")
    return rows.select(SUBJECT, *measures, untouched=left_alone, fraction_blank=share_blank, reached=enough)


TASK_COLUMNS = TaskColumns(
    {
        "mean": TaskColumn(pl.Float64(), "Mean of the values", ("mean",)),
        "median": TaskColumn(pl.Float64(), "Median of the values", ("median",)),
        "std": TaskColumn(pl.Float64(), "Standard deviation of the values", ("std",)),
        "n_answered": TaskColumn(pl.Int64(), "Values that count", ("n_answered",)),
        "untouched": TaskColumn(
            pl.Int64(), "Values that are the slider's default, which nobody moved", ("n_untouched",)
        ),
        "fraction_blank": FRACTION_BLANK,
        "reached": TaskColumn(
            pl.Boolean(),
            "Whether enough volunteers were asked and answered, by the settings [agreement]",
            ("n_answered", "asked"),
        ),
    },
    _of_task,
)
