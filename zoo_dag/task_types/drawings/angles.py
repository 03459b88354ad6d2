"""Exact means of angles: the mean that is nearest to all angles of a cluster, on the circle of their period.

A fan looks the same after 360 degrees, a triangle after 120, a box whose sides may be swapped after 90. The mean
is the angle with the smallest sum of squared distances around the circle (Fréchet mean). A circle of sorted angles
can be cut open between two neighbours; the mean is the ordinary mean of one of these cuts, so all are tried.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def circular_means(angles: Floats, clusters: Integers, count: int, period: float) -> Floats:
    """The mean angle of each cluster, above -period / 2 and up to period / 2.

    `clusters` numbers the cluster of each angle from 0 to `count` - 1; angles and period have the same unit. Of
    means that are equally near, that of the earliest cut from 0 upwards. Not a number for an empty cluster.
    """
    turned = np.mod(angles, period)
    # The remainder of a tiny negative number is the period itself.
    turned[turned >= period] = 0
    order = np.lexsort((turned, clusters))
    turned, owner = turned[order], clusters[order]
    sizes = np.bincount(owner, minlength=count)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    # Distances from the cluster's first angle, so that rounding stays small.
    offsets = turned - turned[starts[owner]] if len(turned) else turned
    place = np.arange(len(turned)) - starts[owner]
    size = sizes[owner]
    before = np.cumsum(offsets) - offsets
    before -= before[starts[owner]] if len(turned) else 0
    total = np.bincount(owner, offsets, minlength=count)[owner]
    # The cut before an angle adds a period to all that come before it. The sum of squares is the same for all cuts
    # but for these terms.
    mean = (total + place * period) / np.maximum(size, 1)
    cost = 2 * period * before + place * period**2 - size * mean**2
    best = _first_smallest(cost, owner, starts, sizes)
    means = np.full(count, np.nan)
    filled = sizes > 0
    means[filled] = mean[best[filled]] + turned[starts[filled]]
    return centred(means, period)


def centred(angles: Floats, period: float) -> Floats:
    """The same angles, above -period / 2 and up to period / 2."""
    half = period / 2
    centred: Floats = half - np.mod(half - angles, period)
    return np.where(centred <= -half, centred + period, centred)


def _first_smallest(cost: Floats, owner: Integers, starts: Integers, sizes: Integers) -> Integers:
    """The position of the smallest cost of each cluster; costs that differ by rounding only are equal."""
    filled = np.flatnonzero(sizes)
    if not len(filled):
        return starts
    least = np.full(len(sizes), np.inf)
    least[filled] = np.minimum.reduceat(cost, starts[filled])
    largest = np.zeros(len(sizes))
    largest[filled] = np.maximum.reduceat(np.abs(cost), starts[filled])
    near = np.flatnonzero(cost <= (least + 1e-12 * largest)[owner])
    clusters, first = np.unique(owner[near], return_index=True)
    best = starts.copy()
    best[clusters] = near[first]
    return best
