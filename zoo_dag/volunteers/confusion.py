"""Volunteers with a confusion matrix each: Dawid and Skene's model, and its Bayesian form.

A. P. Dawid and A. M. Skene 1979, Applied Statistics 28:20, with Dirichlet priors, and with known labels of gold.
The Bayesian classifier combination (IBCC): H.-C. Kim and Z. Ghahramani 2012, AISTATS 22:619, by variational
inference as E. Simpson et al. 2013, Decision Making and Imperfection, p. 1.
"""

import numpy as np
from scipy.special import digamma, gammaln

from zoo_dag.volunteers.votes import Floats, Votes, sums

# Votes that are counted at least: without priors, a label that a volunteer never had to give says nothing.
_LEAST = 1e-10


class _Prevalences:
    """How common each label is, by group of units, with `prior` units of each label added."""

    def __init__(self, votes: Votes, prior: float) -> None:
        self._groups = votes.groups
        self._n_groups = int(self._groups.max(initial=0)) + 1
        self.prior = prior
        self.counts: Floats = np.zeros((self._n_groups, votes.n_labels))

    def maximise(self, posterior: Floats) -> None:
        columns = [sums(self._groups, column, self._n_groups) for column in posterior.T]
        self.counts = np.stack(columns, axis=1) + self.prior

    def shares(self) -> Floats:
        return np.asarray(self.counts / self.counts.sum(axis=1, keepdims=True))

    def of_units(self, values: Floats) -> Floats:
        return values[self._groups]


class DawidSkene:
    """A confusion matrix for each volunteer, and prevalences, at their most probable values.

    `right` and `wrong` votes of each kind are added to those of each volunteer, and `prevalence` units of each
    label to each group. Without any of them it is Dawid and Skene's maximum likelihood.
    """

    def __init__(self, votes: Votes, right: float = 2.0, wrong: float = 1.0, prevalence: float = 1.0) -> None:
        """Begin without parameters: the fit begins with posteriors."""
        self._votes, self._pairs = votes, votes.pairs
        self._prior = np.full((votes.n_labels, votes.n_labels), wrong) + (right - wrong) * np.eye(votes.n_labels)
        self._prevalences = _Prevalences(votes, prevalence)
        # By pair and right label: how probable it is that the volunteer gives the label of the pair.
        self.confusion = np.zeros((len(self._pairs.volunteer), votes.n_labels))

    def maximise(self, posterior: Floats) -> None:
        """Set confusion and prevalences to the most probable ones."""
        self._prevalences.maximise(posterior)
        counts = np.maximum(self._votes.by_pair(posterior), _LEAST)
        counts += self._prior.T[self._pairs.label]
        # Labels that the volunteer never gave have their prior.
        given = self._pairs.by_volunteer(self._prior.T[self._pairs.label])
        self._totals = self._pairs.by_volunteer(counts) + self._prior.sum(axis=1) - given
        self.confusion = counts / self._pairs.of_voter(self._totals)

    def log_joint(self) -> Floats:
        """Logarithm of the probability of votes and label."""
        self._log_confusion = _log(self.confusion)
        return self._votes.by_unit(self._log_confusion) + self._prevalences.of_units(_log(self.prevalence))

    @property
    def prevalence(self) -> Floats:
        """How common each label is, by group."""
        return self._prevalences.shares()

    def log_prior(self) -> float:
        """Logarithm of the Dirichlet densities, but for a constant."""
        of_pairs = self._prior.T[self._pairs.label]
        given = float((of_pairs * self._log_confusion).sum())
        # A label never given has the probability prior / total.
        left = self._prior.sum(axis=1) - self._pairs.by_volunteer(of_pairs)
        own = np.where(self._prior > 0, self._prior * _log(self._prior), 0.0)
        own_left = own.sum(axis=1) - self._pairs.by_volunteer(own.T[self._pairs.label])
        never = float((own_left - left * _log(self._totals)).sum())
        return given + never + self._prevalences.prior * float(_log(self.prevalence).sum())


class VariationalBayes:
    """Dawid and Skene's model with whole distributions of confusion and prevalences: IBCC.

    The objective is the lower bound of the evidence. The priors are as in DawidSkene, of which they are the
    parameters themselves.
    """

    def __init__(self, votes: Votes, right: float = 4.0, wrong: float = 1.0, prevalence: float = 1.0) -> None:
        """Begin without parameters: the fit begins with posteriors."""
        self._votes, self._pairs = votes, votes.pairs
        self._prior = np.full((votes.n_labels, votes.n_labels), wrong) + (right - wrong) * np.eye(votes.n_labels)
        self._prevalences = _Prevalences(votes, prevalence)

    def maximise(self, posterior: Floats) -> None:
        """Set the distributions to the best ones."""
        self._prevalences.maximise(posterior)
        self._counts = self._votes.by_pair(posterior)

    def log_joint(self) -> Floats:
        """Expected logarithm of the probability of votes and label."""
        of_pairs = self._prior.T[self._pairs.label]
        self._alpha = self._counts + of_pairs
        self._totals = self._pairs.by_volunteer(self._counts) + self._prior.sum(axis=1)
        expected = digamma(self._alpha) - self._pairs.of_voter(digamma(self._totals))
        counts = self._prevalences.counts
        common = digamma(counts) - digamma(counts.sum(axis=1, keepdims=True))
        return self._votes.by_unit(expected) + self._prevalences.of_units(common)

    def log_prior(self) -> float:
        """Less the divergence of the distributions from their priors."""
        of_pairs = self._prior.T[self._pairs.label]
        total = self._prior.sum(axis=1)
        confusion = (
            (gammaln(self._alpha) - gammaln(of_pairs)).sum()
            - (gammaln(self._totals) - gammaln(total)).sum()
            - (self._counts * digamma(self._alpha)).sum()
            + (self._pairs.by_volunteer(self._counts) * digamma(self._totals)).sum()
        )
        prior, counts = self._prevalences.prior, self._prevalences.counts
        units = counts - prior
        n_labels = counts.shape[1]
        common = (
            (gammaln(counts) - gammaln(prior)).sum()
            - (gammaln(counts.sum(axis=1)) - gammaln(prior * n_labels)).sum()
            - (units * digamma(counts)).sum()
            + (units.sum(axis=1) * digamma(counts.sum(axis=1))).sum()
        )
        return float(confusion + common)


def _log(values: Floats) -> Floats:
    return np.log(values, out=np.zeros_like(values), where=values > 0)
