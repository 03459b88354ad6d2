"""Tracks: clusters of one thing on successive frames, or at successive times of a video.

Two clusters are linked where each is the other's nearest one on the next frame, or within twice the largest
difference of start times, and they are no farther apart than marks of one cluster may be. There is no model of
motion: that is enough for things that move less between two frames than their marks may be apart.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from zoo_dag.clustering.dbscan import NOISE, Flags, Floats, Integers, Metric, components, touching

_TIMES = 2


class Places(NamedTuple):
    """The places of clusters: their series, of a tool on a subject, their frame, and when they start.

    `start_time` is NaN for what is on no video. `eps_time` is the largest difference of marks of one cluster.
    """

    series: Integers
    frame: Integers
    start_time: Floats
    eps_time: Floats


def linked(metric: Metric, eps: Floats, places: Places) -> Integers:
    """The track of each cluster, numbered from 0 up; `eps` are the largest distances of marks of a cluster."""
    nothing = np.empty(0, np.int64)
    found = [(nothing, nothing)]
    time = np.where(np.isnan(places.start_time), places.frame, places.start_time)
    for one, other in touching(places.series, *metric.interval(eps)):
        turned = time[one] > time[other]
        first, second = np.where(turned, other, one), np.where(turned, one, other)
        possible = metric.near(first, second, eps[first]) & _follows(first, second, places)
        found.append((first[possible], second[possible]))
    before, after = (np.concatenate(ends) for ends in zip(*found, strict=True))
    apart = metric.distance(before, after)
    both = _nearest(before, after, apart) & _nearest(after, before, apart)
    return components(before[both], after[both], np.ones(len(time), bool))


def _follows(first: Integers, second: Integers, places: Places) -> Flags:
    """Whether the second of each pair is on the frame after the first, or starts soon after it."""
    step = places.start_time[second] - places.start_time[first]
    soon = (step > 0) & (step <= _TIMES * places.eps_time[first] + 1e-9)
    follows: Flags = np.where(np.isnan(step), places.frame[second] - places.frame[first] == 1, soon)
    return follows


def _nearest(clusters: Integers, others: Integers, apart: Floats) -> Flags:
    """Whether a pair is the nearest one of its cluster, of equally near ones that with the first other."""
    order = np.lexsort((others, apart, clusters))
    nearest = np.zeros(len(clusters), bool)
    starts = np.flatnonzero(np.diff(clusters[order], prepend=NOISE))
    nearest[order[starts]] = True
    return nearest


def with_track_index(clusters: pl.DataFrame, place: list[pl.Expr]) -> pl.DataFrame:
    """Clusters with `track_index`: tracks of each `series` by their first frame and time, and then by `place`.

    Takes `track`, null for clusters that are in none, `series`, `frame` and `start_time`.
    """
    if clusters["track"].null_count() == clusters.height:
        return clusters.with_columns(track_index=pl.lit(None, pl.Int32))
    ordered = clusters.filter(pl.col("track").is_not_null()).sort(
        ["series", "frame", "start_time", *place], nulls_last=True, maintain_order=True
    )
    firsts = ordered.unique("track", keep="first", maintain_order=True).select("series", "track")
    numbered = firsts.with_columns(track_index=pl.int_range(pl.len(), dtype=pl.Int32).over("series"))
    return clusters.join(numbered.drop("series"), on="track", how="left", maintain_order="left")
