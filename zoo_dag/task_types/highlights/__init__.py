"""Highlighted passages of texts."""

import polars as pl

from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.rules import at_most, fractions, ordered
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.highlights.consensus import highlight_consensus
from zoo_dag.task_types.highlights.flatten import flatten
from zoo_dag.task_types.highlights.plots import DETECTION, highlights, units
from zoo_dag.task_types.highlights.renaming import rename_labels
from zoo_dag.task_types.highlights.summary import TASK_COLUMNS

_IS_SPAN = ~pl.col("is_candidate")

HIGHLIGHTS = TaskType(
    name="highlight",
    flattening=Flattening(
        table="highlight_annotations",
        task_types=("highlighter",),
        flatten=flatten,
        options=(OptionColumns("label", "label", "label", {"label": "label"}),),
        rename=rename_labels,
        example=pl.col("text"),
        preview=("text", "label"),
    ),
    consensus=Consensus(
        table="highlight_consensus",
        sources=("highlight_annotations",),
        aggregate=highlight_consensus,
        task_columns=TASK_COLUMNS,
        rules={
            **at_most("n_members", "n_marks"),
            **at_most("n_members", "n_classifications"),
            **at_most("n_any_label", "n_classifications"),
            **fractions("detection", "iou"),
            **ordered("detection_low", "detection", "detection_high"),
            "start is before end": pl.col("start") >= pl.col("end"),
        },
        numbers={
            "spans": _IS_SPAN.sum(),
            "candidates": pl.col("is_candidate").sum(),
            "mean_detection": pl.col("detection").filter(_IS_SPAN).mean(),
            "subjects_with_span": pl.col("subject_ids").filter(_IS_SPAN).n_unique(),
        },
        units=units,
        agreement=DETECTION,
        plots=(highlights,),
        preview=("label", "text", "n_members", "detection"),
    ),
)
