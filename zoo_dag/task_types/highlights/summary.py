"""The columns of highlights in `subject_summary`."""

from dataclasses import replace

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
    part_labels,
)
from zoo_dag.settings.results import Agreement

_UNLABELLED = "unlabelled"


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    spans = ~pl.col("is_candidate")
    clearest = pl.col("detection").filter(spans).max()
    # Nothing highlighted is an answer: volunteers may agree that there is nothing.
    agreed = pl.max_horizontal(clearest, fraction_blank())
    of_labels = {
        _column(label): joined(pl.col("text").filter(spans & pl.col("label").eq_missing(pl.lit(label, pl.String))))
        for label in rows.filter(spans)["label"].unique().sort()
    }
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        spans.sum().alias("spans"),
        clearest.alias("detection"),
        fraction_blank().alias("fraction_blank"),
        is_reached(pl.col("n_classifications").first(), agreed, agreement).alias("reached"),
        **of_labels,
    )


def _column(label: str | None) -> str:
    """The column of a label; one that is called as another column is marked as a label."""
    name = _UNLABELLED if label is None else label
    return f"label_{name}" if name in TASK_COLUMNS.columns else name


TASK_COLUMNS = TaskColumns(
    {
        "spans": TaskColumn(pl.Int64(), "Spans of the text, without candidates", ("is_candidate",)),
        "detection": TaskColumn(pl.Float64(), "Detection of the clearest span", ("detection",), is_share=True),
        "fraction_blank": replace(
            FRACTION_BLANK, description="Share of the classifications that highlighted nothing"
        ),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("detection", "n_blank", "n_classifications", "asked")),
        "{id}": TaskColumn(
            pl.String(),
            "Texts of the spans with the label {id}, in their order",
            ("text", "label", "is_candidate"),
        ),
    },
    _of_task,
    part_labels("label", "label"),
)
