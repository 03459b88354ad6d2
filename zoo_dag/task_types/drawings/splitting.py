"""Clusters that hold every volunteer at most once.

A person marks a thing once. So where a density cluster has two marks of one volunteer, several things that stand
close together are in it; and where fewer than half of its marks are neighbours, it is a chain of marks that has no
middle. Such a cluster is split, by the distances of its marks alone, whatever their shape:

1. Agglomeration by mean distance (Sokal and Michener 1958, Univ. Kansas Sci. Bull. 38:1409) joins the nearest
   parts, up to a mean distance of `eps`. Marks of one volunteer are infinitely far apart (as in the clustering of
   PlanetHunters TESS), so no part gets two of them.
2. What is too close to a larger part to be a thing of its own is taken apart, the smallest first: marks go to a
   larger part near by that lacks their volunteer, or stand alone. It is a thing of its own only where more than
   half of the volunteers of both have a mark too many: a person who clicks twice makes no second thing.
"""

from collections.abc import Callable

import numpy as np

from zoo_dag.clustering.dbscan import (
    NOISE,
    Flags,
    Floats,
    Integers,
    Marks,
    Pairs,
    components,
    neighbours,
    sorted_by,
)

# Farther than any two marks, so that a mean that contains it is too far as well.
_FAR = 1e18
# A distance of marks on any picture is less.
_UNBOUNDED = 1e9
# Parts are close up to this multiple of the mean distance inside the larger one, and of `eps`. Two normal clouds
# six standard deviations apart are at 3.6 times the mean distance inside one of them, at three at 2.0 times.
_CLOSE_INSIDE, _CLOSE_EPS = 2.5, 1.5
# And always where they are nearer than this share of `eps`: few marks may lie close together by chance.
_CLOSE_ANYWAY = 0.5
# A cluster is a chain where fewer of its pairs are neighbours.
_NEIGHBOURS = 0.5
# The most marks that are split together: the distances of all pairs are in memory.
_MOST = 5_000
_HALVINGS = 10


def clusters(marks: Marks, find: Callable[[Marks, Pairs], Integers], *, bounded: bool = True) -> Integers:
    """The cluster of each mark, numbered by its first mark; every mark is in one, and each volunteer once.

    `find` gives density clusters, such as those of `dbscan`; marks in none of them are together with their
    neighbours that are in none either. Clusters are `bounded` by `eps` where that holds for `find`, too.
    """
    pairs = neighbours(marks)
    labels = find(marks, pairs)
    rest = components(*pairs, labels == NOISE)
    labels = np.where(labels == NOISE, labels.max(initial=NOISE) + 1 + rest, labels)
    return _split(labels, marks, pairs, bounded=bounded)


def _split(labels: Integers, marks: Marks, pairs: Pairs, *, bounded: bool) -> Integers:
    """Clusters with two marks of a volunteer are split; where they are `bounded` by `eps`, chains are, too."""
    labels = _loosened(labels, marks, pairs)
    divided = np.bincount(labels) > _n_volunteers(labels, marks.volunteers)
    if bounded:
        divided |= _chained(labels, pairs)
    labels, count = labels.copy(), len(divided)
    inside = np.flatnonzero(divided[labels])
    for places in sorted_by(labels[inside]):
        parts = _parts(inside[places], marks, bounded=bounded)
        labels[inside[places]] = count + parts
        count += int(parts.max()) + 1
    return _numbered(labels)


def _numbered(labels: Integers) -> Integers:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def _n_volunteers(labels: Integers, volunteers: Integers) -> Integers:
    """The number of different volunteers in each cluster."""
    many = int(volunteers.max(initial=0)) + 1
    # Sorting numbers is several times as fast as `np.unique`.
    pair = np.sort(labels * many + volunteers)
    return np.bincount(pair[np.diff(pair, prepend=-1) > 0] // many)


def _chained(labels: Integers, pairs: Pairs) -> Flags:
    """Whether fewer than half of the pairs of a cluster are neighbours."""
    first, second = pairs
    sizes = np.bincount(labels)
    near = np.bincount(labels[first[labels[first] == labels[second]]], minlength=len(sizes))
    chained: Flags = near < _NEIGHBOURS * sizes * (sizes - 1) / 2
    return chained


def _loosened(labels: Integers, marks: Marks, pairs: Pairs) -> Integers:
    """Clusters of too many marks of too many things fall into the components of half of `eps`, again and again."""
    first, second = pairs
    eps = marks.eps
    for _ in range(_HALVINGS):
        sizes = np.bincount(labels)
        if sizes.max(initial=0) <= _MOST:
            break
        # Where most volunteers have one mark, there is one thing.
        crowded = (sizes > _MOST) & (sizes >= 2 * _n_volunteers(labels, marks.volunteers))
        eps = eps / 2
        inside = crowded[labels[first]] & (labels[first] == labels[second])
        first, second = first[inside], second[inside]
        near = marks.metric.near(first, second, eps[first])
        first, second = first[near], second[near]
        pieces = components(first, second, crowded[labels])
        labels = np.where(pieces == NOISE, labels, len(crowded) + pieces)
    return labels


def _parts(members: Integers, marks: Marks, *, bounded: bool) -> Integers:
    """The part of each member of a cluster, from 0 up."""
    # Many projects have no marks, and importing SciPy takes a tenth of the time of loading the code location.
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415

    _, volunteers = np.unique(marks.volunteers[members], return_inverse=True)
    if len(members) > _MOST:
        return _first_of_each(volunteers)
    reach = float(marks.eps[members[0]]) if bounded else _UNBOUNDED
    one, other = np.triu_indices(len(members), 1)
    apart = np.minimum(marks.metric.distance(members[one], members[other]), _FAR)
    tree = linkage(np.where(volunteers[one] == volunteers[other], _FAR, apart), "average")
    parts: Integers = fcluster(tree, reach, "distance").astype(np.int64) - 1
    if not parts.any():
        return parts
    distances = np.zeros((len(members), len(members)))
    distances[one, other] = distances[other, one] = apart
    things = _Things(parts, distances, volunteers, marks.classifications[members], reach)
    return things.of_marks()


def _first_of_each(volunteers: Integers) -> Integers:
    """The first mark of every volunteer as one part, and any other alone."""
    parts = np.zeros(len(volunteers), np.int64)
    again = np.ones(len(volunteers), bool)
    again[np.unique(volunteers, return_index=True)[1]] = False
    parts[again] = 1 + np.arange(again.sum())
    return parts


class _Things:
    """The parts of a cluster, from which those that are no things of their own are taken apart."""

    def __init__(
        self, parts: Integers, distances: Floats, volunteers: Integers, classifications: Integers, reach: float
    ) -> None:
        self._parts, self._distances = parts, distances
        self._volunteers, self._classifications, self._reach = volunteers, classifications, reach
        by_part = np.argsort(parts, kind="stable")
        self._size = np.bincount(parts)
        starts = np.cumsum(self._size) - self._size
        # The sum of the distances of each mark from all marks of a part: (part, mark), in a fixed order.
        self._sums = np.add.reduceat(distances[by_part], starts, axis=0)
        self._inside = np.bincount(parts, self._sums[parts, np.arange(len(parts))])
        # The classification of a volunteer's mark in each part.
        self._taken_by = np.full((len(self._size), int(volunteers.max()) + 1), NOISE)
        self._taken_by[parts, volunteers] = classifications
        # From the smallest to the largest, of those of one size the last first.
        self._order = np.lexsort((-by_part[starts], self._size))

    def of_marks(self) -> Integers:
        """The part of each mark, from 0 up."""
        for place, part in enumerate(self._order):
            self._take_apart(part, self._order[place + 1 :])
        return np.unique(self._parts, return_inverse=True)[1]

    def _take_apart(self, part: int, larger: Integers) -> None:
        members = np.flatnonzero(self._parts == part)
        larger = larger[self._size[larger] > 1]
        size = self._size[larger]
        inside = _CLOSE_INSIDE * self._inside[larger] / (size * (size - 1))
        inside = np.maximum(inside, _CLOSE_ANYWAY * self._reach) if self._reach < _UNBOUNDED else inside
        apart = self._sums[np.ix_(larger, members)] / size[:, None]
        close = apart.mean(axis=1) <= np.minimum(inside, _CLOSE_EPS * self._reach)
        if not close.any():
            return
        larger, apart, inside = larger[close], apart[close], inside[close]
        taken_by = self._taken_by[np.ix_(larger, self._volunteers[members])]
        free = (taken_by == NOISE) & (apart <= np.minimum(inside, self._reach)[:, None])
        moves = free.any(axis=0)
        nearest = int(np.argmin(apart.mean(axis=1)))
        # A mark of another classification is the same thing again, not one too many.
        another = (taken_by[nearest] != NOISE) & (taken_by[nearest] != self._classifications[members])
        both = (self._taken_by[larger[nearest]] != NOISE) | (self._taken_by[part] != NOISE)
        if len(members) > 1 and 2 * (~moves & ~another).sum() > both.sum():
            return
        target = larger[np.argmin(np.where(free, apart, np.inf), axis=0)]
        for mark, into in zip(members[moves], target[moves], strict=True):
            self._move(mark, into)
        if len(members) > 1:
            alone = members[~moves]
            self._parts[alone] = int(self._parts.max()) + 1 + np.arange(len(alone))

    def _move(self, mark: int, into: int) -> None:
        self._parts[mark] = into
        self._inside[into] += 2 * self._sums[into, mark]
        self._sums[into] += self._distances[mark]
        self._size[into] += 1
        self._taken_by[into, self._volunteers[mark]] = self._classifications[mark]
