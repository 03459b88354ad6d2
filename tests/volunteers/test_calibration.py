"""Temperatures, and what is measured with them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.volunteers.strategies import of_rows
from zoo_dag.volunteers.calibration import calibrate, calibration_error, log_loss, reliability, sharpened
from zoo_dag.volunteers.confusion import DawidSkene
from zoo_dag.volunteers.fitting import fit
from zoo_dag.volunteers.votes import UNKNOWN, Floats, Votes


def _posterior(votes: Votes) -> Floats:
    return fit(votes, DawidSkene(votes)).posterior


def _dependent(n_units: int = 400, n_gold: int = 150) -> tuple[Votes, np.ndarray]:
    """Votes that are less independent than they look: three friends always say the same."""
    random = np.random.default_rng(11)
    truth = random.integers(0, 2, n_units)
    rows = []
    for unit, right in enumerate(truth):
        of_friends = right if random.random() < 0.75 else 1 - right
        rows += [(unit, friend, int(of_friends)) for friend in range(3)]
        rows += [(unit, who, int(right if random.random() < 0.7 else 1 - right)) for who in (3, 4)]
    return of_rows(rows, 2, {unit: int(truth[unit]) for unit in range(n_gold)}), truth


def test_dependent_votes_are_too_certain_until_they_are_calibrated() -> None:
    votes, truth = _dependent()
    calibration = calibrate(votes, _posterior)
    assert calibration is not None
    raw = _posterior(votes)
    calibrated = calibration.apply(raw)
    rest = np.arange(150, 400)
    errors = [calibration_error(each[rest], truth[rest]) for each in (raw, calibrated)]
    assert errors[0] > 0.2
    assert errors[1] < errors[0] * 0.6
    assert calibration.temperature > 2
    assert calibration.n_gold == 150
    assert calibration.log_loss_after < calibration.log_loss_before
    # The order of the labels, and so the winner, stays.
    assert (raw.argmax(axis=1) == calibrated.argmax(axis=1)).all()


def test_where_no_temperature_helps_the_posterior_stays() -> None:
    """Certainty as the model says it: nothing to correct but chance."""
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, 60)
    confidence = random.uniform(0.5, 1.0, 60)
    said = np.where(random.random(60) < confidence, truth, 1 - truth)
    posterior = np.stack([np.where(said == 0, confidence, 1 - confidence)] * 2, axis=1)
    posterior[:, 1] = 1 - posterior[:, 0]
    votes = Votes(np.arange(60), np.zeros(60, int), said, 60, 1, 2, gold=truth)
    calibration = calibrate(votes, lambda _: posterior.copy())
    assert calibration is not None
    assert calibration.temperature == 1
    assert calibration.apply(posterior) == pytest.approx(posterior)


def test_little_gold_calibrates_nothing() -> None:
    votes, truth = _dependent()
    few = np.full(400, UNKNOWN)
    few[:19] = truth[:19]
    assert calibrate(replace(votes, gold=few), _posterior) is None


def test_gold_is_held_out() -> None:
    """The gold that a posterior is tried on is not known to the fit."""
    votes, _ = _dependent()
    seen: list[int] = []

    def fitted(part: Votes) -> Floats:
        seen.append(int(part.is_gold.sum()))
        return _posterior(part)

    calibrate(votes, fitted)
    assert seen == [120] * 5


def test_figures_by_hand() -> None:
    posterior = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.5, 0.5]])
    truth = np.array([0, 1, 1, 0])
    assert log_loss(posterior, truth) == pytest.approx(-np.log([0.9, 0.2, 0.7, 0.5]).mean())
    # Bins 0.5, 0.7, 0.8 and 0.9, of one each; a tie is half right.
    assert calibration_error(posterior, truth) == pytest.approx((0 + 0.3 + 0.8 + 0.1) / 4)
    assert [(each.n, each.accuracy) for each in reliability(posterior, truth)] == [
        (1, 0.5),
        (1, 1),
        (1, 0),
        (1, 1),
    ]
    assert sharpened(np.array([[0.8, 0.2]]), 0.5)[0].tolist() == pytest.approx([2 / 3, 1 / 3])
