"""The columns of questions in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import (
    FRACTION_BLANK,
    REACHED,
    SUBJECT,
    TaskColumn,
    TaskColumns,
    likeliest_answers,
    posterior_columns,
    winners,
)
from zoo_dag.settings.results import Agreement

_ANSWER = pl.coalesce("answer", pl.format("answer {}", "answer_index"))


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    # Only a question that allows several answers has sets of them.
    several = pl.col("answer_set_votes").is_not_null()
    columns = winners(rows, _ANSWER, agreement, several)
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

POSTERIOR_COLUMNS = TaskColumns(
    posterior_columns(
        "likeliest",
        "Likeliest answer; where several answers are allowed, all that are more probable than not",
        ("answer", "answer_index"),
    ),
    lambda rows, _agreement: likeliest_answers(rows, "likeliest", _ANSWER),
    of_posteriors=True,
)
