"""How certain a posterior may be: one temperature, by what gold says.

C. Guo et al. 2017, PMLR 70:1321. Models take the votes on a picture to be independent. They are not, so that
posteriors are too certain.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from zoo_dag.volunteers.votes import UNKNOWN, Floats, Integers, Votes

# Below so many gold units nothing is calibrated.
LEAST_GOLD = 20
_FOLDS = 5
_N_BINS = 10
_TINY = 1e-12


@dataclass(frozen=True)
class Calibration:
    """What gold says of posteriors.

    `temperature` divides the logarithms of posteriors; it is 1 where another one does not help on gold that it was
    not fitted on. `error` and `log_loss` are those of held-out gold, before and after it.
    """

    temperature: float
    n_gold: int
    error_before: float
    error_after: float
    log_loss_before: float
    log_loss_after: float
    reliability: tuple["Bin", ...]

    def apply(self, posterior: Floats) -> Floats:
        """The calibrated posterior."""
        return sharpened(posterior, 1 / self.temperature)


@dataclass(frozen=True)
class Bin:
    """Held-out gold whose largest posterior lies between two bounds: how often it was right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def calibrate(votes: Votes, fit: Callable[[Votes], Floats]) -> Calibration | None:
    """Calibrate on the gold of votes; None where there is too little.

    A fifth of the gold at a time is taken for unknown, and `fit` says the posterior from the rest. Then a
    temperature is fitted on four fifths of these posteriors and tried on the others.
    """
    known = np.flatnonzero(votes.is_gold & (votes.counts.sum(axis=1) > 0))
    if votes.gold is None or len(known) < LEAST_GOLD:
        return None
    truth, fold = votes.gold[known], np.arange(len(known)) % _FOLDS
    held_out = np.empty((len(known), votes.n_labels))
    for number in range(_FOLDS):
        hidden = votes.gold.copy()
        hidden[known[fold == number]] = UNKNOWN
        held_out[fold == number] = fit(replace(votes, gold=hidden))[known[fold == number]]
    tried = np.empty_like(held_out)
    for number in range(_FOLDS):
        inside = fold == number
        tried[inside] = sharpened(held_out[inside], _exponent(held_out[~inside], truth[~inside]))
    before, after = ((calibration_error(each, truth), log_loss(each, truth)) for each in (held_out, tried))
    helps = after[1] < before[1]
    temperature = 1 / _exponent(held_out, truth) if helps else 1.0
    used = tried if helps else held_out
    return Calibration(temperature, len(known), before[0], after[0], before[1], after[1], reliability(used, truth))


def sharpened(posterior: Floats, exponent: float) -> Floats:
    """The posterior to a power, normalised."""
    raised = np.maximum(posterior, _TINY) ** exponent
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _exponent(posterior: Floats, truth: Integers) -> float:
    """The power with the least logarithmic loss."""
    # SciPy is slow to import.
    from scipy.optimize import minimize_scalar  # noqa: PLC0415

    best = minimize_scalar(
        lambda power: log_loss(sharpened(posterior, float(np.exp(power))), truth),
        bounds=(np.log(0.02), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(best.x))


def log_loss(posterior: Floats, truth: Integers) -> float:
    """Mean of the negative logarithm of the posterior of the right label."""
    right = posterior[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(right, _TINY)).mean())


def calibration_error(posterior: Floats, truth: Integers) -> float:
    """Expected calibration error: how far the largest posterior is from how often it is right, over ten bins."""
    bins = reliability(posterior, truth)
    return sum(each.n * abs(each.accuracy - each.confidence) for each in bins) / len(truth)


def reliability(posterior: Floats, truth: Integers) -> tuple[Bin, ...]:
    """How often the label with the largest posterior is right, by ten bins of that posterior; none is empty."""
    confidence = posterior.max(axis=1)
    # Where several labels have it, each is right for its part.
    best = posterior >= confidence[:, None] - _TINY
    right = best[np.arange(len(truth)), truth] / best.sum(axis=1)
    place = np.minimum((confidence * _N_BINS).astype(int), _N_BINS - 1)
    return tuple(
        Bin(
            number / _N_BINS,
            (number + 1) / _N_BINS,
            int((place == number).sum()),
            float(confidence[place == number].mean()),
            float(right[place == number].mean()),
        )
        for number in np.unique(place)
    )
