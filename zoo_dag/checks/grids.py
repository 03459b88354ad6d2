"""Checks of grids of subjects: which subjects they showed is known, and each of these has one vote."""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.exports.grids import GRID, SHOWN
from zoo_dag.task_types.others.flatten import MEMBERS_UNKNOWN
from zoo_dag.wording.sentences import counted, verb

VOTES, WHOLE = "question_annotations", "other_annotations"
_ELEMENT = ("classification_id", "annotation_index")


def subjects_of_grids_have_a_vote(inputs: CheckInput) -> Finding:
    """Whether each grid has as many rows as it showed subjects; a cell of another subject is one more."""
    votes = inputs.tables[VOTES].filter(pl.col("task_type") == GRID)
    grids = votes.group_by(_ELEMENT).agg(rows=pl.len().cast(pl.Int64)).collect()
    if grids.is_empty():
        return Finding("No grids of subjects.", {"grids": 0})
    n_shown = pl.col(SHOWN).str.count_matches(";", literal=True).cast(pl.Int64) + 1
    shown = inputs.tables["classifications"].select("classification_id", subjects=n_shown).collect()
    joined = grids.join(shown, on="classification_id", how="left")
    wrong = joined.filter(pl.col("rows").ne_missing(pl.col("subjects"))).sort(_ELEMENT)
    numbers = {"grids": grids.height, "with other cells than subjects": wrong.height}
    if wrong.is_empty():
        return Finding(f"In {counted(grids.height, 'grids')} each subject shown has one vote.", numbers)
    return Finding(
        f"{wrong.height:,} of {counted(grids.height, 'grids')} {verb(wrong.height, 'has', 'have')} cells of "
        "subjects that were not shown, or cells that cannot be read.",
        numbers,
        passed=False,
        advice="Such a cell is a malformed row of its classification; all subjects shown have their vote.",
        examples=wrong.head(5),
    )


def subjects_of_grids_are_known(inputs: CheckInput) -> Finding:
    """Whether the export says of each grid which subjects it showed."""
    unknown = pl.col("reason") == MEMBERS_UNKNOWN
    rows = inputs.tables[WHOLE].filter(unknown, pl.col("task_type") == GRID)
    found = rows.select(*_ELEMENT, "subject_ids", "task").sort(_ELEMENT).collect()
    numbers = {"grids of unknown subjects": found.height}
    if found.is_empty():
        return Finding("No grid is of unknown subjects.", numbers)
    return Finding(
        f"Of {counted(found.height, 'grids')} the export does not say which subjects were shown, so that nobody "
        "knows which of them were not selected.",
        numbers,
        passed=False,
        advice=f"They have no vote, and are kept whole in {WHOLE}. An export of today may name the subjects.",
        examples=found.head(5),
    )
