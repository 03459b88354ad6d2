"""Clusters in which a volunteer is once: things close together, clicks twice, chains, and very many marks."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task_types.drawings.marks import grouped, points
from zoo_dag.clustering.boxes import Boxes
from zoo_dag.clustering.dbscan import dbscan
from zoo_dag.task_types.drawings import splitting
from zoo_dag.task_types.drawings.density import hdbscan, optics
from zoo_dag.task_types.drawings.shapes import Timed

MARKS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=40)


def around(*things: Any, volunteers: int, spread: float = 5.0, seed: int = 1) -> tuple[Any, Any]:
    """The marks of volunteers who all mark all things, and who made them."""
    random = np.random.default_rng(seed)
    marks = np.concatenate([random.normal(thing, spread, (volunteers, 2)) for thing in things])
    return marks, np.tile(np.arange(volunteers), len(things))


def found(marks: Any, volunteers: Any, eps: float = 25, find: Any = dbscan) -> list[list[int]]:
    """The places of the marks of each cluster, largest first."""
    labels = splitting.clusters(grouped(points(marks), eps, 2, volunteers), find)
    members = [np.flatnonzero(labels == label).tolist() for label in range(labels.max() + 1)]
    return sorted(members, key=lambda places: (-len(places), places))


@settings(deadline=None, max_examples=200)
@given(MARKS, st.sampled_from([1.0, 2.0, 4.0]))
def test_every_mark_is_in_one_cluster_and_no_cluster_has_a_volunteer_twice(marks: list[Any], eps: float) -> None:
    volunteers = [mark[2] for mark in marks]
    clusters = found([mark[:2] for mark in marks], volunteers, eps)
    assert sorted(place for members in clusters for place in members) == list(range(len(marks)))
    for members in clusters:
        assert len({volunteers[place] for place in members}) == len(members)


@pytest.mark.parametrize("find", [optics, hdbscan])
@settings(deadline=None, max_examples=30)
@given(marks=MARKS)
def test_clusters_of_scikit_learn_have_a_volunteer_once_too(find: Any, marks: list[Any]) -> None:
    volunteers = [mark[2] for mark in marks]
    clusters = found([mark[:2] for mark in marks], volunteers, 4, find)
    assert sorted(place for members in clusters for place in members) == list(range(len(marks)))
    for members in clusters:
        assert len({volunteers[place] for place in members}) == len(members)


@settings(deadline=None, max_examples=100)
@given(MARKS, st.permutations(range(6)))
def test_names_of_volunteers_do_not_matter(marks: list[Any], names: list[int]) -> None:
    places = [mark[:2] for mark in marks]
    renamed = [names[mark[2]] for mark in marks]
    assert found(places, renamed, 3) == found(places, [mark[2] for mark in marks], 3)


@settings(deadline=None, max_examples=100)
@given(MARKS)
def test_groups_are_split_as_if_each_were_alone(marks: list[Any]) -> None:
    places, volunteers = np.array([mark[:2] for mark in marks]), [mark[2] for mark in marks]
    two = grouped(points([*places, *places]), 3, 2, volunteers * 2, [0] * len(marks) + [1] * len(marks))
    labels = splitting.clusters(two, dbscan)
    alone = splitting.clusters(grouped(points(places), 3, 2, volunteers), dbscan)
    assert labels.tolist() == [*alone, *(alone + alone.max() + 1)]


# Of the others, what lies at the border of a cluster may be in none.
@pytest.mark.parametrize(("find", "least"), [(dbscan, 19), (hdbscan, 12)])
def test_two_things_that_all_mark_are_two_clusters_though_no_gap_is_between_them(find: Any, least: int) -> None:
    for seed in range(10):
        marks, volunteers = around((100, 100), (130, 100), volunteers=10, seed=seed)
        first, second, *rest = found(marks, volunteers, find=find)
        assert len(first) + len(second) >= least
        assert sorted(np.round(marks[members].mean(axis=0)[0], -1) for members in (first, second)) == [100, 130]
        assert find is not dbscan or all(len(members) == 1 for members in rest)


def test_one_thing_is_one_cluster() -> None:
    for seed in range(10):
        marks, volunteers = around((100, 100), volunteers=12, spread=8, seed=seed)
        assert len(found(marks, volunteers)[0]) >= 11


def test_clicks_twice_make_no_second_thing_unless_most_click_twice() -> None:
    marks, volunteers = around((100, 100), volunteers=10)

    def twice(n: int) -> list[int]:
        again = found(np.concatenate([marks, marks[:n] + 0.1]), np.concatenate([volunteers, np.arange(n)]))
        return [len(members) for members in again]

    assert twice(1) == [10, 1]
    assert twice(4) == [10, 1, 1, 1, 1]
    assert twice(10) == [10, 10]


def test_what_few_mark_beside_a_thing_is_a_thing_where_it_is_far_enough() -> None:
    marks, volunteers = around((100, 100), volunteers=10, spread=2)
    beside, _ = around((115, 100), volunteers=4, spread=2)
    sizes = [len(each) for each in found(np.concatenate([marks, beside]), np.concatenate([volunteers, range(4)]))]
    assert sizes == [10, 4]


def test_a_chain_of_marks_of_different_people_is_no_cluster() -> None:
    marks = [(20 * place, 0) for place in range(12)]
    clusters = found(marks, range(12))
    assert max(len(members) for members in clusters) <= 3
    # Within eps of each other they are one.
    assert found([(2 * place, 0) for place in range(12)], range(12)) == [list(range(12))]


def test_rows_of_things_are_counted() -> None:
    for n_things in (5, 12, 20):
        marks, volunteers = around(*((30 * thing, 0) for thing in range(n_things)), volunteers=10, spread=4)
        seen = np.random.default_rng(n_things).random(len(marks)) < 0.8
        clusters = [each for each in found(marks[seen], volunteers[seen]) if len(each) > 2]
        assert len(clusters) == n_things


def test_boxes_side_by_side_are_split_by_their_overlap() -> None:
    random = np.random.default_rng(3)
    x = np.concatenate([random.normal(100, 3, 8), random.normal(130, 3, 8)])
    boxes = Boxes(x, np.full(16, 50.0), np.full(16, 80.0), np.full(16, 60.0))
    labels = splitting.clusters(grouped(boxes, 0.6, 2, [*range(8), *range(8)]), dbscan)
    assert labels.tolist() == [0] * 8 + [1] * 8


def test_marks_at_different_times_are_never_together() -> None:
    times = np.array([0.1, 0.5, 0.1, 0.5, 0.1, 0.5])
    timed = Timed(points([(0, 0)] * 6), times, np.full(6, 0.05))
    labels = splitting.clusters(grouped(timed, 5, 2, [0, 0, 1, 1, 2, 2]), dbscan)
    assert labels.tolist() == [0, 1, 0, 1, 0, 1]


def test_very_many_marks_are_split_in_parts_that_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "_MOST", 60)
    # A crowd: it falls apart at a smaller distance, and then as always.
    marks, volunteers = around(*((22 * x, 22 * y) for x in range(4) for y in range(4)), volunteers=10, spread=1)
    assert [len(members) for members in found(marks, volunteers)] == [10] * 16
    # Many volunteers and one thing: their first marks.
    marks, volunteers = around((0, 0), volunteers=80, spread=1)
    again = np.concatenate([marks, marks[:3]])
    assert [len(members) for members in found(again, [*volunteers, 0, 1, 2])] == [80, 1, 1, 1]
