"""Models with one number for each volunteer, and MACE."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.volunteers.strategies import of_rows, votes
from zoo_dag.volunteers.fitting import fit
from zoo_dag.volunteers.mace import Mace
from zoo_dag.volunteers.one_coin import Glad, OneCoin
from zoo_dag.volunteers.votes import Votes


@settings(max_examples=30, deadline=None)
@given(votes())
@pytest.mark.parametrize("kind", [OneCoin, Glad, Mace])
def test_the_objective_never_falls(kind: type[OneCoin | Glad | Mace], cast: Votes) -> None:
    fitted = fit(cast, kind(cast), iterations=20, tolerance=0)
    assert np.diff(fitted.objectives).min(initial=0) > -1e-7


def test_the_skill_of_one_coin_after_one_step() -> None:
    """By hand: two agree on a unit, and a third says something else."""
    cast = of_rows([(0, 0, 0), (0, 1, 0), (0, 2, 1)], 2)
    model = OneCoin(cast)
    fitted = fit(cast, model, iterations=1)
    assert model.skill.tolist() == pytest.approx([(2 / 3 + 4) / 6, (2 / 3 + 4) / 6, (1 / 3 + 4) / 6])
    a, b = (2 / 3 + 4) / 6, (1 / 3 + 4) / 6
    zero, one = a * a * (1 - b), (1 - a) * (1 - a) * b
    assert fitted.posterior[0].tolist() == pytest.approx([zero / (zero + one), one / (zero + one)])


def test_glad_knows_which_units_are_hard() -> None:
    rows = [(unit, who, 0 if who < 6 or unit % 2 else who % 2) for unit in range(20) for who in range(10)]
    cast = of_rows(rows, 2)
    model = Glad(cast)
    fit(cast, model)
    hard, easy = model.log_ease[::2], model.log_ease[1::2]
    assert hard.max() < easy.min()


def test_mace_knows_who_guesses() -> None:
    random = np.random.default_rng(7)
    rows = [
        (unit, who, unit % 4 if who < 4 else int(random.integers(0, 4))) for unit in range(200) for who in range(6)
    ]
    cast = of_rows(rows, 4)
    model = Mace(cast)
    fit(cast, model)
    assert model.skill[:4].min() > 0.9
    assert model.skill[4:].max() < 0.2
