"""The Space Warps analysis pipeline: every vote in the order of time, by volunteers who are trained on gold.

P. J. Marshall et al. 2016, MNRAS 455:1171, with any number of labels.
"""

from typing import NamedTuple

import numpy as np

from zoo_dag.volunteers.fitting import Fit
from zoo_dag.volunteers.votes import UNKNOWN, Floats, Integers, Votes, sums


def swap(votes: Votes, prior: Floats | None = None, smoothing: float = 2.0) -> Fit:
    """The posterior after the last vote on each unit; without votes it is the prior."""
    steps = log_evidence(votes, smoothing)
    start = _log_prior(votes, prior)
    joint = np.stack([sums(votes.unit, votes.weights * step, votes.n_units) for step in steps.T], axis=1)
    return Fit(votes.clamped(_normalised(joint + start)), 1, True)


def trajectories(votes: Votes, prior: Floats | None = None, smoothing: float = 2.0) -> Floats:
    """The posterior of the unit of each vote after the vote, in the order of the votes."""
    steps = log_evidence(votes, smoothing) * votes.weights[:, None]
    order = np.argsort(votes.unit, kind="stable")
    summed = np.cumsum(steps[order], axis=0)
    first = _first(votes.unit[order])
    before = (summed - steps[order])[first]
    joint = np.empty_like(steps)
    joint[order] = summed - np.repeat(before, np.diff([*first, len(order)]), axis=0)
    return _normalised(joint + _log_prior(votes, prior))


def log_evidence(votes: Votes, smoothing: float = 2.0) -> Floats:
    """By vote and right label, how probable this vote is, by what the volunteer said of gold before; logarithm.

    A volunteer starts with `smoothing` votes on units of each right label, spread evenly over the labels.
    """
    truth = np.full(votes.n_units, UNKNOWN) if votes.gold is None else votes.gold
    right = truth[votes.unit]
    said = _Earlier.within(votes.volunteer.astype(np.int64) * votes.n_labels + votes.label)
    seen = _Earlier.within(votes.volunteer)
    evidence = np.empty((len(votes.unit), votes.n_labels))
    for label in range(votes.n_labels):
        trained = (right == label) * votes.weights
        share = (said.n_counted(trained) + smoothing / votes.n_labels) / (seen.n_counted(trained) + smoothing)
        evidence[:, label] = np.log(share)
    return evidence


class _Earlier(NamedTuple):
    """The votes in the order of their groups, and where each group begins."""

    order: Integers
    first: Integers

    @classmethod
    def within(cls, group: Integers) -> "_Earlier":
        order = np.argsort(group, kind="stable")
        return cls(order, _first(group[order]))

    def n_counted(self, counted: Floats) -> Floats:
        """For each vote how much earlier votes of its group count."""
        ordered = counted[self.order]
        running = np.cumsum(ordered) - ordered
        earlier = np.empty(len(ordered))
        lengths = np.diff([*self.first, len(ordered)])
        earlier[self.order] = running - np.repeat(running[self.first], lengths)
        return earlier


def _first(ordered: Integers) -> Integers:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, np.int64)


def _log_prior(votes: Votes, prior: Floats | None) -> Floats:
    return np.log(np.full(votes.n_labels, 1 / votes.n_labels) if prior is None else prior)


def _normalised(joint: Floats) -> Floats:
    posterior = np.exp(joint - joint.max(axis=1, keepdims=True))
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))
