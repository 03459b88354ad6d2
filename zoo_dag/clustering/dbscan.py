"""Density clusters of marks: DBSCAN, exact, for very many groups of marks at once.

Ester et al. 1996, KDD 96:226. A group are the marks that are clustered together: those of one tool on one frame
of one subject. Marks are neighbours where their distance is at most `eps`. A mark is a core mark where at least
`least` different volunteers have a mark among its neighbours, itself included: marks of one volunteer count once,
so that nobody can form a cluster alone. Core marks that are neighbours are in one cluster; any other mark joins
the lowest-numbered cluster that has a core mark among its neighbours, or none.

Where every mark is of another volunteer, labels are those of scikit-learn's DBSCAN with `min_samples` for `least`,
numbers and border marks included.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Pairs = tuple[Integers, Integers]

NOISE = -1


class Metric(Protocol):
    """Distances between marks."""

    def interval(self, eps: Floats) -> tuple[Floats, Floats]:
        """Low and high end of each mark along one axis: marks at most `eps` apart have intervals that touch."""

    def distance(self, first: Integers, second: Integers) -> Floats:
        """The distance of each pair of marks."""

    def near(self, first: Integers, second: Integers, eps: Floats) -> Flags:
        """Whether each pair is at most as far apart as the `eps` of the pair."""


class Marks(NamedTuple):
    """Marks to be clustered, a number each: their group, volunteer and classification, and what holds for them.

    `groups` and `volunteers` are numbers from 0 up. `eps` is the largest distance of neighbours, and `least` the
    number of volunteers that a cluster needs; both are the same for all marks of a group.
    """

    groups: Integers
    volunteers: Integers
    classifications: Integers
    metric: Metric
    eps: Floats
    least: Integers


def touching(groups: Integers, low: Floats, high: Floats) -> Iterator[Pairs]:
    """Pairs of one group whose intervals touch, each pair once; at a time no more pairs than there are marks."""
    order = np.lexsort((low, groups))
    group, start, end = groups[order], low[order], high[order]
    # Sorted by their low ends, those that touch an interval lie directly behind it: what is `step` places behind
    # touches only where everything before it does.
    here = np.arange(len(order))
    step = 1
    while len(here):
        here = here[: np.searchsorted(here, len(order) - step)]
        here = here[(group[here + step] == group[here]) & (start[here + step] <= end[here])]
        if len(here):
            yield order[here], order[here + step]
        step += 1


def neighbours(marks: Marks) -> Pairs:
    """All pairs of marks of one group that are at most `eps` apart."""
    near_pairs: list[Pairs] = []
    for first, second in touching(marks.groups, *marks.metric.interval(marks.eps)):
        near = marks.metric.near(first, second, marks.eps[first])
        near_pairs.append((first[near], second[near]))
    nothing = np.empty(0, np.int64)
    firsts, seconds = zip(*near_pairs, strict=True) if near_pairs else ((), ())
    return np.concatenate([nothing, *firsts]), np.concatenate([nothing, *seconds])


def sorted_by(numbers: Integers) -> list[Integers]:
    """The places of equal numbers, from the lowest number up."""
    order = np.argsort(numbers, kind="stable")
    ends = np.flatnonzero(np.diff(numbers[order])) + 1
    return np.split(order, ends) if len(order) else []


def dbscan(marks: Marks, pairs: Pairs) -> Integers:
    """The cluster of each mark, NOISE for none; takes the pairs of `neighbours`.

    No cluster has marks of two groups. Clusters are numbered by their first core mark: from 0 up through all
    groups, where groups lie one behind the other.
    """
    first, second = pairs
    core = _volunteers_around(first, second, marks.volunteers) >= marks.least
    labels = components(first, second, core)
    for border, centre in ((first, second), (second, first)):
        joins = ~core[border] & core[centre]
        _take_lowest(labels, border[joins], labels[centre[joins]])
    return labels


def _volunteers_around(first: Integers, second: Integers, volunteers: Integers) -> Integers:
    """The number of different volunteers in the neighbourhood of each mark, including the mark itself."""
    # Many projects have no marks, and importing SciPy takes a tenth of the time of loading the code location.
    from scipy import sparse  # noqa: PLC0415

    count = len(volunteers)
    if not count:
        return np.empty(0, np.int64)
    marks = np.concatenate((np.arange(count), first, second))
    around = volunteers[np.concatenate((np.arange(count), second, first))]
    shape = (count, int(volunteers.max()) + 1)
    seen = sparse.csr_array((np.ones(len(marks), np.int8), (marks, around)), shape=shape)
    seen.sum_duplicates()
    different: Integers = np.diff(seen.indptr).astype(np.int64)
    return different


def components(first: Integers, second: Integers, core: Flags) -> Integers:
    """The component of each core mark over its pairs, numbered by its first mark; NOISE for every other mark."""
    from scipy import sparse  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    count = len(core)
    labels = np.full(count, NOISE, np.int64)
    cores = np.flatnonzero(core)
    if not len(cores):
        return labels
    both = core[first] & core[second]
    links = (np.ones(int(both.sum()), np.int8), (first[both], second[both]))
    _, component = connected_components(sparse.csr_array(links, shape=(count, count)), directed=False)
    _, first_core, member = np.unique(component[cores], return_index=True, return_inverse=True)
    # The rank of each component among all, by its first core mark.
    rank = np.argsort(np.argsort(first_core))
    labels[cores] = rank[member]
    return labels


def _take_lowest(labels: Integers, marks: Integers, offered: Integers) -> None:
    """Set marks to the lowest of their label and the labels offered to them."""
    none = np.iinfo(np.int64).max
    best = np.where(labels == NOISE, none, labels)
    np.minimum.at(best, marks, offered)
    labels[:] = np.where(best == none, NOISE, best)
