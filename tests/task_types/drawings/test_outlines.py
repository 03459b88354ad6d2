"""Outline or line: one decision for each tool, whatever the subject and the version."""

from typing import Any

import polars as pl
import pytest

from tests.task_types.drawings.marks import Row, clusters, consensus, drawn, path, rows_of, table
from tests.task_types.samples import seen_by
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.drawings import Drawings, MarkOverride
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.drawings.outlines import OUTLINES, outlines

RING = path([(0, 0), (60, 0), (60, 40), (0, 40)])
FREEHAND = {"tool_type": "freehandLine", "points": RING}
CLOSED, OPEN = FREEHAND | {"closed": True}, FREEHAND | {"closed": False}


def on(subject: int, first: int, *marks: Row, **cells: Any) -> list[Row]:
    """One mark each of several volunteers on a subject."""
    cells |= {"subject_id": subject, "subject_ids": str(subject)}
    return [row for number, mark in enumerate(marks) for row in rows_of(first + number, [mark], **cells)]


def decided(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    return outlines({"drawing_annotations": rows.lazy()}).collect().rows()


def closed(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    return found.select("subject_ids", "closed", "n_members").rows()


def test_the_paths_of_all_subjects_decide_for_each() -> None:
    rows = table([*on(1, 1, OPEN, OPEN, OPEN), *on(2, 11, CLOSED, CLOSED, CLOSED)])
    assert decided(rows) == [(11, "T0", 0, "freehandLine", True)]
    assert closed(consensus(rows)) == [("1", True, 3), ("2", True, 3)]
    mostly_open = table([*rows.to_dicts(), *on(3, 21, OPEN)])
    assert decided(mostly_open) == [(11, "T0", 0, "freehandLine", False)]
    assert {row[1] for row in closed(consensus(mostly_open)) if row[1] is not None} == {False}


def test_tools_are_decided_one_by_one() -> None:
    second = {"tool_index": 1, "tool_label": "Worm"}
    rows = drawn(*[[CLOSED, OPEN | second]] * 3)
    assert decided(rows) == [(11, "T0", 0, "freehandLine", True), (11, "T0", 1, "freehandLine", False)]
    assert [(row["tool_index"], row["closed"]) for row in clusters(rows)] == [(0, True), (1, False)]


def test_a_version_follows_the_decision_over_all_versions() -> None:
    own = drawn([OPEN], [OPEN], [OPEN])
    annotations = {
        "drawing_annotations": own.lazy(),
        OUTLINES: pl.LazyFrame(
            {"workflow_id": 11, "task": "T0", "tool_index": 0, "tool_type": "freehandLine", "is_outline": True},
            schema_overrides={"tool_index": pl.Int32},
        ),
    }
    annotations[SEEN] = seen_by([own.lazy()], VERSION)
    assert DRAWINGS.consensus is not None
    tasks = TABLES["tasks"].empty().lazy()
    (row,) = aggregate(DRAWINGS.consensus, annotations, tasks, VERSION, Settings()).table.collect().to_dicts()
    assert (row["closed"], row["n_members"], row["iou"]) == (True, 3, pytest.approx(1.0))
    assert clusters(own)[0]["closed"] is False


@pytest.mark.parametrize("said", [True, False])
def test_the_last_setting_that_fits_says_it_instead(said: bool) -> None:
    rows = drawn([OPEN], [OPEN], [CLOSED], [CLOSED])
    overrides = (
        MarkOverride(task="T0", closed=not said),
        MarkOverride(tool=0, closed=said),
        MarkOverride(tool=1, closed=not said),
        MarkOverride(task="T0", eps_overlap=0.4),
    )
    (row,) = consensus(rows, Drawings(overrides=overrides)).to_dicts()
    assert (row["closed"], row["n_members"]) == (said, 4)


def test_a_setting_makes_lines_of_polygons() -> None:
    polygons = drawn(*[[{"tool_type": "polygon", "points": RING, "closed": False}]] * 3)
    assert clusters(polygons)[0]["closed"] is True
    assert clusters(polygons, overrides=(MarkOverride(closed=False),))[0]["closed"] is False


def test_paths_that_are_left_out_or_cannot_be_read() -> None:
    rows = table(
        [
            *on(1, 1, OPEN),
            *on(1, 11, CLOSED, CLOSED, excluded="repeat"),
            *on(1, 21, *[OPEN] * 5, status="malformed"),
        ]
    )
    # An excluded path says how people draw; one that cannot be read says nothing.
    assert decided(rows) == [(11, "T0", 0, "freehandLine", True)]
    assert decided(drawn([{"x": 1.0, "y": 2.0}])) == []
