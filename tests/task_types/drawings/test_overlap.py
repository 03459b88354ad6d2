"""Overlap of areas: known figures, and clusters that are those of a plain comparison pair by pair."""

from itertools import chain
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task_types.drawings.marks import grouped
from zoo_dag.clustering.boxes import Boxes
from zoo_dag.clustering.dbscan import dbscan, neighbours
from zoo_dag.task_types.drawings.overlap import Areas, ellipses, enclosed, turned_boxes

BOX = st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(0, 5)] * 2)
GROUPS = st.lists(st.lists(BOX, min_size=1, max_size=12), min_size=1, max_size=3)


def boxes(rows: Any) -> Boxes:
    return Boxes(*np.array(rows, float).reshape(-1, 4).T)


def plain_distance(one: Any, other: Any) -> float:
    """1 - IoU of boxes, as one would write it down."""
    sides = []
    for centre, size in ((0, 2), (1, 3)):
        low = max(one[centre] - one[size] / 2, other[centre] - other[size] / 2)
        high = min(one[centre] + one[size] / 2, other[centre] + other[size] / 2)
        sides.append(max(high - low, 0))
    common = sides[0] * sides[1]
    together = one[2] * one[3] + other[2] * other[3] - common
    return 1 - common / together if together else 1


def plain_labels(groups: list[list[Any]], eps: float, least: int) -> list[list[int]]:
    # Every process of the tests would load it at the start.
    from sklearn.cluster import DBSCAN

    found = []
    for rows in groups:
        square = np.array([[0 if a is b else max(plain_distance(a, b), 0) for b in rows] for a in rows])
        found.append(DBSCAN(eps=eps, min_samples=least, metric="precomputed").fit_predict(square).tolist())
    return found


def by_group(groups: list[list[Any]], labels: Any) -> list[list[int]]:
    """Labels of each group, from 0 up in each."""
    found, place = [], 0
    for rows in groups:
        own = labels[place : place + len(rows)]
        first = min(own[own >= 0], default=0)
        found.append(np.where(own >= 0, own - first, -1).tolist())
        place += len(rows)
    return found


@settings(deadline=None, max_examples=200)
@given(GROUPS, st.sampled_from([0.25, 0.5, 0.75]), st.integers(1, 4))
def test_clusters_of_boxes_are_those_of_a_comparison_pair_by_pair(
    groups: list[list[Any]], eps: float, least: int
) -> None:
    rows = list(chain.from_iterable(groups))
    owner = np.array([number for number, own in enumerate(groups) for _ in own])
    marks = grouped(boxes(rows), eps, least, groups=owner)
    labels = dbscan(marks, neighbours(marks))
    assert by_group(groups, labels) == plain_labels(groups, eps, least)


@settings(deadline=None, max_examples=60)
@given(st.lists(BOX, min_size=2, max_size=10))
def test_boxes_that_are_turned_by_nothing_are_boxes(rows: list[Any]) -> None:
    first, second = np.triu_indices(len(rows), 1)
    x, y, width, height = np.array(rows, float).T
    turned = Areas(turned_boxes(x, y, width, height, np.zeros(len(rows))))
    assert turned.distance(first, second) == pytest.approx(boxes(rows).distance(first, second))
    for eps in (0.3, 0.6):
        assert (
            turned.near(first, second, np.full(len(first), eps)) == (turned.distance(first, second) <= eps)
        ).all()


def of_pair(shapes: Any) -> float:
    return float(Areas(shapes).distance(np.array([0]), np.array([1]))[0])


def numbers(*rows: tuple[float, ...]) -> list[Any]:
    return [np.array(column, float) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((50, 50, 20, 10, 0), (50, 50, 20, 10, 180)),
        ((50, 50, 20, 10, 15), (50, 50, 10, 20, 105)),
        ((50, 50, 20, 10, -90), (50, 50, 20, 10, 90)),
    ],
)
def test_ellipses_and_boxes_that_look_the_same_are_the_same(one: Any, other: Any) -> None:
    assert of_pair(ellipses(*numbers(one, other))) == pytest.approx(0, abs=1e-9)
    assert of_pair(turned_boxes(*numbers(one, other))) == pytest.approx(0, abs=1e-9)


def test_an_ellipse_is_as_large_as_it_is_and_turned_clockwise() -> None:
    (shape,) = ellipses(*numbers((50, 60, 20, 10, 30)))
    assert shape.area == pytest.approx(np.pi * 200, rel=2e-3)
    # With y downwards, clockwise from the right is below.
    assert shape.contains(shapely.Point(50 + 19 * np.cos(np.pi / 6), 60 + 19 * np.sin(np.pi / 6)))
    assert not shape.contains(shapely.Point(50 + 19 * np.cos(np.pi / 6), 60 - 19 * np.sin(np.pi / 6)))


def areas(*paths: list[tuple[float, float]]) -> Any:
    points = np.array([point for path in paths for point in path], float)
    return enclosed(points, np.array([len(path) for path in paths]))


SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]


def test_paths_enclose_areas_also_where_they_cross_themselves() -> None:
    bow_tie = [(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)]
    there_and_back = [*SQUARE, (0.0, 20.0), (0.0, 10.0)]
    found = areas(SQUARE, bow_tie, there_and_back, [(1, 1), (2, 2)], [(3, 3)], [(0, 0), (1, 1), (0, 0)])
    assert shapely.area(found).tolist() == pytest.approx([100, 50, 100, 0, 0, 0])


def test_areas_of_no_extent_overlap_with_nothing() -> None:
    assert of_pair(areas([(3, 3)], [(3, 3)])) == 1
    assert of_pair(areas([(0, 0), (9, 9)], SQUARE)) == 1
    assert boxes([(5, 5, 0, 4), (5, 5, 0, 4)]).distance(np.array([0]), np.array([1])).tolist() == [1]


def test_a_box_drawn_backwards_is_the_same_box() -> None:
    assert boxes([(5, 5, -4, 4), (5, 5, 4, 4)]).distance(np.array([0]), np.array([1])).tolist() == [0]
