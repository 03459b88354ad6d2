"""The size of pictures: from the browsers, else from the marks; and marks outside of them."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.task_types.drawings.marks import HERE, aggregated, clusters, consensus, drawn, path
from zoo_dag.consensus.pictures import frame_sizes
from zoo_dag.task_types.drawings.frames import estimated_sides


def sized(*sizes: tuple[float, float] | None) -> pl.DataFrame:
    """A mark of a volunteer each, with the size of the picture."""
    names = ("frame_width", "frame_height")
    return drawn(*([HERE | (dict(zip(names, size, strict=True)) if size else {})] for size in sizes))


def test_the_size_of_a_frame_is_that_of_most_people() -> None:
    rows = sized((800, 600), None, (1600, 1200), (800, 600))
    assert frame_sizes(rows.lazy()).collect().rows() == [(11, "101", 0, 800.0, 600.0)]
    # Of as many, the widest; of a person with many marks, one.
    assert frame_sizes(sized((800, 600), (1600, 1200)).lazy()).collect()["frame_width"].to_list() == [1600]
    many = pl.concat([rows[:1]] * 5 + [rows[2:3], rows[2:3].with_columns(classification_id=pl.lit(9, pl.Int64))])
    assert frame_sizes(many.lazy()).collect()["frame_width"].to_list() == [1600]


def test_a_drawing_left_blank_tells_the_size_of_the_first_frame() -> None:
    rows = pl.concat([sized(None), drawn([], frame_width=500.0, frame_height=900.0)])
    assert frame_sizes(rows.lazy()).collect().rows() == [(11, "101", 0, 500.0, 900.0)]


@pytest.mark.parametrize("width", [500, 2000, 8000])
def test_one_thing_is_found_at_any_width(width: int) -> None:
    spread = 0.008 * width
    random = np.random.default_rng(width)
    size = {"frame_width": float(width), "frame_height": width * 0.75}
    subjects = []
    for number in range(20):
        x, y = random.normal((0.3 * width, 0.4 * width), spread, (10, 2)).T
        marks = ([{"x": a, "y": b, **size}] for a, b in zip(x, y, strict=True))
        subjects.append(drawn(*marks, subject_ids=str(number)))
    found = best_of_each(subjects, "subject_ids")
    assert len(found) == 20
    assert np.mean(found) >= 0.95


def best_of_each(rows: list[pl.DataFrame], column: str) -> list[float]:
    """The detection of the best cluster of each subject or workflow."""
    found = pl.DataFrame(clusters(pl.concat(rows))).group_by(column).agg(pl.max("detection"))
    return found["detection"].to_list()


def test_without_sizes_the_marks_of_all_subjects_say_how_large_pictures_are() -> None:
    assert estimated_sides(sized((800, 600)).lazy()).is_empty()
    far = {"x": 100.0, "y": 3000.0}
    line = {"x1": 4.0, "y1": 5.0, "x2": 6.0, "y2": 7.0}
    rows = drawn([HERE], [far], [{"points": path([(5000, 0), (0, 0)])}], [line])
    assert estimated_sides(rows.lazy()).rows() == [(11, 10_000.0)]
    # The more subjects there are, the nearer is the farthest mark to the border.
    ten = pl.concat([rows.with_columns(subject_ids=pl.lit(str(number))) for number in range(10)])
    assert estimated_sides(ten.lazy())["estimated_side"].to_list() == [pytest.approx(5500)]
    # One mark far outside, of very many, is none of a larger picture.
    many = drawn(*[[far]] * 200, [{"x": 1e9, "y": 0.0}])
    assert estimated_sides(many.lazy()).rows() == [(11, 6000.0)]
    # Few marks say little.
    assert estimated_sides(drawn([HERE]).lazy()).rows() == [(11, 1000.0)]
    (record,) = aggregated(many).parameters
    assert (record["eps"], record["estimated_side"]) == (0.02, 6000.0)


def test_other_pictures_of_the_workflow_say_the_size_of_one_without() -> None:
    rows = sized((8000, 6000), (8000, 6000), (100, 100), None)
    assert estimated_sides(rows.lazy()).rows() == [(11, 8000.0)]


@pytest.mark.parametrize("place", [0.1, 0.2, 0.5])
@pytest.mark.parametrize("width", [1000, 2000, 8000])
def test_one_thing_is_found_without_sizes_wherever_it_is(width: int, place: float) -> None:
    random = np.random.default_rng(width)
    # Only the marks of its own workflow say how large a picture is.
    workflows = []
    for number in range(20):
        x, y = random.normal(place * width, 0.008 * width, (2, 10))
        workflows.append(drawn(*([{"x": a, "y": b}] for a, b in zip(x, y, strict=True)), workflow_id=number))
    found = best_of_each(workflows, "workflow_id")
    assert len(found) == 20
    assert np.mean(found) >= 0.95


def test_marks_far_apart_are_of_several_things_and_say_nothing_of_the_size() -> None:
    apart = drawn(*([{"x": 100.0 * place, "y": 900.0}] for place in range(9)))
    assert estimated_sides(apart.lazy())["estimated_side"].to_list() == [1800.0]


def test_neighbours_are_as_near_as_the_picture_is_large() -> None:
    def n_clusters(width: float) -> int:
        marks = [{"x": x, "y": 0.0, "frame_width": width, "frame_height": 100.0} for x in (0.0, 40.0)]
        return len(clusters(drawn(*([mark] for mark in marks))))

    assert (n_clusters(2000), n_clusters(1999)) == (1, 0)


@pytest.mark.parametrize(
    ("mark", "is_out"),
    [
        ({"x": -1.0, "y": 5.0}, True),
        ({"x": 0.0, "y": 600.0}, False),
        ({"x": 0.0, "y": 600.1}, True),
        ({"x": -30.0, "y": 5.0, "r": 29.0}, True),
        ({"x": -30.0, "y": 5.0, "r": 30.0}, False),
        ({"x": 830.0, "y": 5.0, "width": 50.0, "height": 90.0}, True),
        ({"x": 830.0, "y": 5.0, "width": 60.0, "height": 9.0}, False),
        ({"x": -30.0, "y": 60.0, "rx": 5.0, "ry": 35.0, "angle": 0.0}, True),
        ({"x": -30.0, "y": 60.0, "rx": 5.0, "ry": 35.0, "angle": 90.0}, False),
        ({"x": -35.0, "y": 60.0, "width": 10.0, "height": 70.0, "angle": 0.0}, True),
        ({"x": -35.0, "y": 60.0, "width": 10.0, "height": 72.0, "angle": 90.0}, False),
        ({"x": -24.0, "y": 5.0, "width": 30.0, "height": 40.0, "angle": 45.0}, False),
        ({"x": -24.0, "y": 5.0, "rx": 30.0, "ry": 4.0, "angle": 0.0}, False),
        ({"x1": -9.0, "y1": 5.0, "x2": -1.0, "y2": 9.0}, True),
        ({"x1": -9.0, "y1": 5.0, "x2": 1.0, "y2": 9.0}, False),
        ({"points": path([(-9, 5), (-1, 5)])}, True),
        ({"points": path([(-9, 5), (900, 5)])}, False),
        ({"y": -3.0}, True),
        ({"x": 40.0, "width": 3.0}, False),
    ],
)
def test_what_lies_wholly_outside_of_the_picture_is_in_no_cluster(mark: dict[str, Any], is_out: bool) -> None:
    size = {"frame_width": 800.0, "frame_height": 600.0}
    rows = drawn([mark | size], [mark], [])
    assert consensus(rows)["n_marks"].sum() == (0 if is_out else 2)
    # Where the size is unknown, nothing is left out.
    unknown = rows.with_columns(frame_width=pl.lit(None, pl.Float64), frame_height=pl.lit(None, pl.Float64))
    assert consensus(unknown)["n_marks"].sum() == 2
