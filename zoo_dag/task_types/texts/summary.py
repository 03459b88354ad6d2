"""The columns of texts in `subject_summary`."""

import polars as pl

from zoo_dag.consensus.task_columns import (
    FRACTION_BLANK,
    REACHED,
    SUBJECT,
    TaskColumn,
    TaskColumns,
    fraction_blank,
    is_reached,
    joined,
)
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    mean, fewest = pl.col("agreement").mean(), pl.col("n_answered").min()
    # An empty page is an answer of everybody who saw it; an empty free text is none, and has no agreement.
    enough = pl.when(fewest > 0).then(fewest).otherwise(pl.col("n_classifications").first())
    by_subject = rows.sort("line_index", nulls_last=True).group_by(SUBJECT, maintain_order=True)
    return by_subject.agg(
        text=joined(pl.col("text"), "\n"),
        agreement=mean,
        n_answered=fewest,
        fraction_blank=fraction_blank(),
        reached=is_reached(enough, mean, agreement),
    )


TASK_COLUMNS = TaskColumns(
    {
        "text": TaskColumn(pl.String(), "Consensus text, lines below each other", ("text", "line_index")),
        "agreement": TaskColumn(
            pl.Float64(),
            "Mean agreement of the words; of a page without lines the share that marked nothing",
            ("agreement",),
            is_share=True,
        ),
        "n_answered": TaskColumn(
            pl.Int64(), "Texts that voted; of a page those of the line that has fewest", ("n_answered",)
        ),
        "fraction_blank": FRACTION_BLANK,
        "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_answered", "n_classifications")),
    },
    _of_task,
)
