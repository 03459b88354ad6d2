"""Agreement beyond chance: Krippendorff's alpha.

K. Krippendorff 2004, Content Analysis, 2nd ed., chapter 11, for nominal labels. Its interval is the jackknife's,
which leaves out one unit after the other: B. Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans.
"""

from typing import NamedTuple

import numpy as np

from zoo_dag.volunteers.votes import Floats, Integers, Votes, sums

_NORMAL_95 = 1.959964


class Alpha(NamedTuple):
    """Alpha with its interval of 95 %: 1 is perfect agreement, 0 that of chance.

    `n_units` have at least two votes. The value is None where all labels are one, the interval also where it
    cannot be computed, such as of one unit.
    """

    value: float | None
    low: float | None
    high: float | None
    n_units: int


def krippendorff_alpha(votes: Votes) -> Alpha:
    """The alpha of the votes on units with at least two."""
    cells = votes.unit.astype(np.int64) * votes.n_labels + votes.label
    # Sparse: few of many labels are given to a unit.
    cell, place = np.unique(cells, return_inverse=True)
    n = sums(place, votes.weights, len(cell))
    return alpha_of_counts(cell // votes.n_labels, cell % votes.n_labels, n)


def alpha_of_counts(unit: Integers, label: Integers, n: Floats) -> Alpha:
    """The alpha of votes that are counted: `n` say a label of a unit; no unit and label come twice."""
    if not len(unit):
        return Alpha(None, None, None, 0)
    counted = sums(unit, n, int(unit.max()) + 1)[unit] >= 2
    unit, label, n = unit[counted], label[counted], n[counted]
    units, unit = np.unique(unit, return_inverse=True)
    of_label, of_unit = sums(label, n, int(label.max(initial=0)) + 1), sums(unit, n, len(units))
    squares = sums(unit, n**2, len(units))
    different = (of_unit**2 - squares) / (of_unit - 1)
    total, total_different, total_squares = of_unit.sum(), different.sum(), (of_label**2).sum()
    value = float(_alpha(total, total_different, total_squares))
    if not len(units) or np.isnan(value):
        return Alpha(None, None, None, len(units))
    # Each unit left out: what is left of the sums.
    without = total_squares - 2 * sums(unit, n * of_label[label], len(units)) + squares
    left_out = _alpha(total - of_unit, total_different - different, without)
    left_out = left_out[~np.isnan(left_out)]
    if len(left_out) < 2:
        return Alpha(value, None, None, len(units))
    half = _NORMAL_95 * float(np.sqrt(left_out.var() * (len(left_out) - 1)))
    return Alpha(value, value - half, min(value + half, 1.0), len(units))


def _alpha(total: Floats, different: Floats, squares: Floats) -> Floats:
    """1 - observed / expected disagreement; not a number where all labels are one."""
    expected = np.asarray(total**2 - squares, dtype=float)
    share = np.divide((total - 1) * different, expected, out=np.full_like(expected, np.nan), where=expected > 0.5)
    return np.asarray(1 - share)
