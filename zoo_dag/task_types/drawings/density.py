"""Clusters of marks of varying density: OPTICS and HDBSCAN of scikit-learn, group by group.

Ankerst et al. 1999, SIGMOD 28:49; Campello et al. 2013, PAKDD 7819:160. Both count marks, not volunteers, so a
cluster that has marks of fewer than `min_volunteers` different volunteers is dropped. For OPTICS `eps` is the
largest distance that counts; HDBSCAN does not use it.

They are slower than DBSCAN, and need the extra `cluster`.
"""

from typing import Any

import numpy as np

from zoo_dag.errors import SettingsError
from zoo_dag.task_types.drawings.clustering import NOISE, Floats, Integers, Metric


def optics(groups: Integers, volunteers: Integers, metric: Metric, eps: float, min_volunteers: int) -> Integers:
    """The cluster of each mark by OPTICS, NOISE for none; arguments and numbers as for `dbscan`."""
    model = _scikit_learn("optics").OPTICS(
        min_samples=_least_marks(min_volunteers), max_eps=eps, metric="precomputed"
    )
    return _by_group(model, groups, volunteers, metric, min_volunteers)


def hdbscan(groups: Integers, volunteers: Integers, metric: Metric, eps: float, min_volunteers: int) -> Integers:
    """The cluster of each mark by HDBSCAN, NOISE for none; arguments and numbers as for `dbscan`."""
    # A subject on which everybody marked the same thing has one cluster, not none.
    model = _scikit_learn("hdbscan").HDBSCAN(
        min_cluster_size=_least_marks(min_volunteers), metric="precomputed", allow_single_cluster=True, copy=True
    )
    return _by_group(model, groups, volunteers, metric, min_volunteers)


def _scikit_learn(algorithm: str) -> Any:
    try:
        import sklearn.cluster  # noqa: PLC0415  (an extra, and slow to import)
    except ImportError as error:
        raise SettingsError(
            f'drawings.algorithm "{algorithm}" needs scikit-learn. Install it with: pip install "zoo_dag[cluster]"'
        ) from error
    return sklearn.cluster


def _least_marks(min_volunteers: int) -> int:
    """The smallest number of marks for both: neither forms a cluster of one."""
    return max(min_volunteers, 2)


def _by_group(model: Any, groups: Integers, volunteers: Integers, metric: Metric, min_volunteers: int) -> Integers:
    labels = np.full(len(groups), NOISE, np.int64)
    n_clusters = 0
    for members in np.split(order := np.argsort(groups, kind="stable"), _ends(groups[order])):
        if len(members) < _least_marks(min_volunteers):
            continue
        group_labels = model.fit_predict(_distances(metric, members))
        for label in range(group_labels.max() + 1):
            cluster = members[group_labels == label]
            if len(np.unique(volunteers[cluster])) >= min_volunteers:
                labels[cluster] = n_clusters
                n_clusters += 1
    return labels


def _ends(groups: Integers) -> Integers:
    return np.flatnonzero(np.diff(groups)) + 1


def _distances(metric: Metric, members: Integers) -> Floats:
    """The distances of all marks of a group from each other; those that are infinite are very large."""
    count = len(members)
    first, second = np.triu_indices(count, 1)
    square = np.zeros((count, count))
    # The largest finite distances are pixels of an image.
    square[first, second] = np.minimum(metric.distance(members[first], members[second]), 1e9)
    return square + square.T
