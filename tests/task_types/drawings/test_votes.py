"""Votes on clusters of marks."""

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.tables import TABLES
from zoo_dag.task_types.drawings.votes import POSTERIORS, ballots

UNIT = {"workflow_id": 11, "parent_task": None, "task": "T0", "task_revision": "T0@1.1", "subject_ids": "1"}


def frame(table: str, rows: list[dict]) -> pl.LazyFrame:
    return pl.concat(
        [TABLES[table].empty().lazy(), pl.LazyFrame(rows, infer_schema_length=None)], how="diagonal_relaxed"
    )


def cluster(number: int, frame: int, tool: int, members: list[int]) -> dict:
    named = {"frame": frame, "tool_index": tool, "tool_type": "point", "cluster_index": number}
    return {**UNIT, **named, "n_marks": len(members), "n_members": len(members), "classification_ids": members}


def test_who_has_a_mark_says_yes_and_everybody_else_who_was_asked_says_no() -> None:
    drawn = [
        {**UNIT, "classification_id": who, "user_key": f"user:{who}", "status": status, "gold": who == 9}
        # Volunteer 1 has two marks, volunteer 3 marked nothing, and 9 is an expert.
        for who, status in ((1, "answered"), (1, "answered"), (2, "answered"), (3, "blank"), (9, "answered"))
    ]
    rows = frame("drawing_annotations", [{**row, "gold": None} for row in drawn]).drop("gold")
    rows = rows.with_columns(gold=pl.col("classification_id") == 9)
    empty = {**UNIT, "subject_ids": "2", "n_marks": 0}
    clusters = [cluster(0, 0, 0, [1, 2]), cluster(0, 0, 1, [1]), cluster(0, 1, 0, [2]), empty]
    annotations = {
        "drawing_annotations": rows,
        "pooled_drawing_consensus": frame("pooled_drawing_consensus", clusters),
    }
    found = ballots(annotations, TABLES["tasks"].empty().lazy(), POOLED).collect()
    said = found.sort("option", "classification_id").select("option", "group", "classification_id", "label").rows()
    assert said == [
        *(("0 0 point 0", "0 point", who, label) for who, label in ((1, "yes"), (2, "yes"), (3, "no"))),
        *(("0 1 point 0", "1 point", who, label) for who, label in ((1, "yes"), (2, "no"), (3, "no"))),
        *(("1 0 point 0", "0 point", who, label) for who, label in ((1, "no"), (2, "yes"), (3, "no"))),
    ]
    options = annotations["pooled_drawing_consensus"].select(POSTERIORS.option.alias("option")).collect()
    assert options["option"].to_list() == ["0 0 point 0", "0 1 point 0", "1 0 point 0", None]
