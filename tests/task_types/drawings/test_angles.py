"""Mean angles against trying every angle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_dag.task_types.drawings.angles import centred, circular_means

PERIODS = (360.0, 180.0, 120.0, 90.0)


def cost(angles: list[float], mean: float, period: float) -> float:
    off = np.abs(np.mod(np.array(angles) - mean, period))
    return float((np.minimum(off, period - off) ** 2).sum())


def mean_of(angles: list[float], period: float) -> float:
    clusters = np.zeros(len(angles), np.int64)
    return float(circular_means(np.array(angles, float), clusters, 1, period)[0])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(-720, 720), min_size=1, max_size=12), st.sampled_from(PERIODS))
def test_no_angle_is_nearer_to_all_than_the_mean(angles: list[float], period: float) -> None:
    mean = mean_of(angles, period)
    assert -period / 2 < mean <= period / 2
    tried = min(cost(angles, one, period) for one in np.linspace(0, period, 721))
    assert cost(angles, mean, period) <= tried + 1e-6


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-400, 400), st.integers(0, 4)), max_size=30),
    st.sampled_from(PERIODS),
    st.randoms(),
)
def test_many_clusters_at_once_are_the_same_as_one_by_one(rows, period, random) -> None:
    random.shuffle(rows)
    angles = np.array([angle for angle, _ in rows], float)
    clusters = np.array([cluster for _, cluster in rows], np.int64)
    means = circular_means(angles, clusters, 5, period)
    for cluster in range(5):
        own = angles[clusters == cluster].tolist()
        assert (np.isnan(means[cluster]) and not own) or means[cluster] == pytest.approx(mean_of(own, period))


@pytest.mark.parametrize(
    ("angles", "period", "expected"),
    [
        ([350, 10], 360, 0),
        ([179, -179], 360, 180),
        ([0, 180], 180, 0),
        ([175, 5, 0], 180, 0),
        ([119, 1], 120, 0),
        ([60, -60], 120, 60),
        ([44, -44], 90, 45),
        ([10], 360, 10),
        ([-1e-20], 360, 0),
        ([170, -170, 170, -170], 360, 180),
    ],
)
def test_means_that_are_known(angles: list[float], period: float, expected: float) -> None:
    assert mean_of(angles, period) == pytest.approx(expected)


def test_of_means_equally_near_one_is_chosen_whatever_the_order() -> None:
    assert mean_of([0, 180], 360) == mean_of([180, 0], 360) == 90


def test_no_angles_have_no_mean() -> None:
    assert np.isnan(circular_means(np.empty(0), np.empty(0, np.int64), 2, 360)).all()


@given(st.floats(-1e6, 1e6), st.sampled_from(PERIODS))
def test_an_angle_is_centred_within_its_period(angle: float, period: float) -> None:
    (found,) = centred(np.array([angle]), period)
    assert -period / 2 < found <= period / 2
    turns = (found - angle) / period
    assert turns == pytest.approx(round(turns), abs=1e-6)
