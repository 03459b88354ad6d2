"""Agreement beyond chance: Krippendorff's alpha.

K. Krippendorff 2004, Content Analysis, 2nd ed., chapter 11, for nominal labels.
"""

from typing import NamedTuple

import numpy as np

from zoo_dag.volunteers.votes import Floats, Votes


class Alpha(NamedTuple):
    """Alpha with its interval of 95 %: 1 is perfect agreement, 0 that of chance; None where all labels are one."""

    value: float | None
    low: float | None
    high: float | None


def krippendorff_alpha(votes: Votes, draws: int = 200, seed: int = 0) -> Alpha:
    """The alpha of the votes on units with at least two, and its interval by drawing units with replacement.

    `draws` samples, from the random numbers of `seed`: equal votes give equal intervals.
    """
    counts = votes.counts[votes.counts.sum(axis=1) >= 2]
    value = _alpha(counts)
    if value is None:
        return Alpha(None, None, None)
    random = np.random.default_rng(seed)
    drawn = [_alpha(counts[random.integers(0, len(counts), len(counts))]) for _ in range(draws)]
    low, high = np.quantile([each for each in drawn if each is not None], [0.025, 0.975])
    return Alpha(value, float(low), float(high))


def _alpha(counts: Floats) -> float | None:
    of_unit = counts.sum(axis=1)
    of_label = counts.sum(axis=0)
    total = of_unit.sum()
    expected = total**2 - (of_label**2).sum()
    if not expected:
        return None
    different = ((of_unit**2 - (counts**2).sum(axis=1)) / (of_unit - 1)).sum()
    return float(1 - (total - 1) * different / expected)
