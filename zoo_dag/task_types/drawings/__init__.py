"""Drawings: marks on images and on light curves, drawn with one tool or several; crops, which are one box."""

import polars as pl

from zoo_dag.annotations.elements import MARKED
from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.rules import at_most, fraction_in, fractions
from zoo_dag.tables.flattened import FRAME_SIZES
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.drawings import plots
from zoo_dag.task_types.drawings.clustered import decide
from zoo_dag.task_types.drawings.consensus import drawing_consensus
from zoo_dag.task_types.drawings.contours import CONTOURS
from zoo_dag.task_types.drawings.flatten import MarkReader
from zoo_dag.task_types.drawings.mark_counts import MARK_COUNTS
from zoo_dag.task_types.drawings.outlines import OUTLINES, outlines
from zoo_dag.task_types.drawings.renaming import rename_details
from zoo_dag.task_types.drawings.summary import TASK_COLUMNS
from zoo_dag.task_types.drawings.votes import POSTERIORS

_IS_CLUSTER = ~pl.col("is_candidate")
# A drawing left blank has no frame.
_FRAME = pl.col("frame").fill_null(0)
_DIMENSIONS = pl.col(FRAME_SIZES).list.get(_FRAME, null_on_oob=True)

DRAWINGS = TaskType(
    name="drawing",
    flattening=Flattening(
        table="drawing_annotations",
        task_types=(*sorted(MARKED), "crop", "dataVisAnnotation"),
        # A picture has one crop.
        one={"crop": ()},
        reader=MarkReader,
        of_classification={
            "frame_width": _DIMENSIONS.struct.field("natural_width"),
            "frame_height": _DIMENSIONS.struct.field("natural_height"),
        },
        options=(OptionColumns("tool", "tool_index", "index", {"index": "tool_index", "label": "tool_label"}),),
        rename=rename_details,
        example=pl.format("tool {}", "tool_index"),
        plots=(plots.annotations,),
        preview=("tool_label", "x", "y", "width"),
    ),
    consensus=Consensus(
        table="drawing_consensus",
        sources=("drawing_annotations",),
        aggregate=drawing_consensus,
        over_versions={OUTLINES: outlines},
        decide=decide,
        task_columns=TASK_COLUMNS,
        posteriors=POSTERIORS,
        rules={
            **at_most("n_members", "n_marks"),
            **at_most("n_members", "n_volunteers"),
            **fractions("detection", "iou"),
            **fraction_in("details"),
        },
        numbers={
            "clusters": _IS_CLUSTER.sum(),
            "candidates": pl.col("is_candidate").sum(),
            "marks_in_clusters": pl.col("n_marks").filter(_IS_CLUSTER).sum(),
            "mean_detection": pl.col("detection").filter(_IS_CLUSTER).mean(),
            "subjects_with_cluster": pl.col("subject_ids").filter(_IS_CLUSTER).n_unique(),
        },
        plots=(plots.consensus,),
        preview=("tool_label", "cluster_index", "x", "y", "width", "n_members", "detection"),
    ),
    further=(MARK_COUNTS, CONTOURS),
)
