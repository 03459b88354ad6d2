"""Votes with a weight for each volunteer: shares of weights instead of posteriors of a model."""

import numpy as np

from zoo_dag.volunteers.fitting import Fit
from zoo_dag.volunteers.votes import Floats, Votes, sums

# Of the weights of Galaxy Zoo 2: K. W. Willett et al. 2013, MNRAS 435:2835, equation 4.
_CONSISTENT, _POWER, _PASSES = 0.6, 8.5, 3
# Of the weights of Pulsar Hunters: a wrong answer on gold counts as much as two right ones.
_WRONG, _LEAST, _MOST = 2.0, 0.05, 3.0


def plurality(votes: Votes) -> Fit:
    """The shares of the votes."""
    return Fit(votes.clamped(votes.of_people.fractions()), 1, True)


def with_agreement(votes: Votes) -> Fit:
    """Each volunteer counts as much as their share of votes for the plurality: Wawa.

    Where several labels have most votes, each counts for its part.
    """
    counts = votes.of_people.counts
    best = counts == counts.max(axis=1, keepdims=True)
    agree = (best / best.sum(axis=1, keepdims=True))[votes.unit, votes.label]
    return Fit(_weighed(votes, _means(votes, agree)), 1, True)


def with_consistency(votes: Votes) -> Fit:
    """Volunteers whom few agree with count less, as in Galaxy Zoo 2; three passes.

    The consistency of a vote is the share of its label. Willett's own, which is the mean over all answers, differs
    between volunteers only where there are two or three.
    """
    shares = votes.of_people.fractions()
    for _ in range(_PASSES):
        consistency = _means(votes, shares[votes.unit, votes.label])
        shares = _weighed(votes, np.minimum(1, (consistency / _CONSISTENT) ** _POWER))
    return Fit(shares, _PASSES, True)


def with_gold(votes: Votes) -> Fit:
    """Volunteers count by how they answered gold, as in Pulsar Hunters: between 0.05 and 3 times.

    The weights are scaled so that all votes together weigh as many as they are.
    """
    known = votes.is_gold[votes.unit]
    truth = np.zeros(votes.n_units, np.int64) if votes.gold is None else votes.gold
    right = known & (votes.label == truth[votes.unit])
    n = sums(votes.volunteer, known * votes.weights, votes.n_volunteers)
    n_right = sums(votes.volunteer, right * votes.weights, votes.n_volunteers)
    seed = np.divide(n_right - _WRONG * (n - n_right), n, out=np.zeros_like(n), where=n > 0)
    weight = np.clip((1 + np.log10(np.maximum(n, 1))) ** seed, _LEAST, _MOST)
    scale = weight[votes.volunteer].mean() if len(votes.unit) else 1.0
    return Fit(_weighed(votes, weight / scale), 1, True)


def _means(votes: Votes, values: Floats) -> Floats:
    """The mean over the votes of each volunteer; 0 without votes."""
    n = sums(votes.volunteer, votes.weight, votes.n_volunteers)
    total = sums(votes.volunteer, values * votes.weights, votes.n_volunteers)
    return np.divide(total, n, out=np.zeros(votes.n_volunteers), where=n > 0)


def _weighed(votes: Votes, weight: Floats) -> Floats:
    """Shares of the weights by unit; those of the votes where the weights are all 0."""
    cells = votes.unit.astype(np.int64) * votes.n_labels + votes.label
    weights = votes.weights * weight[votes.volunteer]
    total = sums(cells, weights, votes.n_units * votes.n_labels).reshape(votes.n_units, votes.n_labels)
    weighed = total.sum(axis=1, keepdims=True)
    return votes.clamped(np.divide(total, weighed, out=votes.fractions(), where=weighed > 0))
