"""Krippendorff's alpha."""

import pytest

from tests.volunteers.strategies import of_rows
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
    assert krippendorff_alpha(example()) == alpha


def test_perfect_agreement_and_none() -> None:
    agreed = [(unit, who, unit % 2) for unit in range(6) for who in range(3)]
    assert krippendorff_alpha(of_rows(agreed, 2)).value == 1
    # Each unit has one vote for each label: less agreement than chance gives.
    split = [(unit, who, who) for unit in range(6) for who in range(2)]
    value = krippendorff_alpha(of_rows(split, 2)).value
    assert value == pytest.approx(1 - 11 * 12 / (144 - 72))


def test_with_one_label_or_one_vote_each_there_is_none() -> None:
    assert krippendorff_alpha(of_rows([(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0)], 2)) == (None, None, None)
    assert krippendorff_alpha(of_rows([(0, 0, 0), (1, 1, 1)], 2)) == (None, None, None)
