"""Rules that retire subjects, replayed over the votes in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from zoo_dag.volunteers.swap import trajectories
from zoo_dag.volunteers.votes import UNKNOWN, Floats, Integers, Votes

Flags = NDArray[np.bool_]
# In `Replay.rule`: no rule retired the unit.
NOT_RETIRED = -1
# Of more labels SWAP takes all but one for the same.
_MOST_LABELS = 20


@dataclass(frozen=True)
class Running:
    """What stands after each vote, in the order of units and of time within them.

    `n` votes on the unit, of which `of_own_label` say what the vote says; `most` is the largest number of votes
    for a label, and `leader` that label: of several with as many, the one that had them first. `same` says whether
    all votes so far say the same. `first` is the first vote of each unit with votes.
    """

    votes: Votes
    order: Integers
    n: Integers
    of_own_label: Integers
    most: Integers
    leader: Integers
    same: Flags
    first: Integers

    @classmethod
    def over(cls, votes: Votes) -> "Running":
        """Run over the votes, which are in the order of time."""
        order = np.argsort(votes.unit, kind="stable")
        unit, label = votes.unit[order], votes.label[order]
        first = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]]) if len(unit) else np.zeros(0, np.int64)
        start = np.repeat(first, np.diff([*first, len(unit)]))
        n = np.arange(len(unit)) - start + 1
        own = _running_number(unit.astype(np.int64) * votes.n_labels + label)
        # The number of the unit keeps the running maximum within it.
        step = int(own.max(initial=0)) + 1
        most = np.maximum.accumulate(np.cumsum(n == 1) * step + own) - np.cumsum(n == 1) * step
        lead = own == most
        lead &= np.r_[True, most[1:] > most[:-1]] | (n == 1) if len(unit) else lead
        leader = label[np.maximum.accumulate(np.where(lead, np.arange(len(unit)), 0))]
        return cls(votes, order, n, own, most, leader, most == n, first)


class Decision(NamedTuple):
    """Whether a rule holds after each vote, and the label that it would retire the unit as."""

    holds: Flags
    label: Integers


class Rule(Protocol):
    """A rule that retires a unit."""

    @property
    def name(self) -> str:
        """The name of the rule."""

    def decide(self, running: Running) -> Decision:
        """What it says after each vote."""


@dataclass(frozen=True)
class AfterCount:
    """Retires after `count` votes."""

    name: str
    count: int

    def decide(self, running: Running) -> Decision:
        """Whether there are enough votes."""
        return Decision(np.asarray(running.n >= self.count), running.leader)


@dataclass(frozen=True)
class AfterConsensus:
    """Retires when a `share` of at least `count` votes say the same; with a `label` only where it is that."""

    name: str
    count: int
    share: float
    label: int | None = None

    def decide(self, running: Running) -> Decision:
        """Whether enough votes agree."""
        enough = (running.n >= self.count) & (running.most >= self.share * running.n)
        enough = enough if self.label is None else enough & (running.leader == self.label)
        return Decision(np.asarray(enough), running.leader)


@dataclass(frozen=True)
class AfterVotesFor:
    """Retires after `count` votes for a label, or for any; `at_once` if no vote before said something else."""

    name: str
    count: int
    label: int | None
    at_once: bool = False

    def decide(self, running: Running) -> Decision:
        """Whether enough votes say what this vote says."""
        says = running.votes.label[running.order]
        said = running.of_own_label >= self.count
        said = said if self.label is None else said & (says == self.label)
        return Decision(np.asarray(said & running.same if self.at_once else said), says)


@dataclass(frozen=True)
class AfterPosterior:
    """Retires when the posterior of SWAP of a label is at least `certain`, or at most `ruled_out`.

    Then it is that label, or the most probable of the others.
    """

    name: str
    label: int
    certain: float | None = None
    ruled_out: float | None = None
    prior: Floats | None = None

    def decide(self, running: Running) -> Decision:
        """Whether the posterior crossed one of the bounds."""
        if running.votes.n_labels > _MOST_LABELS:
            return self._against_the_rest(running)
        posterior = trajectories(running.votes, self.prior)[running.order]
        own = posterior[:, self.label].copy()
        accepted, rejected = self._crossed(own)
        posterior[:, self.label] = -1
        return Decision(accepted | rejected, np.where(accepted, self.label, posterior.argmax(axis=1)))

    def _crossed(self, own: Floats) -> tuple[Flags, Flags]:
        accepted = own >= self.certain if self.certain is not None else np.zeros(len(own), bool)
        rejected = own <= self.ruled_out if self.ruled_out is not None else np.zeros(len(own), bool)
        return np.asarray(accepted), np.asarray(rejected)

    def _against_the_rest(self, running: Running) -> Decision:
        """The same where there is no room for the posteriors of all labels: of the label and the rest."""
        votes, own = running.votes, self.label
        gold = None if votes.gold is None else np.where(votes.gold == UNKNOWN, UNKNOWN, votes.gold == own)
        both = replace(votes, label=(votes.label == own).astype(np.int32), n_labels=2, gold=gold)
        of_own = 1 / votes.n_labels if self.prior is None else self.prior[own]
        accepted, rejected = self._crossed(trajectories(both, np.array([1 - of_own, of_own]))[running.order, 1])
        says = votes.label[running.order]
        others = np.where(running.leader == own, says, running.leader)
        return Decision(accepted | rejected, np.where(accepted, own, others))


class Replay(NamedTuple):
    """When and as what units would have retired.

    By unit: `rule`, the number of the rule that did, or NOT_RETIRED; `n_used`, the votes until then, else all;
    `last`, the vote that did, else the last one, -1 without votes; and `label`, what the rule says it is, else the
    leader.
    """

    rule: Integers
    n_used: Integers
    last: Integers
    label: Integers


def replay(votes: Votes, rules: Sequence[Rule]) -> Replay:
    """Retire each unit by the first rule that holds; of those that begin to hold with the same vote, the first."""
    running = Running.over(votes)
    end = np.r_[running.first[1:], len(running.n)] - 1 if len(running.n) else running.first
    units = votes.unit[running.order][running.first]
    at, which, label = end.copy(), np.full(len(end), NOT_RETIRED), running.leader[end]
    for number, rule in enumerate(rules):
        decision = rule.decide(running)
        begins = _first_of_each(decision.holds, running.first)
        sooner = (begins >= 0) & ((begins < at) | ((begins == at) & (which == NOT_RETIRED)))
        at[sooner], which[sooner], label[sooner] = begins[sooner], number, decision.label[begins[sooner]]
    by_unit = np.full((4, votes.n_units), -1)
    by_unit[1] = 0
    by_unit[:, units] = which, running.n[at], running.order[at], label
    return Replay(*by_unit)


def _first_of_each(flags: Flags, first: Integers) -> Integers:
    """The place of the first true flag of each run that begins at `first`, or -1."""
    places = np.where(flags, np.arange(len(flags)), len(flags))
    least = np.minimum.reduceat(places, first) if len(first) else places
    return np.where(least < len(flags), least, -1)


def _running_number(group: Integers) -> Integers:
    """For each element how many of its group there are up to it."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else np.zeros(0, np.int64)
    number = np.empty(len(group), np.int64)
    number[order] = np.arange(len(group)) - np.repeat(first, np.diff([*first, len(group)])) + 1
    return number
