"""Rules that retire subjects, replayed over the votes in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from zoo_dag.volunteers.swap import trajectories
from zoo_dag.volunteers.votes import Floats, Integers, Votes

Flags = NDArray[np.bool_]
# In `Replay.rule`: no rule retired the unit.
NOT_RETIRED = -1


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


class Rule(Protocol):
    """A rule that retires a unit."""

    @property
    def name(self) -> str:
        """The name of the rule."""

    def holds(self, running: Running) -> Flags:
        """Whether it holds after each vote."""


@dataclass(frozen=True)
class AfterCount:
    """Retires after `count` votes."""

    name: str
    count: int

    def holds(self, running: Running) -> Flags:
        """Whether there are enough votes."""
        return np.asarray(running.n >= self.count)


@dataclass(frozen=True)
class AfterConsensus:
    """Retires when a `share` of at least `count` votes say the same; with a `label` only where it is that."""

    name: str
    count: int
    share: float
    label: int | None = None

    def holds(self, running: Running) -> Flags:
        """Whether enough votes agree."""
        enough = (running.n >= self.count) & (running.most >= self.share * running.n)
        return np.asarray(enough if self.label is None else enough & (running.leader == self.label))


@dataclass(frozen=True)
class AfterVotesFor:
    """Retires after `count` votes for a label; `at_once` if these are the first votes and no other came before."""

    name: str
    count: int
    label: int
    at_once: bool = False

    def holds(self, running: Running) -> Flags:
        """Whether enough votes say it."""
        said = (running.votes.label[running.order] == self.label) & (running.of_own_label >= self.count)
        return np.asarray(said & running.same if self.at_once else said)


@dataclass(frozen=True)
class AfterPosterior:
    """Retires when the posterior of SWAP of a label is at least `certain`, or at most `ruled_out`."""

    name: str
    label: int
    certain: float = 1.0
    ruled_out: float = 0.0
    prior: Floats | None = None

    def holds(self, running: Running) -> Flags:
        """Whether the posterior crossed one of the bounds."""
        posterior = trajectories(running.votes, self.prior)[running.order, self.label]
        return np.asarray((posterior >= self.certain) | (posterior <= self.ruled_out))


class Replay(NamedTuple):
    """When and as what units would have retired.

    By unit: `rule`, the number of the rule that did, or NOT_RETIRED; `n_used`, the votes until then, else all;
    `last`, the vote that did, else the last one, -1 without votes; and `label`, the leader then.
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
    at, which = end.copy(), np.full(len(end), NOT_RETIRED)
    for number, rule in enumerate(rules):
        begins = _first_of_each(rule.holds(running), running.first)
        sooner = (begins >= 0) & ((begins < at) | ((begins == at) & (which == NOT_RETIRED)))
        at[sooner], which[sooner] = begins[sooner], number
    by_unit = np.full((4, votes.n_units), -1)
    by_unit[1] = 0
    by_unit[:, units] = which, running.n[at], running.order[at], running.leader[at]
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
