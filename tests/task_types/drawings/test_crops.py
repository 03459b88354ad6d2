"""Crops: one box of a task without tools, in the tables of drawings."""

import json
from typing import Any

import polars as pl
import pytest

from tests.task_types.drawings.builders import rows_of
from tests.task_types.drawings.marks import consensus
from tests.task_types.samples import NO_WORKFLOWS, flat, seen_by
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.drawings.mark_counts import MARK_COUNTS

CROP = {"x": 10, "y": 20, "width": 300, "height": 120}
BOX = ("x", "y", "width", "height")


def crop(value: Any) -> dict[str, Any]:
    return {"task": "T6", "value": value, "taskType": "crop"}


def flattened(*values: Any) -> pl.DataFrame:
    """The table of volunteers with a crop each."""
    return flat(*([crop(value)] for value in values), workflows=NO_WORKFLOWS).tables["drawing_annotations"]


def test_a_crop_is_one_box_by_its_centre() -> None:
    (row,) = rows_of(flat([crop(CROP)], workflows=NO_WORKFLOWS))
    assert [row[name] for name in BOX] == [160, 80, 300, 120]
    tool = {"task_type": "crop", "tool_type": "crop", "tool_index": None, "tool_label": None, "unit": "pixels"}
    assert tool | {"status": "answered", "mark_index": 0, "frame": 0} == {
        name: row[name] for name in (*tool, "status", "mark_index", "frame")
    }
    assert json.loads(row["mark"]) == CROP


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (None, "blank"),
        ([], "blank"),
        (CROP | {"width": 0, "height": 0}, "answered"),
        ({"x": 10, "y": 20, "width": 300}, "malformed"),
        (CROP | {"x": "left"}, "malformed"),
        ([CROP], "malformed"),
        ("?", "malformed"),
    ],
)
def test_what_is_no_box_is_blank_or_malformed(value: Any, status: str) -> None:
    (row,) = rows_of(flat([crop(value)], workflows=NO_WORKFLOWS))
    assert (row["status"], row["tool_type"]) == (status, "crop")
    assert row["mark"] == (None if status == "blank" else json.dumps(value, separators=(",", ":")))
    assert row["unit"] == (None if status == "blank" else "pixels")


def test_the_last_crop_of_a_classification_counts() -> None:
    again = flat([crop(CROP), crop(CROP | {"x": 12})], [crop(CROP)], workflows=NO_WORKFLOWS)
    rows = again.tables["drawing_annotations"]
    assert rows["x"].to_list() == [160, 162, 160]
    (row,) = consensus(rows).to_dicts()
    assert (row["x"], row["n_members"], row["n_classifications"]) == (161, 2, 2)


def test_the_crops_of_volunteers_are_one_cluster() -> None:
    rows = flattened(CROP, CROP | {"x": 14}, CROP | {"x": 12, "width": 306}, None, CROP | {"x": 400})
    agreed, other = consensus(rows).to_dicts()
    assert (agreed["n_members"], agreed["detection"], agreed["is_candidate"]) == (3, 3 / 5, False)
    assert (agreed["tool_type"], agreed["tool_index"], agreed["unit"]) == ("crop", None, "pixels")
    assert [agreed[name] for name in BOX] == [pytest.approx(163), 80, 302, 120]
    assert agreed["iou"] == pytest.approx(0.98, abs=0.01)
    assert (other["n_members"], other["is_candidate"]) == (1, True)


def test_a_crop_without_an_area_is_a_candidate_of_its_own() -> None:
    click = {"x": 11, "y": 21, "width": 0, "height": 0}
    found = consensus(flattened(CROP, CROP, click, click))
    assert found.select("n_members", "is_candidate").rows() == [(2, False), (1, True), (1, True)]


def test_a_crop_counts_as_a_mark_without_a_tool() -> None:
    rows = flattened(CROP, CROP, None).lazy()
    tables = {"drawing_annotations": rows, SEEN: seen_by([rows], VERSION)}
    found = aggregate(MARK_COUNTS, tables, TABLES["tasks"].empty().lazy(), VERSION, Settings()).table.collect()
    assert found.select("tool_index", "n_none", "mean", "max").rows() == [(None, 1, 2 / 3, 1)]
