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
from zoo_dag.task_types.texts.places import LINE_TOOLS


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    # Beside the lines of a page, texts about other marks are no part of it.
    of_page = rows.filter(pl.col("tool_type").is_null() | pl.col("tool_type").is_in(LINE_TOOLS))
    is_page = of_page.height > 0
    rows = of_page if is_page else rows
    mean, fewest = pl.col("agreement").mean(), pl.col("n_answered").min()
    # An empty page is an answer of everybody who saw it; an empty free text is none, and has no agreement.
    enough = pl.when(fewest > 0).then(fewest).otherwise(pl.col("n_classifications").first())
    by_subject = rows.sort("line_index", nulls_last=True).group_by(SUBJECT, maintain_order=True)
    found = by_subject.agg(
        text=joined(pl.col("text"), "\n"),
        agreement=mean,
        n_answered=fewest,
        fraction_blank=fraction_blank(),
        reached=is_reached(enough, mean, agreement),
    )
    of_task = rows.filter(pl.col("line_index").is_null()).sum()
    if of_task["n_numbers"].item() > of_task["n_answered"].item() / 2:
        numbers = by_subject.agg(pl.col("number_median", "n_numbers").first())
        found = found.join(numbers, on=SUBJECT, how="left", maintain_order="left")
    # Of other marks a text is but one of the answers: whether a drawing is reached, its clusters say.
    return found if is_page else found.drop("n_answered", "fraction_blank", "reached")


TASK_COLUMNS = TaskColumns(
    {
        "text": TaskColumn(
            pl.String(), "Consensus text, lines below each other", ("text", "line_index", "tool_type")
        ),
        "agreement": TaskColumn(
            pl.Float64(),
            "Mean agreement of the words; of a page without lines the share that marked nothing",
            ("agreement",),
            is_share=True,
        ),
        "n_answered": TaskColumn(
            pl.Int64(), "Texts that voted; of a page those of the line that has fewest", ("n_answered",)
        ),
        "number_median": TaskColumn(
            pl.Float64(), "Median of the texts that are a number", ("number_median", "text")
        ),
        "n_numbers": TaskColumn(pl.Int64(), "Texts that are a number", ("n_numbers",)),
        "fraction_blank": FRACTION_BLANK,
        "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_answered", "n_classifications", "asked")),
    },
    _of_task,
)
