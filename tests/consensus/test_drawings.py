"""Consensus of drawings: who counts, what is a cluster, what it looks like; edge cases of CONSENSUS 1.7."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.annotations.drawings import defined, drawing
from tests.annotations.samples import flat
from tests.consensus.marks import clusters, consensus, drawn, noisy, path, rows_of, table
from tests.consensus.metamorphic import PROPERTY, USERS, Metamorphic, annotations
from zoo_dag.consensus.drawings import aggregate, drawing_consensus, parameters_used
from zoo_dag.consensus.units import POOLED, VERSION
from zoo_dag.settings import Drawings, MarkOverride, Settings
from zoo_dag.tables import TABLES

HERE = {"x": 100.0, "y": 200.0}
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
        "width",
        "height",
        "r",
        "rx",
        "ry",
        "angle",
        "spread",
        "start_time",
    ]
    tool = ["frame", "tool_index", "tool_type", "tool_label", "cluster_index", "n_marks", "n_members", "detection"]
    spread = [f"{name}_std" for name in geometry]
    assert found.columns[10:] == [*tool, *geometry, "points", "closed", *spread, "iou", "details"]


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
        "n_blank": 1,
        "n_volunteers": 4,
        "frame": 0,
        "tool_index": 0,
        "tool_type": "point",
        "tool_label": "Nest",
        "cluster_index": 0,
        "n_marks": 3,
        "n_members": 3,
        "detection": 0.75,
        "x": 103.0,
        "y": 201.0,
        "x_std": 3.0,
        "y_std": pytest.approx(3**0.5),
        "details": [],
    }


def test_a_subject_that_nobody_marked_keeps_a_row() -> None:
    (row,) = consensus(drawn([], [])).to_dicts()
    assert counts(row) == (2, 2, 2, 0, 0, 0.0)
    assert (row["cluster_index"], row["frame"], row["x"], row["details"]) == (None, None, None, None)


def test_a_subject_whose_marks_are_apart_keeps_a_row() -> None:
    (row,) = consensus(drawn([HERE], [{"x": 900.0, "y": 1.0}], [])).to_dicts()
    assert (row["cluster_index"], *counts(row)) == (None, 3, 1, 3, 0, 0, 0.0)


def test_volunteers_who_marked_nothing_are_in_the_denominator() -> None:
    (row,) = clusters(drawn([HERE], [HERE], [HERE], [], []))
    assert counts(row) == (5, 2, 5, 3, 3, 0.6)


def test_three_marks_of_one_volunteer_are_no_cluster_of_three() -> None:
    assert clusters(drawn([HERE, HERE, HERE])) == []
    assert clusters(drawn([HERE, HERE], [HERE])) == []


def test_a_volunteer_counts_once_in_a_cluster() -> None:
    twice = [{"x": 100.0, "y": 0.0}, {"x": 110.0, "y": 0.0}]
    (row,) = clusters(drawn(twice, [{"x": 105.0, "y": 0.0}], [{"x": 108.0, "y": 0.0}]))
    assert (row["n_marks"], row["n_members"], row["detection"]) == (4, 3, 1.0)
    # The mean of 105, 105 and 108.
    assert (row["x"], row["x_std"]) == (pytest.approx(106), pytest.approx(3**0.5))


def test_one_person_in_two_classifications_counts_once() -> None:
    rows = drawn([HERE], [HERE], [HERE]).with_columns(user_key=pl.lit("user:1"))
    assert clusters(rows) == []
    (row,) = clusters(rows, min_volunteers=1)
    assert (row["n_classifications"], row["n_members"], row["n_marks"]) == (3, 1, 3)
    assert row["detection"] == pytest.approx(1 / 3)


def test_one_volunteer_is_enough_where_the_settings_say_so() -> None:
    (row,) = clusters(drawn([HERE]), min_volunteers=1)
    assert (row["n_members"], row["x"], row["x_std"]) == (1, 100.0, None)


def test_frames_tools_tasks_and_subjects_are_apart() -> None:
    everywhere = [{}, {"frame": 1}, {"tool_index": 1}, {"tool_type": "pointGrid"}]
    rows = drawn(*([HERE | where for where in everywhere] for _ in range(3)))
    other = pl.concat([rows, rows.with_columns(subject_ids=pl.lit("102")), rows.with_columns(task=pl.lit("T1"))])
    assert [row["n_members"] for row in clusters(other)] == [3] * 12
    split = drawn(*([HERE | where] for where in everywhere[:3]))
    assert clusters(split) == []


@pytest.mark.parametrize(
    "lost",
    [
        {"status": "malformed"},
        {"status": "unknown_label"},
        {"x": None},
        {"x": float("inf")},
        {"excluded": "repeat"},
    ],
)
def test_marks_that_do_not_count_are_in_no_cluster(lost: dict[str, Any]) -> None:
    assert clusters(drawn([HERE], [HERE], [HERE | lost])) == []


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
    assert len(clusters(rows, min_volunteers=2)) == 1
    assert clusters(rows, min_volunteers=2, eps_pixels=19.9) == []


# ---- geometry ----


@pytest.mark.parametrize(
    ("tool", "truth", "spread"),
    [
        ("point", {"x": 300.0, "y": 200.0}, {"x": 3, "y": 3}),
        ("line", {"x1": 10.0, "y1": 20.0, "x2": 400.0, "y2": 90.0}, {"x1": 3, "y1": 3, "x2": 3, "y2": 3}),
        ("circle", {"x": 50.0, "y": 60.0, "r": 30.0}, {"x": 2, "y": 2, "r": 2}),
        ("triangle", {"x": 50.0, "y": 60.0, "r": 30.0, "angle": 58.0}, {"x": 2, "y": 2, "r": 2, "angle": 4}),
        ("fan", {"x": 50.0, "y": 60.0, "r": 40.0, "angle": 179.0, "spread": 30.0}, {"x": 2, "y": 2, "angle": 4}),
        ("rectangle", {"x": 90.0, "y": 80.0, "width": 60.0, "height": 40.0}, dict.fromkeys(("x", "width"), 3)),
        ("ellipse", {"x": 90.0, "y": 80.0, "rx": 40.0, "ry": 20.0, "angle": 89.0}, {"x": 2, "rx": 2, "angle": 4}),
        (
            "rotateRectangle",
            {"x": 90.0, "y": 80.0, "width": 40.0, "height": 80.0, "angle": -44.0},
            {"x": 2, "width": 2, "angle": 4},
        ),
        ("column", {"x": 90.0, "width": 30.0}, {"x": 2, "width": 2}),
        ("fullWidthLine", {"y": 90.0}, {"y": 3}),
        ("fullHeightLine", {"x": 90.0}, {"x": 3}),
        ("temporalPoint", {"x": 30.0, "y": 20.0, "start_time": 0.4}, {"x": 3, "y": 3, "start_time": 0.01}),
    ],
)
def test_the_truth_behind_noisy_marks_is_recovered(
    tool: str, truth: dict[str, float], spread: dict[str, float]
) -> None:
    (row,) = clusters(drawn(*noisy(truth, spread, 25), [], tool_type=tool))
    assert (row["tool_type"], row["n_members"]) == (tool, 25)
    for name, value in truth.items():
        error = spread.get(name, 0)
        off = abs(row[name] - value)
        if name == "angle":
            period = {"fan": 360, "triangle": 120}.get(tool, 180)
            off = min(off % period, -off % period)
        assert off <= error, name
        assert row[f"{name}_std"] == pytest.approx(error, rel=0.4, abs=1e-9), name
    assert (row["iou"] is not None) == (tool in ("rectangle", "ellipse", "rotateRectangle"))
    assert row["iou"] is None or 0.8 < row["iou"] <= 1


def test_ellipses_that_look_the_same_are_averaged_as_the_same() -> None:
    form = {"x": 50.0, "y": 50.0, "rx": 20.0, "ry": 10.0}
    swapped = {**form, "rx": 10.0, "ry": 20.0}
    marks = [{**form, "angle": 178.0}, {**form, "angle": 2.0}, {**swapped, "angle": 90.0}, {**form, "angle": 0.0}]
    (row,) = clusters(drawn(*([mark] for mark in marks), tool_type="ellipse"))
    assert (row["n_members"], row["rx"], row["ry"]) == (4, pytest.approx(20), pytest.approx(10))
    assert row["angle"] == pytest.approx(0, abs=1e-9)
    assert row["rx_std"] == pytest.approx(0, abs=1e-9)
    assert row["angle_std"] == pytest.approx((8 / 3) ** 0.5)


def test_an_ellipse_keeps_the_form_in_which_most_drew_it() -> None:
    upright = {"x": 50.0, "y": 50.0, "rx": 10.0, "ry": 20.0, "angle": 0.0}
    (row,) = clusters(drawn(*[[upright]] * 3, tool_type="ellipse"))
    assert (row["rx"], row["ry"], row["angle"], row["iou"]) == (10, 20, 0, pytest.approx(1))


def test_triangles_are_the_same_after_a_third_of_a_turn() -> None:
    mark = {"x": 50.0, "y": 50.0, "r": 80.0}
    rows = drawn(*([{**mark, "angle": angle}] for angle in (1.0, 121.0, -121.0)), tool_type="triangle")
    (row,) = clusters(rows)
    assert row["angle"] == pytest.approx(1 / 3)
    assert (
        clusters(drawn(*([{**mark, "angle": angle}] for angle in (0.0, 60.0, 30.0)), tool_type="triangle")) == []
    )


def test_lines_are_the_same_in_both_directions_and_keep_the_commoner() -> None:
    left = {"x1": 300.0, "y1": 0.0, "x2": 0.0, "y2": 0.0}
    right = {"x1": 0.0, "y1": 0.0, "x2": 300.0, "y2": 0.0}

    def ends(*lines: dict[str, float]) -> tuple[float, float]:
        (row,) = clusters(drawn(*([line] for line in lines), tool_type="line"))
        return row["x1"], row["x2"]

    assert ends(left, right, left) == (300, 0)
    assert ends(right, right, left) == (0, 300)
    assert ends(left, right, left, right) == (0, 300)
    # Every line by its own volunteers.
    below = [{**line, "y1": 500.0, "y2": 500.0} for line in (left, left, right, left)]
    lines = [[line, other] for line, other in zip((left, right, left, right), below, strict=True)]
    found = clusters(drawn(*lines, tool_type="line"))
    assert [(row["y1"], row["x1"], row["x2"]) for row in found] == [(0, 0, 300), (500, 300, 0)]


def test_marks_on_videos_are_apart_in_time() -> None:
    at = [{**HERE, "start_time": time} for time in (0.1, 0.12, 0.14, 0.5)]
    rows = drawn(*([mark] for mark in at), tool_type="temporalPoint")
    (row,) = clusters(rows)
    assert (row["n_members"], row["start_time"]) == (3, pytest.approx(0.12))
    box = {"width": 50.0, "height": 50.0, "angle": 0.0}
    boxes = drawn(*([mark | box] for mark in at), tool_type="temporalRotateRectangle")
    (row,) = clusters(boxes)
    assert (row["n_members"], row["start_time"], row["iou"]) == (3, pytest.approx(0.12), pytest.approx(1))
    assert clusters(boxes, eps_time=1)[0]["n_members"] == 4
    # A tool for images beside it changes nothing.
    both = pl.concat([rows, drawn(*[[HERE | {"tool_index": 1}]] * 3)])
    assert [(row["n_members"], row["start_time"]) for row in clusters(both)] == [
        (3, pytest.approx(0.12)),
        (3, None),
    ]


def polygons(count: int, error: float) -> tuple[Any, list[Any]]:
    random = np.random.default_rng(2)
    truth = np.array([(0, 0), (200, 0), (250, 100), (120, 200), (0, 120)], float)
    return truth, [truth + random.normal(0, error, truth.shape) for _ in range(count)]


@pytest.mark.parametrize("tool", ["polygon", "freehandShape", "freehandLine"])
def test_the_area_behind_noisy_outlines_is_recovered(tool: str) -> None:
    truth, drawings = polygons(11, 6)
    rows = drawn(*([{"points": path(points), "closed": True}] for points in drawings), tool_type=tool)
    (row,) = clusters(rows)
    found = shapely.Polygon([(point["x"], point["y"]) for point in row["points"]])
    expected = shapely.Polygon(truth)
    assert found.intersection(expected).area / found.union(expected).area > 0.95
    assert (row["n_members"], row["closed"], row["x"]) == (11, True, None)
    assert 0.85 < row["iou"] < 1


def test_free_outlines_that_were_not_quite_closed_are_outlines_where_most_are() -> None:
    _, drawings = polygons(4, 3)
    marks = [{"points": path(points), "closed": number > 0} for number, points in enumerate(drawings)]
    (row,) = clusters(drawn(*([mark] for mark in marks), tool_type="freehandLine"))
    assert (row["n_members"], row["closed"]) == (4, True)


def test_a_volunteer_who_drew_an_area_in_overlapping_pieces_counts_once() -> None:
    whole = [(0, 0), (100, 0), (100, 100), (0, 100)]
    pieces = [[(0, 0), (70, 0), (70, 100), (0, 100)], [(30, 0), (100, 0), (100, 100), (30, 100)]]
    marks = [[{"points": path(points), "closed": True} for points in own] for own in (pieces, [whole], [whole])]
    (row,) = clusters(drawn(*marks, tool_type="polygon"))
    assert (row["n_marks"], row["n_members"]) == (4, 3)
    assert shapely.Polygon([(point["x"], point["y"]) for point in row["points"]]).area == pytest.approx(10_000)


def test_free_lines_are_averaged_along_their_way_whatever_their_direction() -> None:
    way = np.linspace(0, np.pi, 50)
    truth = np.column_stack((way * 100, 100 * np.sin(way)))
    random = np.random.default_rng(4)
    drawings = [(truth + random.normal(0, 4, (1, 2)))[:: -1 if number < 2 else 1] for number in range(7)]
    # One drew with half as many points.
    drawings[5] = drawings[5][::2]
    rows = drawn(*([{"points": path(points), "closed": False}] for points in drawings), tool_type="freehandLine")
    (row,) = clusters(rows)
    found = np.array([(point["x"], point["y"]) for point in row["points"]])
    line = shapely.LineString(truth)
    assert (row["n_members"], row["closed"], row["iou"]) == (7, False, None)
    assert found[0][0] < found[-1][0]
    assert shapely.distance(line, shapely.points(found)).max() < 6
    assert shapely.LineString(found).length == pytest.approx(line.length, rel=0.05)


@pytest.mark.parametrize("points", [[(5, 5)], [(5, 5), (5, 5), (5, 5)], [(0, 0), (9, 9)]])
def test_paths_without_length_or_area_do_no_harm(points: Any) -> None:
    for closed in (True, False):
        rows = drawn(*[[{"points": path(points), "closed": closed}]] * 3, tool_type="freehandLine")
        assert len(clusters(rows)) == (0 if closed else 1)
        assert clusters(rows, min_volunteers=1)[0]["points"]


# ---- answers about marks ----


def entry(index: int, **answer: Any) -> dict[str, Any]:
    blank = {"detail_type": None, "answer_index": None, "answer_label": None, "text": None, "number": None}
    return {"detail_index": index, **blank, **answer}


def votes(index: int, count: int, fraction: float, **answer: Any) -> dict[str, Any]:
    return {
        "detail_index": index,
        "answer_label": None,
        "votes": count,
        "fraction": pytest.approx(fraction),
        "text": None,
        "number": None,
        **answer,
    }


def test_answers_about_marks_are_put_together() -> None:
    eggs = {"answer_index": 1, "answer_label": "Eggs"}
    none = {"answer_index": 0, "answer_label": "None"}
    said = [
        [entry(0, **eggs), entry(1, detail_type="text", text="grey"), entry(2, number=3.0)],
        [entry(0, **eggs), entry(0, **none), entry(1, detail_type="text", text=" grey "), entry(2, number=4.0)],
        [entry(0, **none), entry(1, detail_type="text", text="brown"), entry(2, number=9.0)],
        [entry(0), entry(1, detail_type="text", text=" "), entry(2)],
        [],
    ]
    (row,) = clusters(drawn(*([HERE | {"details": details}] for details in said)))
    assert row["details"] == [
        # Chosen by as many, in the order of the answers.
        votes(0, 2, 2 / 3, answer_label="None"),
        votes(0, 2, 2 / 3, answer_label="Eggs"),
        votes(1, 2, 2 / 3, text="grey"),
        votes(2, 3, 1, number=4.0),
    ]


def test_a_volunteer_answers_once_about_a_cluster() -> None:
    eggs = HERE | {"details": [entry(0, answer_index=1, answer_label="Eggs")]}
    few = HERE | {"details": [entry(0, answer_index=0, answer_label="None")]}
    (row,) = clusters(drawn([eggs, eggs], [few], [few]))
    assert row["details"] == [votes(0, 2, 2 / 3, answer_label="None"), votes(0, 1, 1 / 3, answer_label="Eggs")]


def test_answers_whose_labels_nobody_knows_are_told_by_position() -> None:
    (row,) = clusters(drawn(*[[HERE | {"details": [entry(0, answer_index=2)]}]] * 3))
    assert row["details"] == [votes(0, 3, 1, answer_label="2")]


def test_all_options_of_a_dropdown_are_told_also_without_labels() -> None:
    kinds = ["Robin", "Wren", "Robin"]
    said = [HERE | {"details": [entry(0, detail_type="dropdown", text=kind)]} for kind in kinds]
    (row,) = clusters(drawn(*([mark] for mark in said)))
    assert row["details"] == [votes(0, 2, 2 / 3, text="Robin"), votes(0, 1, 1 / 3, text="Wren")]


def test_marks_of_an_export_go_all_the_way() -> None:
    sub_task = {"type": "single", "question": "Empty?", "answers": [{"label": "No"}, {"label": "Yes"}]}
    workflow = defined("rectangle", details=[sub_task])

    def mark(x: float) -> dict[str, Any]:
        return {"x": x, "y": 20, "width": 30, "height": 12, "tool": 0, "frame": 0, "details": [{"value": 1}]}

    sampled = flat(*([drawing([mark(x)])] for x in (10, 11, 12)), [drawing([])], workflows=[workflow])
    tables = sampled.tables
    made = aggregate(tables["drawing_annotations"].lazy(), tables["tasks"].lazy(), VERSION, Settings())
    (row,) = made.collect().to_dicts()
    assert (row["x"], row["y"], row["width"], row["detection"]) == (26, 26, 30, 0.75)
    assert (row["tool_type"], row["tool_label"]) == ("rectangle", "Tool 0")
    assert row["details"] == [votes(0, 3, 1, answer_label="Yes")]


# ---- parameters ----


def test_parameters_are_those_of_the_tool_and_of_the_last_override_that_fits() -> None:
    settings = Drawings(
        eps_pixels=10,
        overrides=(
            MarkOverride(task="T0", min_volunteers=2),
            MarkOverride(task="T0", tool=1, min_volunteers=4, eps_overlap=0.7),
            MarkOverride(workflow=12, eps_pixels=99),
        ),
    )
    box = {"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0, "tool_index": 1, "tool_type": "rectangle"}
    rows = drawn([HERE, box], [HERE, box])
    point, other = parameters_used(rows.lazy(), settings)
    place = {"workflow_id": 11, "task": "T0", "algorithm": "dbscan", "eps_time": 0.05}
    assert point == place | {
        "tool_index": 0, "shape": "point", "eps": 10, "min_volunteers": 2, "eps_unit": "pixels"
    }  # fmt: skip
    assert other == place | {
        "tool_index": 1, "shape": "box", "eps": 0.7, "min_volunteers": 4, "eps_unit": "1 - IoU"
    }  # fmt: skip
    assert [row["tool_type"] for row in consensus(rows, settings).to_dicts()] == ["point"]


@pytest.mark.parametrize("algorithm", ["optics", "hdbscan"])
def test_other_algorithms_find_the_clusters(algorithm: Any) -> None:
    random = np.random.default_rng(5)
    marks = [
        [{"x": x + random.normal(0, 2), "y": 50 + random.normal(0, 2)} for x in (100, 300, 500)] for _ in range(8)
    ]
    found = clusters(drawn(*marks), algorithm=algorithm)
    assert sorted(round(row["x"], -2) for row in found) == [100, 300, 500]
    assert all(row["n_members"] >= 5 for row in found)


# ---- what must not change anything ----

PLACES = st.sampled_from([(0.0, 0.0), (6.0, 8.0), (12.0, 16.0), (12.5, 1.5), (200.0, 10.0), (208.0, 3.0)])
TOOLS = st.sampled_from(["point", "line", "ellipse", "freehandLine", "polygon"])


def _mark(tool: str, place: tuple[float, float], size: float) -> dict[str, Any]:
    x, y = place
    ring = path([(x, y), (x + 30, y), (x + 30, y + size), (x, y + size)])
    return {
        "point": {"x": x, "y": y},
        "line": {"x1": x, "y1": y, "x2": x + size, "y2": y - size},
        "ellipse": {"x": x, "y": y, "rx": 20.0, "ry": size, "angle": size * 3},
        "freehandLine": {"points": ring, "closed": False},
        "polygon": {"points": ring, "closed": True},
    }[tool]


@st.composite
def _said(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.tuples(TOOLS, PLACES, st.sampled_from([12.0, 20.0, 21.0])), max_size=4))
    if not chosen:
        return [{"status": draw(st.sampled_from(["blank", "malformed"]))}]
    return [
        {"status": "answered", "frame": 0, "tool_index": 0, "tool_type": tool, "mark_index": number}
        | {"details": [entry(0, answer_index=int(size), number=size)]}
        | _mark(tool, place, size)
        for number, (tool, place, size) in enumerate(chosen)
    ]


ROWS = annotations("drawing_annotations", _said())
TWO = Settings(drawings=Drawings(min_volunteers=2))
CHECKS = Metamorphic(lambda rows, tasks, scope: aggregate(rows, tasks, scope, TWO), flat().tables["tasks"])
SUBJECTS = st.sets(st.integers(1, 4))


@PROPERTY
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: pl.DataFrame, random: Any) -> None:
    CHECKS.order_of_rows(rows, random)


@PROPERTY
@given(ROWS, st.permutations(USERS))
def test_the_names_of_volunteers_change_nothing(rows: pl.DataFrame, names: list[str]) -> None:
    CHECKS.names_of_volunteers(rows, names)


def test_the_names_of_volunteers_do_not_even_change_rounding() -> None:
    rows = drawn(*noisy(HERE, {"x": 3, "y": 3}, 30))
    names = {f"user:{number}": f"user:{99 - number}" for number in range(1, 31)}
    renamed = rows.with_columns(pl.col("user_key").replace(names))
    assert consensus(renamed).equals(consensus(rows))
    assert consensus(renamed.sort("classification_id", descending=True)).equals(consensus(rows))


@PROPERTY
@given(ROWS, SUBJECTS)
def test_subjects_and_workflows_do_not_touch_each_other(rows: pl.DataFrame, some: set[int]) -> None:
    CHECKS.split_by_subject(rows, some)
    CHECKS.split_by_workflow(rows, some)


@PROPERTY
@given(ROWS, st.sets(st.integers(0, 25)))
def test_pooled_versions_count_as_one(rows: pl.DataFrame, later: set[int]) -> None:
    CHECKS.split_by_version(rows, later)


@PROPERTY
@given(ROWS)
def test_rows_left_out_might_as_well_not_be_there(rows: pl.DataFrame) -> None:
    CHECKS.rows_left_out(rows)


@PROPERTY
@given(ROWS)
def test_subjects_in_parts_are_the_same_as_all_at_once(rows: pl.DataFrame) -> None:
    whole = consensus(rows, Drawings(min_volunteers=2))
    assert consensus(rows, Drawings(min_volunteers=2), at_once=3).equals(whole)


@PROPERTY
@given(ROWS)
def test_every_cluster_adds_up(rows: pl.DataFrame) -> None:
    found = consensus(rows, Drawings(min_volunteers=2))
    assert set(found["subject_ids"]) == set(rows.filter(pl.col("excluded").is_null())["subject_ids"])
    some = found.filter(pl.col("cluster_index").is_not_null())
    assert (some["n_members"] <= some["n_marks"]).all()
    assert (some["n_members"] <= some["n_volunteers"]).all()
    assert some["detection"].is_between(0, 1).all()
    assert some["iou"].drop_nulls().is_between(0, 1).all()


def test_pooled_consensus_names_its_versions_and_the_newest_label() -> None:
    rows = table(
        row
        for number, (version, label) in enumerate([("3.9", "Nest"), ("3.10", "Nests"), ("3.9", "Nest")], 1)
        for row in rows_of(number, [HERE], workflow_version=version, tool_label=label)
    )
    (row,) = drawing_consensus(rows.lazy(), scope=POOLED).collect().to_dicts()
    assert (row["versions"], row["tool_label"], row["n_members"]) == (["3.9", "3.10"], "Nests", 3)
