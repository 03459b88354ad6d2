"""The geometry of a cluster of marks: known truth recovered from noisy marks, and shapes that look the same."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from tests.task_types.drawings.marks import HERE, clusters, consensus, drawn, noisy, path


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
    assert (row["iou"] is not None) == (tool in ("rectangle", "ellipse", "rotateRectangle", "column"))
    assert row["iou"] is None or 0.8 < row["iou"] <= 1


def bar(degrees: float, length: float = 100.0, *, back: bool = False) -> list[dict[str, float]]:
    """A line about a centre, at an angle clockwise."""
    step = length / 2 * np.exp(1j * np.radians(degrees)) * (-1 if back else 1)
    return [{"x1": 500 - step.real, "y1": 400 - step.imag, "x2": 500 + step.real, "y2": 400 + step.imag}]


def test_the_length_of_a_line_is_the_mean_length_and_not_that_of_the_mean_line() -> None:
    angles = (-15, -5, 5, 15)
    (row,) = clusters(drawn(*(bar(angle) for angle in angles), tool_type="line"))
    assert (row["length"], row["length_std"]) == (pytest.approx(100), pytest.approx(0, abs=1e-9))
    assert (row["angle"], row["angle_std"]) == (pytest.approx(0, abs=1e-9), pytest.approx((500 / 3) ** 0.5))
    assert row["x2"] - row["x1"] == pytest.approx(100 * np.cos(np.radians(angles)).mean())


def test_lines_of_several_lengths_have_their_mean_and_spread() -> None:
    lines = [bar(90, length) for length in (90, 100, 110)]
    (row,) = clusters(drawn(*lines, tool_type="line"))
    assert (row["length"], row["length_std"], row["angle"]) == (pytest.approx(100), pytest.approx(10), 90)


@pytest.mark.parametrize(("n_back", "angle"), [(0, 178), (1, 178), (2, -2), (3, -2)])
def test_the_angle_of_lines_is_around_the_circle_in_the_direction_of_most(n_back: int, angle: float) -> None:
    lines = [bar(degrees, back=place < n_back) for place, degrees in enumerate((176, 178, 180))]
    (row,) = clusters(drawn(*lines, tool_type="line"))
    assert (row["angle"], row["angle_std"]) == (pytest.approx(angle), pytest.approx(2))
    assert row["angle"] == pytest.approx(np.degrees(np.arctan2(row["y2"] - row["y1"], row["x2"] - row["x1"])))


def test_a_click_with_the_line_tool_has_no_angle() -> None:
    (row,) = clusters(drawn(bar(30, 0), bar(30, 4), bar(30, 8), tool_type="line"))
    assert (row["length"], row["angle"]) == (pytest.approx(4), pytest.approx(30))
    (row,) = clusters(drawn(bar(30, 0), bar(30, 0), tool_type="line"))
    assert (row["length"], row["angle"], row["angle_std"]) == (0, None, None)


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
        found = consensus(rows)
        assert found["is_candidate"].to_list() == ([True] * 3 if closed else [False])
        assert found["points"].list.len().min() >= 1
