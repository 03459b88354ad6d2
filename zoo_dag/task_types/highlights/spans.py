"""Spans of a text that several volunteers highlighted: clusters of intervals, and what most of each cover.

Works on numbers, for very many groups at once; a group are the highlights of one label on one subject. Offsets are
from `start`, and before `end`.

1. Highlights of one volunteer that overlap, or lie at most `join` apart, are one piece.
2. Pieces are clustered by DBSCAN (`zoo_dag.clustering`), by the length in common divided by the length of both
   together. Pieces in no cluster are together with their neighbours that are in none either.
3. A volunteer is in a cluster once: from the first start to the last end of the pieces there.
4. The span starts where more than half of the members have started, and ends before more than half have ended: the
   upper median of the starts, and the lower median of the ends. In a chain, where that is nothing, it is from the
   lower median of the starts to the upper one of the ends.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from zoo_dag.clustering.boxes import Boxes
from zoo_dag.clustering.dbscan import (
    NOISE,
    Flags,
    Floats,
    Integers,
    Marks,
    Pairs,
    components,
    dbscan,
    neighbours,
)


class Intervals(NamedTuple):
    """Intervals, a number each: their group, volunteer, start and end. Groups and volunteers count from 0 up."""

    groups: Integers
    volunteers: Integers
    start: Integers
    end: Integers

    def at(self, places: Integers) -> "Intervals":
        """Some of the intervals."""
        return Intervals(self.groups[places], self.volunteers[places], self.start[places], self.end[places])


class Spans(NamedTuple):
    """Spans, one for each cluster, in the order of group, start and end."""

    groups: Integers
    start: Integers
    end: Integers
    n_members: Integers
    start_std: Floats
    end_std: Floats
    iou: Floats

    def at(self, places: Integers) -> "Spans":
        """Some of the spans."""
        ends = self.groups[places], self.start[places], self.end[places], self.n_members[places]
        return Spans(*ends, self.start_std[places], self.end_std[places], self.iou[places])


def pieces_of(highlights: Intervals, join: int) -> tuple[Intervals, Integers]:
    """The pieces of each volunteer by group, start and end; and the number of the piece of each highlight."""
    order = np.lexsort((highlights.start, highlights.volunteers, highlights.groups))
    groups, volunteers, start, end = highlights.at(order)
    if not len(order):
        return highlights, order
    own = _changes(groups, volunteers)
    # The highlights of all volunteers lie one behind the other, so that one pass finds how far each has come.
    shift = (np.cumsum(own) - 1) * (int(end.max()) + join + 2)
    reached = np.maximum.accumulate(end + shift)
    begins = own.copy()
    begins[1:] |= (start + shift)[1:] > reached[:-1] + join
    first = np.flatnonzero(begins)
    pieces = Intervals(groups[first], volunteers[first], start[first], np.maximum.reduceat(end, first))
    in_order = np.lexsort((pieces.end, pieces.start, pieces.groups))
    number = np.empty(len(order), np.int64)
    number[order] = np.argsort(in_order)[np.cumsum(begins) - 1]
    return pieces.at(in_order), number


def clusters_of(pieces: Intervals, eps: float, least: Integers) -> Integers:
    """The cluster of each piece, from 0 up; `least` is the number of volunteers that its group needs for one."""
    start, end = pieces.start.astype(np.float64), pieces.end.astype(np.float64)
    count = len(start)
    metric = Boxes((start + end) / 2, np.full(count, 0.5), end - start, np.ones(count))
    marks = Marks(pieces.groups, pieces.volunteers, pieces.volunteers, metric, np.full(count, eps), least)
    pairs = neighbours(marks)
    labels = dbscan(marks, pairs)
    rest = components(*pairs, labels == NOISE)
    return np.where(labels == NOISE, labels.max(initial=NOISE) + 1 + rest, labels)


def spans_of(pieces: Intervals, clusters: Integers) -> tuple[Spans, Integers]:
    """The span of each cluster; and the number of the span of each piece."""
    members = _members(pieces, clusters)
    first = np.flatnonzero(_changes(members.groups))
    sizes = np.diff(first, append=len(members.groups))
    # All clusters lie one behind the other, so that one pass sorts the ends of each.
    shift = members.groups * _stride(members)
    starts, ends = members.start, np.sort(members.end + shift) - shift
    lower, upper = first + (sizes - 1) // 2, first + sizes // 2
    start, end = starts[upper], ends[lower]
    chained = start >= end
    start, end = np.where(chained, starts[lower], start), np.where(chained, ends[upper], end)
    of_member = np.repeat(np.arange(len(first)), sizes)
    common = np.minimum(members.end, end[of_member]) - np.maximum(members.start, start[of_member])
    common = np.maximum(common, 0)
    together = (members.end - members.start) + (end - start)[of_member] - common
    iou = _sums(common / together, first) / sizes
    groups = pieces.groups[np.unique(clusters, return_index=True)[1]]
    order = np.lexsort((end, start, groups))
    spans = Spans(
        groups, start, end, sizes, _std(members.start, first, sizes), _std(members.end, first, sizes), iou
    )
    return spans.at(order), np.argsort(order)[clusters]


def covering(spans: Spans, pieces: Intervals) -> Iterator[Pairs]:
    """Pairs of a span and a piece of its group that overlap; spans and pieces are sorted by group and start."""
    stride = max(_stride(spans), _stride(pieces))
    begins = pieces.start + pieces.groups * stride
    reached = np.maximum.accumulate(pieces.end + pieces.groups * stride)
    start, end = spans.start + spans.groups * stride, spans.end + spans.groups * stride
    here = np.arange(len(start))
    behind = np.searchsorted(begins, start)
    place = behind
    while len(here):
        here = here[place[here] < len(begins)]
        here = here[begins[place[here]] < end[here]]
        yield here, place[here]
        place = place + 1
    here, place = np.arange(len(start)), behind - 1
    while len(here):
        here = here[place[here] >= 0]
        # What lies further in front has ended as well.
        here = here[reached[place[here]] > start[here]]
        touches = pieces.end[place[here]] + pieces.groups[place[here]] * stride > start[here]
        yield here[touches], place[here][touches]
        place = place - 1


def volunteers_of_half(spans: Spans, pieces: Intervals) -> Integers:
    """For each span the number of volunteers of whom one piece overlaps it by at least half."""
    many = int(pieces.volunteers.max(initial=0)) + 1
    found = [np.empty(0, np.int64)]
    for span, piece in covering(spans, pieces):
        common = np.minimum(spans.end[span], pieces.end[piece]) - np.maximum(
            spans.start[span], pieces.start[piece]
        )
        half = 2 * common >= (spans.end - spans.start)[span]
        found.append(span[half] * many + pieces.volunteers[piece[half]])
    pairs = np.sort(np.concatenate(found))
    return np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] // many, minlength=len(spans.start))


def _members(pieces: Intervals, clusters: Integers) -> Intervals:
    """The volunteers of each cluster, which stands for the group, in the order of cluster, start and end."""
    order = np.lexsort((pieces.start, pieces.volunteers, clusters))
    cluster, volunteers = clusters[order], pieces.volunteers[order]
    first = np.flatnonzero(_changes(cluster, volunteers))
    end = np.maximum.reduceat(pieces.end[order], first) if len(first) else pieces.end
    members = Intervals(cluster[first], volunteers[first], pieces.start[order][first], end)
    return members.at(np.lexsort((members.end, members.start, members.groups)))


def _changes(*columns: Integers) -> Flags:
    """Whether any column differs from the row before; the first row does."""
    changed = np.ones(len(columns[0]), bool)
    changed[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return changed


def _stride(intervals: Intervals | Spans) -> int:
    return int(intervals.end.max(initial=0)) + 1


def _sums(values: Floats, first: Integers) -> Floats:
    sums: Floats = np.add.reduceat(values, first) if len(first) else values
    return sums


def _std(offsets: Integers, first: Integers, sizes: Integers) -> Floats:
    """The standard deviation in each cluster, divided by n - 1; NaN for one member."""
    values = offsets.astype(np.float64)
    off = values - np.repeat(_sums(values, first) / sizes, sizes)
    squares = _sums(off * off, first)
    std: Floats = np.sqrt(np.divide(squares, sizes - 1, out=np.full(len(sizes), np.nan), where=sizes > 1))
    return std
