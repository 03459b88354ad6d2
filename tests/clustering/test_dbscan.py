"""Clusters: those of scikit-learn to the label, volunteers counted once, and groups apart."""

from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task_types.drawings.marks import grouped
from tests.task_types.drawings.marks import points as metric
from zoo_dag.clustering.dbscan import NOISE, Integers, Marks, dbscan, neighbours, touching
from zoo_dag.errors import SettingsError
from zoo_dag.task_types.drawings.density import hdbscan, optics
from zoo_dag.task_types.drawings.shapes import Timed

GRID = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40)
# Distances that grid points often have exactly.
EXACT_EPS = st.sampled_from([1.0, 2.0, 5.0, 2**0.5, 5**0.5, 8**0.5])


def found_by_dbscan(marks: Marks) -> Integers:
    return dbscan(marks, neighbours(marks))


def labels(points: Any, eps: float, least: int, volunteers: Any = None, groups: Any = None) -> list[int]:
    return found_by_dbscan(grouped(metric(points), eps, least, volunteers, groups)).tolist()


def by_scikit_learn(points: Any, eps: float, least: int) -> Integers:
    # Every process of the tests would load it at the start.
    from sklearn.cluster import DBSCAN

    found: Integers = DBSCAN(eps=eps, min_samples=least).fit_predict(np.array(points, float))
    return found


@settings(deadline=None, max_examples=120)
@given(GRID, EXACT_EPS, st.integers(1, 6))
def test_labels_are_those_of_scikit_learn(points: list[Any], eps: float, least: int) -> None:
    expected = by_scikit_learn(points, eps, least)
    assert labels(points, eps, least) == expected.tolist()


@settings(deadline=None, max_examples=40)
@given(st.lists(GRID, min_size=1, max_size=4), EXACT_EPS, st.integers(1, 5))
def test_labels_of_many_groups_are_those_of_each_numbered_on(
    groups: list[list[Any]], eps: float, least: int
) -> None:
    expected: list[int] = []
    for points in groups:
        own = by_scikit_learn(points, eps, least)
        expected += [
            label + max(expected, default=NOISE) + 1 if label != NOISE else NOISE for label in own.tolist()
        ]
    owner = [number for number, points in enumerate(groups) for _ in points]
    assert labels(list(chain.from_iterable(groups)), eps, least, groups=owner) == expected


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=30),
    EXACT_EPS,
    st.integers(1, 4),
)
def test_core_marks_have_enough_volunteers_around_them(marks: list[Any], eps: float, least: int) -> None:
    points = np.array([mark[:2] for mark in marks], float)
    volunteers = [mark[2] for mark in marks]
    near = ((points[:, None] - points[None]) ** 2).sum(axis=2) <= eps * eps
    core = [len({volunteers[place] for place in np.flatnonzero(row)}) >= least for row in near]
    found = labels(points, eps, least, volunteers)
    for one, label in enumerate(found):
        around = [found[other] for other in np.flatnonzero(near[one]) if core[other]]
        if core[one]:
            assert set(around) == {label}
        else:
            assert label == min(around, default=NOISE)


@settings(deadline=None)
@given(st.permutations(range(9)), st.sampled_from([1, -1]))
def test_a_mark_on_the_border_of_two_clusters_joins_the_first(order: list[int], side: int) -> None:
    # The first mark is near the first core mark of both clusters, all on one side of it.
    above = [(7, 4), (7, 5), (7, 6), (6, 5)]
    marks = [(10, 0), *above, *((x, -y) for x, y in above)]
    points = [(side * marks[place][0], marks[place][1]) for place in order]
    expected = by_scikit_learn(points, 5, 4).tolist()
    assert set(expected) == {0, 1}
    assert labels(points, 5, 4) == expected


def test_three_marks_of_one_volunteer_are_no_cluster_of_three() -> None:
    points = [(0, 0), (1, 0), (0, 1)]
    assert labels(points, 5, 3, [7, 7, 7]) == [NOISE] * 3
    assert labels(points, 5, 3, [7, 8, 9]) == [0, 0, 0]


def test_a_distance_of_just_eps_is_near_and_more_is_not() -> None:
    assert labels([(0, 0), (3, 4)], 5, 2) == [0, 0]
    assert labels([(0, 0), (3, 4)], np.nextafter(5, 0), 2) == [NOISE, NOISE]
    # A sum that rounding makes smaller than the coordinate that it should reach.
    assert 0.2 + 0.7 < 0.9
    assert labels([(0.9, 0), (0.2, 0)], 0.7, 2) == [0, 0]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20), st.integers(0, 5)), max_size=30),
)
def test_touching_gives_each_pair_of_intervals_of_a_group_that_touch_once(rows: list[Any]) -> None:
    groups, low, long = (np.array([row[axis] for row in rows], np.int64) for axis in range(3))
    found = sorted(
        tuple(sorted(pair))
        for first, second in touching(groups, low.astype(float), (low + long).astype(float))
        for pair in zip(first.tolist(), second.tolist(), strict=True)
    )
    expected = [
        (one, other)
        for one in range(len(rows))
        for other in range(one + 1, len(rows))
        if groups[one] == groups[other]
        and max(low[one], low[other]) <= min(low[one] + long[one], low[other] + long[other])
    ]
    assert found == expected


def test_every_group_has_its_own_eps_and_minimum() -> None:
    places = [(0, 0), (6, 0), (12, 0)] * 2
    marks = grouped(metric(places), 0, 0, groups=[0] * 3 + [1] * 3)
    wide = marks._replace(eps=np.array([5.0] * 3 + [6.0] * 3), least=np.full(6, 2))
    assert found_by_dbscan(wide).tolist() == [NOISE] * 3 + [0] * 3
    many = marks._replace(eps=np.full(6, 6.0), least=np.array([3] * 3 + [4] * 3))
    assert found_by_dbscan(many).tolist() == [0] * 3 + [NOISE] * 3


def test_no_marks_have_no_clusters() -> None:
    assert labels([], 5, 3) == []
    first, second = neighbours(grouped(metric([]), 5, 3))
    assert len(first) == len(second) == 0


def test_marks_at_different_times_are_no_neighbours() -> None:
    timed = Timed(metric([(0, 0)] * 4), np.array([0.1, 0.15, 0.3, 0.31]), np.full(4, 0.05))
    assert found_by_dbscan(grouped(timed, 5, 2)).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("algorithm", [optics, hdbscan])
def test_scikit_learn_finds_clusters_of_enough_volunteers(algorithm: Any) -> None:
    random = np.random.default_rng(1)
    centres = np.array([[0, 0], [100, 0], [0, 100]])
    points = np.concatenate([centre + random.normal(0, 2, (6, 2)) for centre in centres])
    # The third place was marked by one volunteer only; and everything again on a second subject.
    volunteers = np.array([*range(6), *range(6), *[0] * 6] * 2)
    groups = np.repeat([0, 1], 18)
    marks = grouped(metric(np.concatenate([points, points])), 20.0, 3, volunteers, groups)
    found = algorithm(marks, neighbours(marks))
    places = [set(found[start : start + 6].tolist()) - {NOISE} for start in range(0, 36, 6)]
    assert [len(place) for place in places] == [1, 1, 0, 1, 1, 0]
    assert len(set.union(*places)) == 4


@pytest.mark.parametrize("algorithm", [optics, hdbscan])
def test_scikit_learn_takes_groups_too_small_for_it(algorithm: Any) -> None:
    marks = grouped(metric([(0, 0), (1, 1)]), 20.0, 3)
    assert algorithm(marks, neighbours(marks)).tolist() == [NOISE] * 2


@pytest.mark.parametrize("algorithm", [optics, hdbscan])
def test_without_scikit_learn_the_extra_is_named(algorithm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.cluster", None)
    with pytest.raises(SettingsError, match=r"zoo_dag\[cluster\]"):
        algorithm(grouped(metric([(0, 0)]), 20.0, 3), (np.empty(0, np.int64), np.empty(0, np.int64)))
