"""Votes as numbers: who said what of which unit.

A unit is what is voted on: a subject of a question; a subject and an option where several may be chosen; a cluster
of marks. Labels are numbers from 0, the same for all units.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Integers = NDArray[np.integer]
Floats = NDArray[np.float64]

# In `Votes.gold`: the right label of the unit is not known.
UNKNOWN = -1


def sums(places: Integers, values: Floats | None, n: int) -> Floats:
    """Sums of the values by place, of `n` places; without values how many there are."""
    return np.bincount(places, values, n).astype(np.float64, copy=False)


@dataclass(frozen=True)
class Votes:
    """Votes, one per element of `unit`, `volunteer` and `label`, in the order of time where a method needs it.

    `weight` is 1 by default. `group` has for each unit the number of its group: the groups have prevalences of
    their own, such as the species of a survey. `gold` has for each unit the right label, or UNKNOWN. Volunteers
    from the number `n_people` up are machines; without it all are people.
    """

    unit: Integers
    volunteer: Integers
    label: Integers
    n_units: int
    n_volunteers: int
    n_labels: int
    group: Integers | None = None
    gold: Integers | None = None
    weight: Floats | None = field(default=None)
    n_people: int | None = None

    @property
    def weights(self) -> Floats:
        """The weight of each vote."""
        return np.ones(len(self.unit)) if self.weight is None else self.weight

    @property
    def groups(self) -> Integers:
        """The group of each unit."""
        return np.zeros(self.n_units, np.int32) if self.group is None else self.group

    @property
    def is_gold(self) -> NDArray[np.bool_]:
        """For each unit whether its right label is known."""
        return np.zeros(self.n_units, bool) if self.gold is None else self.gold != UNKNOWN

    @property
    def is_person(self) -> NDArray[np.bool_]:
        """For each volunteer whether it is a person, and no machine."""
        n_people = self.n_volunteers if self.n_people is None else self.n_people
        return np.arange(self.n_volunteers) < n_people

    @property
    def of_people(self) -> "Votes":
        """The votes without those of machines: what is counted, and what is plurality."""
        # Votes that kept themselves would stay in memory until the garbage collector finds them.
        return self if self.n_people is None else self._without_machines

    @cached_property
    def _without_machines(self) -> "Votes":
        by_people = self.is_person[self.volunteer]
        return replace(
            self,
            unit=self.unit[by_people],
            volunteer=self.volunteer[by_people],
            label=self.label[by_people],
            weight=None if self.weight is None else self.weight[by_people],
            n_people=None,
        )

    @cached_property
    def counts(self) -> Floats:
        """Weight of the votes by unit and label."""
        cells = self.unit.astype(np.int64) * self.n_labels + self.label
        return sums(cells, self.weight, self.n_units * self.n_labels).reshape(self.n_units, self.n_labels)

    @cached_property
    def pairs(self) -> "Pairs":
        """The pairs of a volunteer and a label that occur."""
        return Pairs.of(self)

    @cached_property
    def matrix(self) -> "csr_matrix":
        """Weight of the votes by unit and pair, sparse."""
        # SciPy is slow to import.
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        shape = (self.n_units, len(self.pairs.volunteer))
        return csr_matrix((self.weights, (self.unit, self.pairs.of_vote)), shape=shape)

    def by_unit(self, of_pairs: Floats) -> Floats:
        """Sums over the votes on each unit of what their pairs have."""
        return np.asarray(self.matrix @ of_pairs)

    def by_pair(self, of_units: Floats) -> Floats:
        """Sums over the votes of each pair of what their units have."""
        return np.asarray(self.matrix.T @ of_units)

    def fractions(self) -> Floats:
        """Shares of the labels by unit; equal ones where nobody voted."""
        total = self.counts.sum(axis=1, keepdims=True)
        even = np.full_like(self.counts, 1 / self.n_labels)
        return np.asarray(np.divide(self.counts, total, out=even, where=total > 0))

    def clamped(self, posterior: Floats) -> Floats:
        """The posterior with what is known: 1 for the right labels of gold units."""
        if self.gold is not None:
            known = self.is_gold
            posterior[known] = 0
            posterior[known, self.gold[known]] = 1
        return posterior


@dataclass(frozen=True)
class Pairs:
    """Pairs of a volunteer and a label that occur, in the order of volunteers and labels.

    `of_vote` is the pair of each vote. `voters` are the volunteers with votes, `starts` the first pair of each.
    """

    volunteer: Integers
    label: Integers
    of_vote: Integers
    voters: Integers
    starts: Integers

    @classmethod
    def of(cls, votes: Votes) -> "Pairs":
        """The pairs of votes."""
        code = votes.volunteer.astype(np.int64) * votes.n_labels + votes.label
        occurs = np.zeros(votes.n_volunteers * votes.n_labels, bool)
        occurs[code] = True
        codes = np.flatnonzero(occurs)
        number = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
        volunteer = (codes // votes.n_labels).astype(np.int32)
        voters, starts = np.unique(volunteer, return_index=True)
        return cls(volunteer, (codes % votes.n_labels).astype(np.int32), number[code], voters, starts)

    def by_volunteer(self, values: Floats) -> Floats:
        """Sums over the pairs of each volunteer with votes, in the order of `voters`."""
        return np.add.reduceat(values, self.starts, axis=0) if len(self.starts) else values[:0]

    def of_voter(self, values: Floats) -> Floats:
        """Values of the volunteers with votes, repeated for each of their pairs."""
        return np.repeat(values, np.diff([*self.starts, len(self.volunteer)]), axis=0)
