"""The columns of drawings in `subject_summary`."""

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
    part_labels,
)
from zoo_dag.settings.results import Agreement


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    clusters = ~pl.col("is_candidate")
    tools = rows["tool_index"].drop_nulls().unique().sort()
    clearest = pl.col("detection").filter(clusters).max()
    # An empty drawing is an answer: volunteers may agree that there is nothing to mark.
    agreed = pl.max_horizontal(clearest, fraction_blank())
    most = pl.col("frame").filter(clusters).unique_counts().max().fill_null(0).alias("marks_most")
    has_frames = (rows["frame"] > 0).any()
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        clusters.sum().alias("marks"),
        *([most] if has_frames else []),
        *((clusters & (pl.col("tool_index") == tool)).sum().alias(f"{tool}_marks") for tool in tools),
        clearest.alias("detection"),
        fraction_blank().alias("fraction_blank"),
        is_reached(pl.col("n_classifications").first(), agreed, agreement).alias("reached"),
    )


TASK_COLUMNS = TaskColumns(
    {
        "marks": TaskColumn(pl.Int64(), "Clusters of marks, without candidates", ("is_candidate",)),
        "marks_most": TaskColumn(
            pl.Int64(),
            "Most clusters of marks on one frame, where subjects have several",
            ("is_candidate", "frame"),
        ),
        "{n}_marks": TaskColumn(
            pl.Int64(), "Clusters of marks of the tool at position {n}", ("is_candidate", "tool_index")
        ),
        "detection": TaskColumn(pl.Float64(), "Detection of the clearest cluster", ("detection",), is_share=True),
        "fraction_blank": replace(FRACTION_BLANK, description="Share of the classifications that marked nothing"),
        "reached": TaskColumn(pl.Boolean(), REACHED, ("detection", "n_blank", "n_classifications", "asked")),
    },
    _of_task,
    part_labels("tool_index", "tool_label"),
)


def _likely_marks(rows: pl.DataFrame, _agreement: Agreement) -> pl.DataFrame:
    tools = rows["tool_index"].drop_nulls().unique().sort()
    wins = pl.col("wins")
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        wins.sum().alias("likely_marks"),
        *((wins & (pl.col("tool_index") == tool)).sum().alias(f"{tool}_likely_marks") for tool in tools),
        pl.col("posterior").max(),
    )


POSTERIOR_COLUMNS = TaskColumns(
    {
        "likely_marks": TaskColumn(
            pl.Int64(), "Clusters of marks that are there more probably than not, candidates included", ("wins",)
        ),
        "{n}_likely_marks": TaskColumn(
            pl.Int64(),
            "Clusters of marks of the tool at position {n} that are there more probably than not",
            ("wins", "tool_index"),
        ),
        "posterior": TaskColumn(
            pl.Float64(), "Probability of the likeliest cluster", ("posterior",), is_share=True
        ),
    },
    _likely_marks,
    of_posteriors=True,
)
