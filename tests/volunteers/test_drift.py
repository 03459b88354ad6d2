"""Whether two groups of votes differ: the statistics."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from zoo_dag.volunteers.drift import compare, false_discovery_rates


@pytest.fixture(scope="module")
def stats() -> Any:
    """SciPy's statistics; every process of the tests would load them at the start."""
    from scipy import stats

    return stats


def test_for_one_subject_the_statistic_is_pearsons_with_n_minus_1(stats):
    first, second = np.array([[30.0, 10, 5]]), np.array([[20.0, 25, 8]])
    pearson = stats.chi2_contingency(np.vstack([first, second]), correction=False)
    n = first.sum() + second.sum()
    expected = stats.chi2.sf(pearson.statistic * (n - 1) / n, 2)
    assert compare(first, second).p_value == pytest.approx(expected, rel=1e-9)


def test_for_two_answers_the_statistic_is_that_of_mantel_and_haenszel(stats):
    """Mantel and Haenszel 1959: (sum of a - E(a))² / sum of Var(a), over 2 x 2 tables a b / c d."""
    first = np.array([[11.0, 25], [16, 4], [14, 5], [2, 14]])
    second = np.array([[10.0, 27], [22, 10], [7, 12], [1, 16]])
    a, b, c, d = first[:, 0], first[:, 1], second[:, 0], second[:, 1]
    n = a + b + c + d
    excess = (a - (a + b) * (a + c) / n).sum()
    variance = ((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))).sum()
    assert compare(first, second).p_value == pytest.approx(stats.chi2.sf(excess**2 / variance, 1), rel=1e-9)


def test_the_distance_is_half_the_sum_of_the_differences_of_shares():
    finding = compare(np.array([[6.0, 2, 2]]), np.array([[1.0, 5, 4]]))
    assert finding.first.tolist() == pytest.approx([0.6, 0.2, 0.2])
    assert finding.second.tolist() == pytest.approx([0.1, 0.5, 0.4])
    assert finding.distance == pytest.approx(0.5)


def test_other_subjects_are_no_difference():
    """Simpson's trap: each subject is answered alike in both versions, but the versions had other subjects."""
    first, second = np.array([[90.0, 10], [1, 9]]), np.array([[9.0, 1], [10, 90]])
    finding = compare(first, second)
    assert finding.distance == pytest.approx(0, abs=1e-12)
    assert finding.p_value == pytest.approx(1)


def test_subjects_that_only_one_version_had_do_not_matter():
    first, second = np.array([[5.0, 5], [100, 0], [0, 0]]), np.array([[2.0, 8], [0, 0], [0, 100]])
    alone = compare(first[:1], second[:1])
    both = compare(first, second)
    assert (both.distance, both.p_value) == (alone.distance, alone.p_value)
    assert compare(first[1:], second[1:]) is None


TABLES = arrays.arrays(np.float64, (4, 3), elements=st.integers(0, 20).map(float))


@drawn(TABLES, TABLES, st.permutations(range(3)))
@settings(max_examples=200, deadline=None)
def test_neither_the_order_of_the_versions_nor_that_of_the_answers_matters(first, second, order):
    difference, swapped = compare(first, second), compare(second[:, order], first[:, order])
    assert (difference is None) == (swapped is None)
    if difference is not None:
        assert 0 <= difference.distance <= 1 + 1e-12
        assert 0 <= difference.p_value <= 1
        assert swapped.distance == pytest.approx(difference.distance, abs=1e-12)
        assert swapped.p_value == pytest.approx(difference.p_value, abs=1e-9)
        assert difference.first.sum() == pytest.approx(1)


def test_where_there_is_no_difference_a_test_at_five_percent_is_wrong_in_five_of_a_hundred(stats):
    random = np.random.default_rng(20260301)
    wrong = 0
    for _ in range(400):
        shares = random.dirichlet([1, 1, 1], size=40)
        first = np.array([random.multinomial(4, share) for share in shares], dtype=float)
        second = np.array([random.multinomial(6, share) for share in shares], dtype=float)
        wrong += compare(first, second).p_value < 0.05
    # The limits are those between which a right test lies in 999 of 1,000 trials.
    assert stats.binom.ppf(0.0005, 400, 0.05) <= wrong <= stats.binom.ppf(0.9995, 400, 0.05)


def test_false_discovery_rates_are_those_of_benjamini_and_hochberg(stats):
    # The example of their paper: with a rate of 0.05 the first four of fifteen are discoveries.
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p_values += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    rates = false_discovery_rates(np.array(p_values[::-1]))[::-1]
    assert (rates < 0.05).tolist() == [True] * 4 + [False] * 11
    assert rates == pytest.approx(stats.false_discovery_control(p_values))
    assert false_discovery_rates(np.zeros(0)).tolist() == []
