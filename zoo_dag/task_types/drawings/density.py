"""Clusters of marks of varying density: OPTICS and HDBSCAN of scikit-learn, group by group.

Ankerst et al. 1999, SIGMOD 28:49; Campello et al. 2013, PAKDD 7819:160. Both count marks, not volunteers, so a
cluster that has marks of fewer than `least` different volunteers is dropped. For OPTICS `eps` is the
largest distance that counts; HDBSCAN does not use it.

They are slower than DBSCAN, and need the extra `cluster`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from zoo_dag.clustering.dbscan import NOISE, Floats, Integers, Marks, Metric, Pairs, sorted_by
from zoo_dag.errors import SettingsError


def optics(marks: Marks, _pairs: Pairs) -> Integers:
    """The cluster of each mark by OPTICS, NOISE for none; numbers as for `dbscan`."""
    model = _scikit_learn("optics").OPTICS
    return _by_group(marks, lambda least, eps: model(min_samples=least, max_eps=eps, metric="precomputed"))


def hdbscan(marks: Marks, _pairs: Pairs) -> Integers:
    """The cluster of each mark by HDBSCAN, NOISE for none; numbers as for `dbscan`."""
    model = _scikit_learn("hdbscan").HDBSCAN
    # A subject on which everybody marked the same thing has one cluster, not none.
    chosen = {"metric": "precomputed", "allow_single_cluster": True, "copy": True}
    return _by_group(marks, lambda least, _eps: model(min_cluster_size=least, **chosen))


def _scikit_learn(algorithm: str) -> Any:
    try:
        import sklearn.cluster  # noqa: PLC0415  (an extra, and slow to import)
    except ImportError as error:
        raise SettingsError(
            f'drawings.algorithm "{algorithm}" needs scikit-learn. Install it with: pip install "zoo_dag[cluster]"'
        ) from error
    return sklearn.cluster


def _by_group(marks: Marks, model: Callable[[int, float], Any]) -> Integers:
    labels = np.full(len(marks.groups), NOISE, np.int64)
    n_clusters = 0
    for members in sorted_by(marks.groups):
        least, eps = marks.least[members[0]], marks.eps[members[0]]
        # With two, every pair of marks is a cluster of its own.
        least_marks = max(int(least), 3)
        if len(members) < least_marks:
            continue
        group_labels = model(least_marks, float(eps)).fit_predict(_distances(marks.metric, members))
        for label in range(group_labels.max() + 1):
            cluster = members[group_labels == label]
            if len(np.unique(marks.volunteers[cluster])) >= least:
                labels[cluster] = n_clusters
                n_clusters += 1
    return labels


def _distances(metric: Metric, members: Integers) -> Floats:
    """The distances of all marks of a group from each other; those that are infinite are very large."""
    count = len(members)
    first, second = np.triu_indices(count, 1)
    square = np.zeros((count, count))
    # The largest finite distances are pixels of an image.
    square[first, second] = np.minimum(metric.distance(members[first], members[second]), 1e9)
    return square + square.T
