"""The columns of questions in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import FRACTION_BLANK, REACHED, SUBJECT, TaskColumn, TaskColumns, winners
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    # Only a question that allows several answers has sets of them.
    several = pl.col("answer_set_votes").is_not_null()
    columns = winners(rows, pl.coalesce("answer", pl.format("answer {}", "answer_index")), agreement, several)
    if rows["answer_set_votes"].null_count() == rows.height:
        return columns
    return columns.join(rows.select(SUBJECT, "answer_set").unique(SUBJECT), on=SUBJECT, how="left")


TASK_COLUMNS = TaskColumns(
    {
        "answer": TaskColumn(
            pl.String(),
            "Answer with most votes; where several answers are allowed, those of more than half",
            ("answer", "answer_index", "votes", "rank", "fraction", "answer_set_votes"),
        ),
        "fraction": TaskColumn(pl.Float64(), "Largest fraction", ("fraction",), is_share=True),
        "agreement": TaskColumn(
            pl.Float64(),
            "Agreement: the largest fraction; where several answers are allowed, the mean over the answers of the "
            "share of the majority, yes or no",
            ("agreement",),
            is_share=True,
        ),
        "n_answered": TaskColumn(pl.Int64(), "Classifications that answered", ("n_answered",)),
        "answer_set": TaskColumn(pl.String(), "Commonest answer set", ("answer_set",)),
        "fraction_blank": FRACTION_BLANK,
        "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_answered", "asked")),
    },
    _of_task,
)
