"""Expectation maximisation: posteriors of the units and what a model says of the volunteers, in turns.

A. P. Dempster, N. M. Laird and D. B. Rubin 1977, J. R. Stat. Soc. B 39:1. A model gives the joint probability of
the votes on a unit with each label as the right one, and takes posteriors to improve its parameters. The
objective, what the data say plus what the priors say, never falls.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zoo_dag.volunteers.votes import Floats, Votes

MOST_ITERATIONS = 200
# Largest change of the objective per vote at which a fit has converged.
TOLERANCE = 1e-6
# No posterior is certain where volunteers disagree: no model of votes can know that.
MOST_CERTAIN = 1 - 1e-9


class Model(Protocol):
    """A model of how volunteers vote."""

    def maximise(self, posterior: Floats) -> None:
        """Set the parameters to the best ones under a posterior."""

    def log_joint(self) -> Floats:
        """Logarithm of the probability of the votes on each unit and of each label as the right one."""

    def log_prior(self) -> float:
        """Logarithm of what the priors say of the parameters, but for a constant."""


@dataclass(frozen=True)
class Fit:
    """Posteriors by unit and label, and how they were computed.

    `objectives` has the penalised logarithm of the likelihood after each iteration.
    """

    posterior: Floats
    iterations: int
    converged: bool
    objectives: tuple[float, ...] = ()


def fit(
    votes: Votes,
    model: Model,
    *,
    iterations: int = MOST_ITERATIONS,
    tolerance: float = TOLERANCE,
    start: Floats | None = None,
) -> Fit:
    """Fit a model, from the shares of the votes or another start, until the objective changes no more."""
    posterior = votes.clamped(votes.fractions() if start is None else start.copy())
    objectives: list[float] = []
    enough = tolerance * float(votes.weights.sum())
    for done in range(1, iterations + 1):
        model.maximise(posterior)
        joint = model.log_joint()
        prior = model.log_prior()
        posterior, likelihood = _posterior(votes, joint)
        objectives.append(likelihood + prior)
        if len(objectives) > 1 and abs(objectives[-1] - objectives[-2]) < enough:
            return Fit(posterior, done, True, tuple(objectives))
    return Fit(posterior, iterations, False, tuple(objectives))


def _posterior(votes: Votes, joint: Floats) -> tuple[Floats, float]:
    """Normalised posteriors, and the logarithm of the likelihood of the votes and of what is known."""
    known = votes.is_gold
    gold = joint[known, votes.gold[known]].sum() if votes.gold is not None else 0.0
    largest = joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint - largest)
    total = posterior.sum(axis=1, keepdims=True)
    posterior /= total
    evidence = (largest + np.log(total))[~known, 0].sum()
    return votes.clamped(posterior), float(evidence + gold)


def not_certain(votes: Votes, posterior: Floats) -> Floats:
    """The posterior, of at most MOST_CERTAIN where the volunteers disagree and the right label is not known."""
    disagree = ((votes.of_people.counts > 0).sum(axis=1) > 1) & ~votes.is_gold
    certain = disagree & (posterior.max(axis=1) > MOST_CERTAIN)
    if not certain.any():
        return posterior
    bounded = posterior.copy()
    floor = (1 - MOST_CERTAIN) / (votes.n_labels - 1)
    lifted = np.maximum(bounded[certain], floor)
    bounded[certain] = lifted / lifted.sum(axis=1, keepdims=True)
    return bounded
