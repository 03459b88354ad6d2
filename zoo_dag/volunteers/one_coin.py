"""Volunteers with one number each: how often they are right."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_expit

from zoo_dag.volunteers.votes import Floats, Votes, sums


class OneCoin:
    """Each volunteer is right with a probability of their own, and wrong in every other label alike.

    The model ZC of G. Demartini, D. E. Difallah and P. Cudré-Mauroux 2012, WWW, p. 469, at its most probable
    value: `right` and `wrong` votes are added to those of each volunteer. All labels are equally common: free
    prevalences collapse to the commonest label.
    """

    def __init__(self, votes: Votes, right: float = 4.0, wrong: float = 1.0) -> None:
        """Begin without skills: the fit begins with posteriors."""
        self._votes, self._right, self._wrong = votes, right, wrong
        self._n = sums(votes.volunteer, votes.weight, votes.n_volunteers)
        self.skill = np.zeros(votes.n_volunteers)

    def maximise(self, posterior: Floats) -> None:
        """Set the skills to the most probable ones."""
        votes = self._votes
        agree = posterior[votes.unit, votes.label] * votes.weights
        right = sums(votes.volunteer, agree, votes.n_volunteers)
        self.skill = (right + self._right) / (self._n + self._right + self._wrong)

    def log_joint(self) -> Floats:
        """Logarithm of the probability of votes and label."""
        votes = self._votes
        right, wrong = np.log(self.skill), np.log((1 - self.skill) / (votes.n_labels - 1))
        return _of_right_and_wrong(votes, right[votes.volunteer], wrong[votes.volunteer]) - float(
            np.log(votes.n_labels)
        )

    def log_prior(self) -> float:
        """Logarithm of the Beta densities, but for a constant."""
        return float((self._right * np.log(self.skill) + self._wrong * np.log(1 - self.skill)).sum())


class Glad:
    """Each volunteer has a skill, and each unit is more or less easy.

    J. Whitehill et al. 2009, NIPS 22:2035: a vote is right with the probability 1 / (1 + exp(-skill * ease)), with
    a standard normal prior of the logarithm of the ease, and one around 1 of the skill. All labels are equally
    common, and a wrong vote has every other label alike.
    """

    def __init__(self, votes: Votes, steps: int = 25) -> None:
        """Begin with equal skills and eases."""
        self._votes, self._steps = votes, steps
        self.skill = np.ones(votes.n_volunteers)
        self.log_ease = np.zeros(votes.n_units)

    def maximise(self, posterior: Floats) -> None:
        """Climb to better skills and eases by some steps."""
        votes = self._votes
        agree, weights, n = posterior[votes.unit, votes.label], votes.weights, votes.n_volunteers
        spread = np.log(votes.n_labels - 1)

        def loss(parameters: Floats) -> tuple[float, Floats]:
            skill, log_ease = parameters[:n], parameters[n:]
            ease = np.exp(log_ease)[votes.unit]
            strength = skill[votes.volunteer] * ease
            right, wrong = log_expit(strength), log_expit(-strength)
            gain = weights * (agree * right + (1 - agree) * (wrong - spread))
            slope = weights * (agree - np.exp(right))
            of_skill = sums(votes.volunteer, slope * ease, n) - (skill - 1)
            of_ease = sums(votes.unit, slope * strength, votes.n_units) - log_ease
            prior = ((skill - 1) ** 2).sum() / 2 + (log_ease**2).sum() / 2
            return float(prior - gain.sum()), -np.concatenate([of_skill, of_ease])

        start = np.concatenate([self.skill, self.log_ease])
        best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": self._steps}).x
        self.skill, self.log_ease = best[:n], best[n:]

    def log_joint(self) -> Floats:
        """Logarithm of the probability of votes and label."""
        votes = self._votes
        strength = self.skill[votes.volunteer] * np.exp(self.log_ease)[votes.unit]
        wrong = log_expit(-strength) - np.log(votes.n_labels - 1)
        return _of_right_and_wrong(votes, log_expit(strength), wrong) - float(np.log(votes.n_labels))

    def log_prior(self) -> float:
        """Logarithm of the normal densities, but for a constant."""
        return -float(((self.skill - 1) ** 2).sum() + (self.log_ease**2).sum()) / 2


def _of_right_and_wrong(votes: Votes, right: Floats, wrong: Floats) -> Floats:
    """By unit and label the sum over the votes, which count `right` for their label and `wrong` for the others."""
    weights, n_labels = votes.weights, votes.n_labels
    cells = votes.unit.astype(np.int64) * n_labels + votes.label
    gained = sums(cells, weights * (right - wrong), votes.n_units * n_labels)
    base = sums(votes.unit, weights * wrong, votes.n_units)
    return gained.reshape(votes.n_units, n_labels) + base[:, None]
