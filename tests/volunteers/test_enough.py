"""How many votes are enough."""

import numpy as np
import pytest

from tests.volunteers.strategies import of_rows
from zoo_dag.volunteers.enough import with_fewer_votes
from zoo_dag.volunteers.votes import Votes


def simulated(n_gold: int = 300) -> Votes:
    random = np.random.default_rng(8)
    truth = random.integers(0, 2, 300)
    rows = [
        (unit, who, int(right if random.random() < 0.7 else 1 - right))
        for unit, right in enumerate(truth)
        for who in range(15)
    ]
    return of_rows(rows, 2, {unit: int(truth[unit]) for unit in range(n_gold)})


def test_accuracy_grows_with_the_votes_as_binomials_say() -> None:
    one, three, all_of_them = with_fewer_votes(simulated(), "plurality", [1, 3, 15], draws=8)
    assert one.accuracy == pytest.approx(0.7, abs=0.03)
    # At least two of three right: 0.7^3 + 3 * 0.7^2 * 0.3.
    assert three.accuracy == pytest.approx(0.784, abs=0.03)
    # At least eight of fifteen.
    assert all_of_them.accuracy == pytest.approx(0.950, abs=0.03)
    assert one.same < three.same < all_of_them.same == 1
    assert one.n_units == 300


def test_without_gold_only_what_stays_the_same_is_known() -> None:
    (three,) = with_fewer_votes(simulated(0), "dawid_skene", [3])
    assert (three.accuracy, three.calibration_error) == (None, None)
    assert 0.5 < three.same < 1


def test_equal_votes_give_equal_results() -> None:
    assert with_fewer_votes(simulated(), "plurality", [2, 5]) == with_fewer_votes(simulated(), "plurality", [2, 5])
