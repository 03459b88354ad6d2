"""Krippendorff's alpha."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.volunteers.strategies import of_rows, votes
from zoo_dag.volunteers.agreement import krippendorff_alpha
from zoo_dag.volunteers.votes import Votes

# An example of Krippendorff's: three observers, fifteen units, four values; `*` is no vote.
OBSERVERS = ("*****34121133*3", "1*213343*******", "**21344*21133*4")


def example() -> Votes:
    return of_rows(
        [
            (unit, observer, int(value) - 1)
            for observer, values in enumerate(OBSERVERS)
            for unit, value in enumerate(values)
            if value != "*"
        ],
        4,
    )


def test_an_example_of_krippendorffs() -> None:
    alpha = krippendorff_alpha(example())
    assert alpha.value == pytest.approx(0.691, abs=5e-4)
    assert alpha.low is not None
    assert alpha.high is not None
    assert alpha.low < alpha.value < alpha.high <= 1
    assert alpha.n_units == 12


def test_perfect_agreement_and_none() -> None:
    agreed = [(unit, who, unit % 2) for unit in range(6) for who in range(3)]
    assert krippendorff_alpha(of_rows(agreed, 2)).value == 1
    # Each unit has one vote for each label: less agreement than chance gives.
    split = [(unit, who, who) for unit in range(6) for who in range(2)]
    value = krippendorff_alpha(of_rows(split, 2)).value
    assert value == pytest.approx(1 - 11 * 12 / (144 - 72))


def test_with_one_label_or_one_vote_each_there_is_none() -> None:
    assert krippendorff_alpha(of_rows([(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0)], 2)) == (None, None, None, 2)
    assert krippendorff_alpha(of_rows([(0, 0, 0), (1, 1, 1)], 2)) == (None, None, None, 0)


def simulated(random: np.random.Generator, n_units: int, right: float = 0.8) -> Votes:
    truth = random.integers(0, 3, n_units)
    said = [
        (unit, who, int(truth[unit] if random.random() < right else random.integers(0, 3)))
        for unit in range(n_units)
        for who in range(5)
    ]
    return of_rows(said, 3)


def test_the_interval_covers_the_alpha_of_many_units() -> None:
    random = np.random.default_rng(5)
    # Two say the same with the probability p, 1/3 by chance.
    p = (0.8 + 0.2 / 3) ** 2 + 2 * (0.2 / 3) ** 2
    alpha = (p - 1 / 3) / (1 - 1 / 3)
    intervals = [krippendorff_alpha(simulated(random, 40)) for _ in range(100)]
    covered = sum(each.low is not None and each.low <= alpha <= (each.high or 1) for each in intervals)
    assert 88 <= covered <= 100
    assert krippendorff_alpha(simulated(random, 4000)).value == pytest.approx(alpha, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(votes(with_gold=False))
def test_leaving_out_a_unit_is_computed_without_doing_it(cast: Votes) -> None:
    """The interval is that of the alphas with one unit less each, computed one by one."""
    found = krippendorff_alpha(cast)
    n_votes = np.bincount(cast.unit, minlength=cast.n_units)
    kept = [cast.unit != unit for unit in np.flatnonzero(n_votes >= 2)]
    parts = [
        replace(cast, unit=cast.unit[part], volunteer=cast.volunteer[part], label=cast.label[part])
        for part in kept
    ]
    each = [value for part in parts if (value := krippendorff_alpha(part).value) is not None]
    if found.value is None or len(each) < 2:
        assert found.low is None
        return
    variance = np.var(each) * (len(each) - 1)
    assert found.low == pytest.approx(found.value - 1.959964 * np.sqrt(variance), abs=1e-9)
