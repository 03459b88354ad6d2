"""The columns of surveys in `subject_summary`: as many choices as volunteers named on the median.

This is the rule of Snapshot Serengeti (Swanson et al. 2015, Sci. Data 2:150026).
"""

import polars as pl

from zoo_dag.consensus.task_columns import REACHED, SUBJECT, TaskColumn, TaskColumns, is_reached, joined
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    chosen = pl.col("rank") <= pl.col("n_choices").ceil()
    label = pl.coalesce("choice_label", "choice_id")
    share = pl.when(pl.col("n_answered") > 0).then(pl.col("votes") / pl.col("n_answered"))
    by_subject = rows.sort("rank", nulls_last=True).group_by(SUBJECT, maintain_order=True)
    return by_subject.agg(
        choices=joined(label.filter(chosen)),
        fraction=share.first(),
        count=pl.col("count_median").first(),
        evenness=pl.col("evenness").first(),
        n_answered=pl.col("n_answered").first(),
        reached=is_reached(share.first(), agreement),
    )


TASK_COLUMNS = TaskColumns(
    {
        "choices": TaskColumn(
            pl.String(),
            "As many choices as named on the median, most common first",
            ("choice_label", "choice_id", "rank", "n_choices"),
        ),
        "fraction": TaskColumn(
            pl.Float64(),
            "Share of those who answered that named the first choice",
            ("votes", "n_answered", "rank"),
            is_share=True,
        ),
        "count": TaskColumn(pl.String(), "Median count of the first choice", ("count_median", "rank")),
        "evenness": TaskColumn(
            pl.Float64(), "Pielou's evenness of the votes: 0 unanimous, 1 even", ("evenness",), is_share=True
        ),
        "n_answered": TaskColumn(pl.Int64(), "Classifications that named anything", ("n_answered",)),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("votes", "n_answered", "n_classifications")),
    },
    _of_task,
)
