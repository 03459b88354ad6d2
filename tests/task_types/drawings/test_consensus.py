"""Consensus of drawings: who counts, what is a cluster, and edge cases."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.task_types.consensus_samples import consensus as of_sample
from tests.task_types.drawings.builders import defined, drawing
from tests.task_types.drawings.marks import HERE, aggregated, clusters, consensus, drawn, rows_of, table
from tests.task_types.samples import flat
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.drawings import Drawings, MarkOverride
from zoo_dag.tables import TABLES
from zoo_dag.task_types.drawings import DRAWINGS

COUNTS = ("n_classifications", "n_blank", "n_volunteers", "n_marks", "n_members", "detection")


def counts(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in COUNTS)


def test_the_columns_are_those_of_the_design_in_its_order() -> None:
    found = consensus(drawn([HERE]))
    assert found.schema == TABLES["drawing_consensus"].dtypes
    geometry = [
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "length",
        "width",
        "height",
        "r",
        "rx",
        "ry",
        "angle",
        "spread",
        "start_time",
    ]
    tool = ["frame", "tool_index", "tool_type", "tool_label", "unit", "cluster_index", "n_marks", "n_members"]
    tool += ["detection", "is_candidate", "tools"]
    spread = [f"{name}_std" for name in geometry]
    areas = ["area", "boundary_std", "n_pieces", "n_holes", "start_seconds", "track_index"]
    shape = [*geometry, "points", "closed", *spread, "iou", *areas]
    assert found.columns[15:] == [*tool, *shape, "details", "classification_ids"]


def test_no_annotations_give_an_empty_table_with_the_full_schema() -> None:
    found = consensus(drawn())
    assert (found.height, found.schema) == (0, TABLES["drawing_consensus"].dtypes)


def test_every_column_of_a_cluster_of_points() -> None:
    marks = [{"x": 100.0, "y": 200.0}, {"x": 103.0, "y": 200.0}, {"x": 106.0, "y": 203.0}]
    (row,) = consensus(drawn(*([mark] for mark in marks), [])).to_dicts()
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "task": "T0",
        "task_revision": "T0@3.10",
        "task_label": "Mark them",
        "subject_id": 101,
        "subject_ids": "101",
        "n_classifications": 4,
        "n_seen": 4,
        "asked": 1.0,
        "n_blank": 1,
        "n_volunteers": 4,
        "n_anonymous": 0,
        "n_after_retirement": 0,
        "frame": 0,
        "tool_index": 0,
        "tool_type": "point",
        "tool_label": "Nest",
        "cluster_index": 0,
        "n_marks": 3,
        "n_members": 3,
        "detection": 0.75,
        "is_candidate": False,
        "tools": [{"tool_index": 0, "tool_label": "Nest", "votes": 3, "fraction": 1.0}],
        "x": 103.0,
        "y": 201.0,
        "x_std": 3.0,
        "y_std": pytest.approx(3**0.5),
        "details": [],
        "classification_ids": [1, 2, 3],
    }


def test_a_subject_that_nobody_marked_keeps_a_row() -> None:
    (row,) = consensus(drawn([], [])).to_dicts()
    assert counts(row) == (2, 2, 2, 0, 0, 0.0)
    assert (row["cluster_index"], row["frame"], row["x"], row["details"]) == (None, None, None, None)


def test_no_mark_vanishes_those_that_are_apart_are_candidates() -> None:
    one, other = consensus(drawn([HERE], [{"x": 900.0, "y": 1.0}], [])).to_dicts()
    assert (one["cluster_index"], *counts(one)) == (0, 3, 1, 3, 1, 1, pytest.approx(1 / 3))
    assert (other["cluster_index"], other["x"], other["x_std"]) == (1, 900, None)
    assert one["is_candidate"]
    assert other["is_candidate"]


def test_a_cluster_needs_a_share_of_the_classifications_and_no_less_than_the_minimum() -> None:
    def is_candidate(n_marked: int, n_blank: int, **settings: Any) -> bool:
        rows = drawn(*[[HERE]] * n_marked, *[[]] * n_blank)
        (row,) = consensus(rows, Drawings(**settings)).to_dicts()
        assert row["n_marks"] == n_marked
        return bool(row["is_candidate"])

    # Two, and a fifth of all who saw it.
    assert [is_candidate(1, 0), is_candidate(1, 4), is_candidate(2, 1)] == [True, True, False]
    assert [is_candidate(2, 8), is_candidate(2, 9)] == [False, True]
    assert [is_candidate(3, 12), is_candidate(3, 13)] == [False, True]
    assert not is_candidate(1, 9, min_volunteers=1, min_detection=0.1)
    # Three of ten are no less than .3.
    assert not is_candidate(3, 7, min_detection=0.3)
    assert is_candidate(3, 7, min_volunteers=4)


def test_volunteers_who_marked_nothing_are_in_the_denominator() -> None:
    (row,) = clusters(drawn([HERE], [HERE], [HERE], [], []))
    assert counts(row) == (5, 2, 5, 3, 3, 0.6)


def test_three_marks_of_one_volunteer_are_no_cluster_of_three() -> None:
    found = consensus(drawn([HERE, HERE, HERE]))
    assert (found["n_marks"].to_list(), found["is_candidate"].to_list()) == ([1] * 3, [True] * 3)


def test_a_share_is_the_same_number_whether_other_subjects_exist_or_not() -> None:
    found = consensus(drawn([HERE], [HERE], [HERE], [], []))
    assert found["detection"].to_list() == [3 / 5]
    everybody = consensus(drawn(*[[HERE]] * 49))
    assert everybody["detection"].to_list() == [1.0]


def test_a_second_click_splits_no_thing() -> None:
    clicks = [[{"x": 100.0 + place, "y": 100.0}] for place in (0, 1, 2, 0)]
    found = consensus(drawn(*clicks, [{"x": 100.0, "y": 100.0}, {"x": 101.0, "y": 100.0}]))
    assert found.select("n_members", "is_candidate").rows() == [(5, False), (1, True)]


def test_a_volunteer_is_once_in_a_cluster_with_the_mark_that_is_nearer() -> None:
    twice = [{"x": 100.0, "y": 0.0}, {"x": 110.0, "y": 0.0}]
    row, second = consensus(drawn(twice, [{"x": 105.0, "y": 0.0}], [{"x": 108.0, "y": 0.0}])).to_dicts()
    assert (row["n_marks"], row["n_members"], row["detection"], row["is_candidate"]) == (3, 3, 1.0, False)
    assert (row["x"], row["x_std"]) == (pytest.approx(323 / 3), pytest.approx((19 / 3) ** 0.5))
    assert (second["n_marks"], second["x"], second["is_candidate"]) == (1, 100, True)


def test_one_person_in_two_classifications_counts_once() -> None:
    rows = drawn([HERE], [HERE], [HERE]).with_columns(user_key=pl.lit("user:1"))
    assert clusters(rows) == []
    # Others mark it as well: what a person marks again is no second thing.
    both = pl.concat([rows, drawn([HERE], [HERE]).with_columns(pl.col("classification_id") + 10)])
    twice = pl.concat([both, both.with_columns(pl.col("classification_id") + 100)])
    (row,) = clusters(twice.with_columns(user_key=pl.format("user:{}", pl.col("classification_id") % 10 % 3)))
    assert (row["n_classifications"], row["n_members"], row["n_marks"]) == (10, 3, 3)


def test_one_volunteer_is_enough_where_the_settings_say_so() -> None:
    (row,) = clusters(drawn([HERE]), min_volunteers=1)
    assert (row["n_members"], row["x"], row["x_std"]) == (1, 100.0, None)


def test_frames_tools_tasks_and_subjects_are_apart() -> None:
    everywhere = [{}, {"frame": 1}, {"tool_index": 1}, {"tool_type": "pointGrid"}]
    rows = drawn(*([HERE | where for where in everywhere] for _ in range(3)))
    other = pl.concat([rows, rows.with_columns(subject_ids=pl.lit("102")), rows.with_columns(task=pl.lit("T1"))])
    assert [row["n_members"] for row in clusters(other)] == [3] * 12
    split = drawn(*([HERE | where] for where in everywhere[:3]))
    assert consensus(split)["n_members"].to_list() == [1, 1, 1]


@pytest.mark.parametrize(
    "lost",
    [
        {"status": "malformed"},
        {"status": "unknown_label"},
        {"x": None, "y": None},
        {"x": float("inf"), "y": float("nan")},
        {"excluded": "repeat"},
    ],
)
def test_marks_that_do_not_count_are_in_no_cluster(lost: dict[str, Any]) -> None:
    assert consensus(drawn([HERE], [HERE], [HERE | lost]))["n_marks"].to_list() == [2]


def test_marks_without_coordinates_still_saw_the_task() -> None:
    (row,) = clusters(drawn([HERE], [HERE], [HERE], [HERE | {"status": "malformed"}]))
    assert (row["n_classifications"], row["detection"]) == (4, 0.75)


def test_clusters_are_numbered_by_volunteers_then_from_left_to_right() -> None:
    def at(x: float, y: float) -> dict[str, float]:
        return {"x": x, "y": y}

    many, left, right, below = at(900, 900), at(100, 500), at(300, 0), at(300, 600)
    rows = drawn([below, right, left, many], [left, right, below, many], [left, below, right, many], [many])
    found = [(row["x"], row["y"], row["cluster_index"]) for row in clusters(rows)]
    assert found == [(900, 900, 0), (100, 500, 1), (300, 0, 2), (300, 600, 3)]


def test_marks_as_far_apart_as_eps_are_neighbours() -> None:
    rows = drawn([{"x": 0.0, "y": 0.0}], [{"x": 12.0, "y": 16.0}])
    assert len(clusters(rows, eps_pixels=20)) == 1
    assert clusters(rows, eps_pixels=19.9) == []


def test_marks_of_an_export_go_all_the_way() -> None:
    sub_task = {"type": "single", "question": "Empty?", "answers": [{"label": "No"}, {"label": "Yes"}]}
    workflow = defined("rectangle", details=[sub_task])

    def mark(x: float) -> dict[str, Any]:
        return {"x": x, "y": 20, "width": 30, "height": 12, "tool": 0, "frame": 0, "details": [{"value": 1}]}

    sampled = flat(*([drawing([mark(x)])] for x in (10, 11, 12)), [drawing([])], workflows=[workflow])
    (row,) = of_sample(DRAWINGS, sampled).to_dicts()
    assert (row["x"], row["y"], row["width"], row["detection"]) == (26, 26, 30, 0.75)
    assert (row["tool_type"], row["tool_label"]) == ("rectangle", "Tool 0")
    assert row["details"] == [
        {"detail_index": 0, "answer_label": "Yes", "votes": 3, "fraction": 1.0, "text": None, "number": None}
    ]


def test_pooled_consensus_names_its_versions_and_the_newest_label() -> None:
    rows = table(
        row
        for number, (version, label) in enumerate([("3.9", "Nest"), ("3.10", "Nests"), ("3.9", "Nest")], 1)
        for row in rows_of(number, [HERE], workflow_version=version, tool_label=label)
    )
    (row,) = consensus(rows, scope=POOLED).to_dicts()
    assert (row["versions"], row["tool_label"], row["n_members"]) == (["3.9", "3.10"], "Nests", 3)


def test_parameters_are_those_of_the_tool_and_of_the_last_override_that_fits() -> None:
    settings = Drawings(
        eps_pixels=10,
        overrides=(
            MarkOverride(task="T0", min_volunteers=2),
            MarkOverride(task="T0", tool=1, min_volunteers=4, eps_overlap=0.7),
            MarkOverride(workflow=12, eps_pixels=99),
            MarkOverride(task="T1", eps_share=0.01, min_detection=0.5),
        ),
    )
    box = {"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0, "tool_index": 1, "tool_type": "rectangle"}
    rows = drawn([HERE, box], [HERE, box])
    rows = pl.concat([rows, rows.filter(tool_index=0).with_columns(task=pl.lit("T1"))])
    point, other, shared = aggregated(rows, settings).parameters
    place = {
        "workflow_id": 11,
        "task": "T0",
        "algorithm": "dbscan",
        "eps_time": 0.05,
        "eps_seconds": None,
        "tracks": False,
    }
    place |= {"min_detection": 0.2, "estimated_side": None}
    assert point == place | {
        "tool_index": 0, "shape": "point", "eps": 10, "min_volunteers": 2, "eps_unit": "pixels"
    }  # fmt: skip
    assert other == place | {
        "tool_index": 1, "shape": "box", "eps": 0.7, "min_volunteers": 4, "eps_unit": "1 - IoU"
    }  # fmt: skip
    share = {"eps": 0.01, "eps_unit": "share of the larger side", "estimated_side": 1000}
    assert shared == {**point, **share, "task": "T1", "min_detection": 0.5}
    found = consensus(rows, settings).filter(~pl.col("is_candidate"))
    assert found.select("task", "tool_type").rows() == [("T0", "point"), ("T1", "point")]


@pytest.mark.parametrize("algorithm", ["optics", "hdbscan"])
def test_other_algorithms_find_the_clusters(algorithm: Any) -> None:
    random = np.random.default_rng(5)
    marks = [
        [{"x": x + random.normal(0, 2), "y": 50 + random.normal(0, 2)} for x in (100, 300, 500)] for _ in range(8)
    ]
    found = clusters(drawn(*marks), algorithm=algorithm)
    assert sorted(round(row["x"], -2) for row in found) == [100, 300, 500]
    assert all(row["n_members"] >= 5 for row in found)


@pytest.mark.parametrize("click", [{"r": 0.0}, {"width": 0.0, "height": 0.0}, {"width": 0.0}])
def test_clicks_with_a_tool_that_draws_something_of_a_size_are_candidates(click: dict[str, float]) -> None:
    drawn_size = dict.fromkeys(click, 20.0)
    marks = [{"x": 100.0 + place, "y": 50.0, **size} for place, size in enumerate([drawn_size, drawn_size, click])]
    clicks = [[{"x": 100.0, "y": 50.0, **click}]] * 3
    rows = drawn(*([mark] for mark in marks), [marks[1]], *clicks)
    (found,) = clusters(rows)
    assert (found["n_members"], {size: found[size] for size in click}) == (3, drawn_size)
    clicked = consensus(rows).filter("is_candidate")
    assert clicked.select("n_members", "x", "y").rows() == [(1, x, 50.0) for x in (100.0, 100.0, 100.0, 102.0)]
    assert clicked.select(list(click)).unique().to_dicts() == [click]


def test_a_click_with_a_column_is_a_candidate_too() -> None:
    column = {"tool_type": "column", "width": 0.0}
    rows = drawn([{"x": 10.0, **column}, {"x": 400.0, **column}], [{"x": 11.0, **column}], [])
    found = consensus(rows).select("x", "y", "n_members", "detection", "is_candidate").rows()
    assert found == [(x, None, 1, 1 / 3, True) for x in (10.0, 11.0, 400.0)]


TOGETHER = Drawings(overrides=(MarkOverride(task="T0", tools="together"),))


def with_tool(tool: int, label: str, **mark: Any) -> dict[str, Any]:
    return HERE | {"tool_index": tool, "tool_label": label} | mark


def test_one_thing_under_several_tools_is_one_cluster_with_votes_where_they_are_together() -> None:
    adult, chick = with_tool(0, "Adult"), with_tool(1, "Chick")
    rows = drawn([adult], [chick], [adult], [chick], [chick], [])
    (row,) = consensus(rows, TOGETHER).to_dicts()
    assert (row["n_members"], row["detection"], row["tool_index"], row["tool_label"]) == (5, 5 / 6, 1, "Chick")
    assert row["tools"] == [
        {"tool_index": 1, "tool_label": "Chick", "votes": 3, "fraction": 0.6},
        {"tool_index": 0, "tool_label": "Adult", "votes": 2, "fraction": 0.4},
    ]
    apart = consensus(rows).to_dicts()
    assert [(row["n_members"], row["tool_label"], row["cluster_index"]) for row in apart] == [
        (2, "Adult", 0),
        (3, "Chick", 0),
    ]
    assert apart[0]["tools"] == [{"tool_index": 0, "tool_label": "Adult", "votes": 2, "fraction": 1.0}]


def test_of_as_many_votes_the_first_tool_wins_and_a_volunteer_marks_a_thing_once() -> None:
    adult, chick = with_tool(0, "Adult"), with_tool(1, "Chick")
    first, *others = consensus(drawn([adult, chick], [adult], [chick]), TOGETHER).to_dicts()
    assert (first["n_members"], first["tool_label"]) == (3, "Adult")
    assert [(row["n_members"], row["is_candidate"]) for row in others] == [(1, True)]


def test_tools_together_that_draw_different_shapes_are_apart_and_numbered_as_one() -> None:
    box = with_tool(1, "Box", tool_type="rectangle", width=20.0, height=20.0)
    rows = drawn(*[[with_tool(0, "Point"), box]] * 3, [with_tool(0, "Point")])
    found = consensus(rows, TOGETHER)
    assert found.select("tool_label", "n_members", "cluster_index").rows() == [("Point", 4, 0), ("Box", 3, 1)]
    assert [record["tool_index"] for record in aggregated(rows, TOGETHER).parameters] == [None, None]


def test_some_tools_may_be_together_and_others_apart() -> None:
    some = Drawings(overrides=tuple(MarkOverride(task="T0", tool=tool, tools="together") for tool in (0, 1)))
    rows = drawn(*([with_tool(tool, f"Tool {tool}") for tool in (0, 1, 2)][place:] for place in (0, 1, 2)))
    found = consensus(rows, some).filter(pl.col("n_members") > 1)
    assert found.select("tool_index", "n_members").sort("tool_index").rows() == [(0, 2), (2, 3)]
