"""Clusters of spans on light curves against a known truth.

Simulated volunteers mark the dips of stars, each dip with the chance that the star allows, too wide and off its
centre; and spans where there is nothing. Prints the table of docs/marks.md; the same seed gives the same figures.

A dip is found where a cluster that is no candidate has at least .3 in common with it, divided by both together,
one to one. `single` is one volunteer. `edges` are clusters whose neighbours are at most 20 days apart by their
edges, as pixels would be; `centre and width` are clusters of the default of `panoptes_aggregation`, at most 5 days
apart; neither splits clusters. `eps` are clusters by overlap, split, as they are in `drawing_consensus`.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from zoo_dag.clustering.boxes import spans
from zoo_dag.clustering.dbscan import NOISE, Marks, Metric, dbscan, neighbours
from zoo_dag.settings.drawings import Drawings
from zoo_dag.task_types.drawings.shapes import Distances
from zoo_dag.task_types.drawings.splitting import clusters

DAYS = 27.0
WIDTH, WIDTH_SPREAD = 0.25, 0.4
TOO_WIDE, TOO_WIDE_SPREAD = 1.35, 0.35
FALSE = 0.6
FOUND = 0.3
# Spans that are clustered together.
AT_ONCE = 400_000
DEFAULTS = Drawings()


class Spans(NamedTuple):
    """Centres and widths in days, a number each for every span."""

    x: np.ndarray
    width: np.ndarray


class Curve(NamedTuple):
    """The dips of a star, the spans of `n` volunteers, and who drew each."""

    dips: Spans
    drawn: Spans
    volunteers: np.ndarray
    n: int


def curve(volunteers: int, jitter: float, random: np.random.Generator) -> Curve:
    """A star with known dips, half of them periodic, and the spans of volunteers; `jitter` is in widths."""
    period = random.uniform(2, 9) if random.random() < 0.5 else random.uniform(20, 40)
    x = np.arange(random.uniform(0, min(period, DAYS)), DAYS, period)
    dips = Spans(x, np.full(len(x), WIDTH * random.lognormal(0, WIDTH_SPREAD)))
    seen = random.random((volunteers, len(x))) < random.uniform(0.35, 0.95)
    who, which = np.nonzero(seen)
    centre = dips.x[which] + random.normal(0, jitter, len(which)) * dips.width[which]
    wide = dips.width[which] * TOO_WIDE * random.lognormal(0, TOO_WIDE_SPREAD, len(which))
    false = random.poisson(FALSE, volunteers)
    nothing = random.uniform(0, DAYS, false.sum())
    of_nothing = WIDTH * TOO_WIDE * random.lognormal(0, WIDTH_SPREAD, false.sum())
    drawn = Spans(np.concatenate([centre, nothing]), np.concatenate([wide, of_nothing]))
    return Curve(dips, drawn, np.concatenate([who, np.repeat(np.arange(volunteers), false)]), volunteers)


def overlap(one: Spans, other: Spans) -> np.ndarray:
    """What each pair of spans has in common, divided by both together."""
    x, width = one.x[:, None], one.width[:, None]
    low = np.maximum(x - width / 2, other.x - other.width / 2)
    high = np.minimum(x + width / 2, other.x + other.width / 2)
    common = np.maximum(high - low, 0)
    return common / (width + other.width - common)


class Score(NamedTuple):
    """How many dips are found, how many spans are dips, and the harmonic mean of both."""

    f1: float
    precision: float
    recall: float


def least(n: int) -> int:
    """The volunteers that a cluster needs."""
    return max(DEFAULTS.min_volunteers, int(np.ceil(DEFAULTS.min_detection * n - 1e-9)))


def clustered(star: Curve, metric: Metric, eps: float, minimum: int, *, plain: bool = False) -> Spans:
    """The mean of each cluster that is no candidate."""
    count, who = len(star.volunteers), star.volunteers
    marks = Marks(np.zeros(count, np.int64), who, who, metric, np.full(count, eps), np.full(count, minimum))
    labels = dbscan(marks, neighbours(marks)) if plain else clusters(marks, dbscan)
    inside = labels != NOISE
    sizes = np.bincount(labels[inside])
    means = (np.bincount(labels[inside], values[inside]) / sizes for values in star.drawn)
    return Spans(*(mean[sizes >= minimum] for mean in means))


def single(star: Curve, _minimum: int) -> Spans:
    """The spans of the first volunteer."""
    own = star.volunteers == 0
    return Spans(star.drawn.x[own], star.drawn.width[own])


def edges(star: Curve, minimum: int) -> Spans:
    """Clusters by the distance of edges in days."""
    left, width = star.drawn.x - star.drawn.width / 2, star.drawn.width
    return clustered(star, Distances([[left, left + width]], points=2, axis=left), 20, minimum, plain=True)


def centre_and_width(star: Curve, minimum: int) -> Spans:
    """Clusters by the distance of centre and width in days."""
    return clustered(star, Distances([[*star.drawn]]), 5, minimum, plain=True)


def by_overlap(eps: float) -> Callable[[Curve, int], Spans]:
    """Clusters by 1 - IoU of at most `eps`."""
    return lambda star, minimum: clustered(star, spans(*star.drawn), eps, minimum)


METHODS: dict[str, Callable[[Curve, int], Spans]] = {
    "single": single,
    "edges": edges,
    "centre and width": centre_and_width,
    "eps 0.5": by_overlap(0.5),
    "eps 0.7": by_overlap(0.7),
    # What `detection` of at least .3 leaves of it.
    "eps 0.7, 30 %": lambda star, minimum: by_overlap(0.7)(star, max(minimum, int(np.ceil(0.3 * star.n - 1e-9)))),
}


def right(dips: Spans, found: Spans) -> int:
    """How many dips are found, one to one."""
    shared = overlap(dips, found) >= FOUND
    one, other = linear_sum_assignment(~shared)
    return int(shared[one, other].sum())


def scores(curves: int, volunteers: int, jitter: float, seed: int = 0) -> dict[str, Score]:
    """The score of every method on stars with known dips."""
    random = np.random.default_rng([volunteers, round(100 * jitter), seed])
    stars = [curve(volunteers, jitter, random) for _ in range(curves)]
    n_dips = sum(len(star.dips.x) for star in stars)
    result = {}
    for name, method in METHODS.items():
        found = [method(star, least(volunteers)) for star in stars]
        hits = sum(right(star.dips, each) for star, each in zip(stars, found, strict=True))
        n_found = sum(len(each.x) for each in found)
        result[name] = Score(2 * hits / (n_dips + n_found), hits / max(n_found, 1), hits / n_dips)
    return result


def table(curves: int) -> Iterator[str]:
    """F1 of every method by the jitter of centres, in widths."""
    jitters = (0.1, 0.25, 0.4)
    yield f"| volunteers | jitter | {' | '.join(METHODS)} |"
    yield f"|{'---|' * (len(METHODS) + 2)}"
    for volunteers in (3, 5, 10, 20):
        for jitter in jitters:
            found = scores(curves, volunteers, jitter)
            yield f"| {volunteers} | {jitter} | {' | '.join(f'{score.f1:.3f}' for score in found.values())} |"


def cpu_seconds(count: int, per_curve: int = 40, volunteers: int = 10) -> float:
    """CPU seconds for the clusters of so many spans, 40 on each curve."""
    random = np.random.default_rng(1)
    groups = np.repeat(np.arange(count // per_curve), per_curve)
    dips = random.uniform(0, DAYS, (count // per_curve, per_curve // volunteers, 1))
    x = (dips + random.normal(0, 0.25 * WIDTH, (*dips.shape[:2], volunteers))).ravel()
    width = WIDTH * random.lognormal(0, TOO_WIDE_SPREAD, len(x))
    who = np.tile(np.arange(volunteers), len(x) // volunteers)
    before = time.process_time()
    # As the product does it, some subjects after the others.
    for start in range(0, len(x), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        size = len(x[some])
        metric = spans(x[some], width[some])
        eps, minimum = np.full(size, DEFAULTS.eps_span), np.full(size, least(volunteers))
        clusters(Marks(groups[some] - groups[start], who[some], who[some], metric, eps, minimum), dbscan)
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--curves", type=int, default=400, help="curves of each setting")
    parser.add_argument("--spans", type=int, default=0, help="measure the seconds for so many spans, too")
    options = parser.parse_args()
    print("\n".join(table(options.curves)))
    if options.spans:
        print(f"\n{options.spans:,} spans: {cpu_seconds(options.spans):.1f} CPU seconds")


if __name__ == "__main__":
    main()
