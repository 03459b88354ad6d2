"""Volunteers who answer or guess: MACE."""

import numpy as np

from zoo_dag.volunteers.votes import Floats, Votes, sums


class Mace:
    """Each volunteer knows the right label with a probability of their own, and else guesses by habit.

    D. Hovy et al. 2013, NAACL-HLT, p. 1120, at its most probable value. `known` and `guessed` votes are added to
    those of each volunteer, and `habit` guesses of each label. All labels are equally common. The start is the
    shares of the votes instead of random ones, so that names and order change nothing.
    """

    def __init__(self, votes: Votes, known: float = 1.0, guessed: float = 1.0, habit: float = 1.0) -> None:
        """Begin with half of the votes known."""
        self._votes, self._pairs = votes, votes.pairs
        self._known, self._guessed, self._habit = known, guessed, habit
        pairs = self._pairs
        self._n = sums(pairs.of_vote, votes.weights, len(pairs.volunteer))
        n_voters = len(pairs.voters)
        self.skill = np.full(n_voters, 0.5)
        # By pair; a label never given has what is left of the habit.
        self.guesses = np.full(len(pairs.volunteer), 1 / votes.n_labels)

    def maximise(self, posterior: Floats) -> None:
        """Set skills and habits to better ones."""
        votes, pairs = self._votes, self._pairs
        agree = posterior[votes.unit, votes.label] * votes.weights
        right = sums(pairs.of_vote, agree, len(pairs.volunteer))
        knows = pairs.of_voter(self.skill)
        guess = (1 - knows) * self.guesses
        knew = right * knows / (knows + guess)
        guessed = self._n - knew
        n_knew, n_guessed = pairs.by_volunteer(knew), pairs.by_volunteer(guessed)
        self.skill = (n_knew + self._known) / (n_knew + n_guessed + self._known + self._guessed)
        self._totals = n_guessed + self._habit * votes.n_labels
        self.guesses = (guessed + self._habit) / pairs.of_voter(self._totals)

    def log_joint(self) -> Floats:
        """Logarithm of the probability of votes and label."""
        votes, pairs = self._votes, self._pairs
        knows = pairs.of_voter(self.skill)
        wrong = np.log((1 - knows) * self.guesses)
        right = np.log(knows + (1 - knows) * self.guesses)
        values = np.repeat(wrong[:, None], votes.n_labels, axis=1)
        values[np.arange(len(wrong)), pairs.label] = right
        return votes.by_unit(values) - float(np.log(votes.n_labels))

    def log_prior(self) -> float:
        """Logarithm of the Beta and Dirichlet densities, but for a constant."""
        never = self._votes.n_labels - self._pairs.by_volunteer(np.ones(len(self.guesses)))
        habits = np.log(self.guesses).sum() + (never * np.log(self._habit / self._totals)).sum()
        skills = self._known * np.log(self.skill) + self._guessed * np.log(1 - self.skill)
        return float(skills.sum() + self._habit * habits)
