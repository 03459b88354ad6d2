"""Do two groups of votes differ, on the same subjects?

The test compares the votes of the two within each subject and adds up over all subjects: the generalised
Cochran-Mantel-Haenszel test of two groups and several answers (Landis, Heyman and Koch 1978, Int. Stat. Rev.
46:237; Agresti 2013, Categorical Data Analysis, section 8.4.3), the limit of a test that permutes the groups in
each subject. A significant difference may still be small, so its size counts as well: the total variation distance
of the two distributions, each the mean over the subjects with the weight n1 n2 / (n1 + n2) of Mantel and Haenszel
(1959, J. Natl. Cancer Inst. 22:719).
"""

from typing import NamedTuple

import numpy as np

from zoo_dag.volunteers.votes import Floats


class Difference(NamedTuple):
    """How the votes of two groups differ, subject by subject.

    `distance` is the total variation distance, 0 to 1; `p_value` the probability of a difference at least as
    large by chance; `first` and `second` are the shares of each answer in the two groups.
    """

    distance: float
    p_value: float
    first: Floats
    second: Floats


def compare(first: Floats, second: Floats) -> Difference | None:
    """Compare the votes of two groups, each a table of votes (subject, answer) over the same subjects and answers.

    None where no subject has votes of both groups.
    """
    both = (first.sum(axis=1) > 0) & (second.sum(axis=1) > 0)
    first, second = first[both], second[both]
    if not len(first):
        return None
    n_first, n_second = first.sum(axis=1), second.sum(axis=1)
    n = n_first + n_second
    weights = n_first * n_second / n
    share_first = weights @ (first / n_first[:, None]) / weights.sum()
    share_second = weights @ (second / n_second[:, None]) / weights.sum()
    total = first + second
    share = total / n[:, None]
    excess = (first - n_first[:, None] * share).sum(axis=0)
    # Each subject has votes of both groups, so n is 2 or more.
    spread = n_first * n_second / (n - 1)
    covariance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    statistic = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    freedom = int(np.linalg.matrix_rank(covariance, hermitian=True))
    p_value = _chance(freedom, statistic) if freedom else 1.0
    distance = float(np.abs(share_first - share_second).sum() / 2)
    return Difference(distance, p_value, share_first, share_second)


def _chance(freedom: int, statistic: float) -> float:
    # scipy.special is slow to import, and few runs compare anything.
    from scipy.special import gammaincc  # noqa: PLC0415

    return float(gammaincc(freedom / 2, statistic / 2))


def false_discovery_rates(p_values: Floats) -> Floats:
    """The false discovery rate at which each of several tests is significant.

    Y. Benjamini and Y. Hochberg 1995, J. R. Stat. Soc. B 57:289.
    """
    order = np.argsort(p_values, kind="stable")
    rates = p_values[order] * len(p_values) / np.arange(1, len(p_values) + 1)
    found = np.empty(len(p_values))
    found[order] = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1.0)
    return found
