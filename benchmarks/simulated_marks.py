"""Clusters of marks against a known truth.

Simulated volunteers miss things, click twice, and mark what is not there. Prints tables in Markdown, the figures
of docs/marks.md; the same seed gives the same figures. `plain` is DBSCAN with the same distance and minimum, but
without a split: marks of one volunteer may be in one cluster.

A thing is found where a cluster that is no candidate has its centre within 2.5 standard deviations of it, one to
one. The spread is the standard deviation of marks along each axis. The picture is 1,000 pixels wide.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from zoo_dag.clustering.boxes import Boxes
from zoo_dag.clustering.dbscan import NOISE, Marks, Metric, dbscan, neighbours
from zoo_dag.settings.drawings import Drawings
from zoo_dag.task_types.drawings.shapes import Distances
from zoo_dag.task_types.drawings.splitting import clusters

WIDTH = 1000.0
NEAR = 2.5
DEFAULTS = Drawings()
EPS = DEFAULTS.eps_share * WIDTH


class Drawn(NamedTuple):
    """Marks (mark, coordinate) and the volunteer of each, of `n` volunteers."""

    marks: np.ndarray
    volunteers: np.ndarray
    n: int


class Scene(NamedTuple):
    """How volunteers mark: the spread, the shares that they see and click twice, and the marks of nothing each."""

    volunteers: int
    spread: float
    seen: float = 1.0
    twice: float = 0.0
    false: float = 0.0

    def draw(self, things: np.ndarray, random: np.random.Generator) -> Drawn:
        """The marks of all volunteers."""
        marks, who = [], []
        for volunteer in range(self.volunteers):
            seen = things[random.random(len(things)) < self.seen]
            own = seen + random.normal(0, self.spread, seen.shape)
            again = own[random.random(len(own)) < self.twice]
            nothing = random.uniform(things.min(axis=0), things.max(axis=0) + 1, (random.poisson(self.false), 2))
            every = np.concatenate([own, again + random.normal(0, 0.02 * self.spread, again.shape), nothing])
            marks.append(every)
            who.append(np.full(len(every), volunteer))
        return Drawn(np.concatenate(marks), np.concatenate(who).astype(np.int64), self.volunteers)


class Found(NamedTuple):
    """Things found, clusters, the largest distance of one from the nearest thing in sd, and the best detection."""

    right: int
    clusters: int
    off: float
    detection: float


def least(n: int, share: float = DEFAULTS.min_detection) -> int:
    """The volunteers that a cluster needs."""
    return max(DEFAULTS.min_volunteers, int(np.ceil(share * n - 1e-9)))


def labels_of(
    drawn: Drawn, eps: float, minimum: int, *, plain: bool, metric: Callable[..., Metric] | None = None
) -> np.ndarray:
    """The cluster of each mark; without a split NOISE for none."""
    count = len(drawn.marks)
    columns = [np.ascontiguousarray(column) for column in drawn.marks.T]
    of_marks = metric(*columns) if metric else Distances([columns])
    nothing = np.zeros(count, np.int64)
    marks = Marks(
        nothing, drawn.volunteers, drawn.volunteers, of_marks, np.full(count, eps), np.full(count, minimum)
    )
    return dbscan(marks, neighbours(marks)) if plain else clusters(marks, dbscan)


def compare(labels: np.ndarray, drawn: Drawn, things: np.ndarray, spread: float, minimum: int) -> Found:
    """What the clusters have of the things."""
    members = [labels == label for label in np.unique(labels[labels != NOISE])]
    members = [each for each in members if len(np.unique(drawn.volunteers[each])) >= minimum]
    if not members:
        return Found(0, 0, 0.0, 0.0)
    centres = np.array([drawn.marks[each, :2].mean(axis=0) for each in members])
    apart = np.sqrt(((centres[:, None] - things[None]) ** 2).sum(axis=-1))
    one, other = linear_sum_assignment(apart)
    largest = max(len(np.unique(drawn.volunteers[each])) for each in members)
    off = float(apart.min(axis=1).max()) / spread
    return Found(int((apart[one, other] <= NEAR * spread).sum()), len(members), off, largest / drawn.n)


def two_things(draws: int) -> Iterator[str]:
    """Both survive, by gap and number of volunteers."""
    gaps = (2, 3, 4, 5, 6, 8, 10)
    columns = " | ".join(f"{gap} sd" for gap in gaps)
    yield f"| volunteers | seen | {columns} | plain, 6 sd | farthest centre, from 6 sd |"
    yield f"|{'---|' * (len(gaps) + 4)}"
    for volunteers in (5, 10, 20, 30):
        for seen in (1.0, 0.9, 0.7):
            scene, minimum = Scene(volunteers, 5.0, seen), least(volunteers)
            shares, off, plain = [], [], []
            for gap in gaps:
                things = np.array([[400.0, 400.0], [400.0 + gap * scene.spread, 400.0]])
                random = np.random.default_rng([volunteers, int(100 * seen), gap])
                right = 0
                for _ in range(draws):
                    drawn = scene.draw(things, random)
                    found = compare(labels_of(drawn, EPS, minimum, plain=False), drawn, things, 5.0, minimum)
                    right += found.right == len(things)
                    if gap >= 6:
                        off.append(found.off)
                    if gap == 6:
                        labels = labels_of(drawn, EPS, minimum, plain=True)
                        plain.append(compare(labels, drawn, things, 5.0, minimum).right == len(things))
                shares.append(f"{right / draws:.2f}")
            yield f"| {volunteers} | {seen} | {' | '.join(shares)} | {np.mean(plain):.2f} | {max(off):.1f} sd |"


def crowds(draws: int) -> Iterator[str]:
    """5 to 20 things at least 5 standard deviations apart, with misses and marks of nothing."""
    yield "| volunteers | spread | seen | found | precision | count error | plain: found | count error |"
    yield f"|{'---|' * 8}"
    for volunteers in (5, 10, 20):
        for spread in (3.0, 6.0):
            for seen in (0.5, 0.7, 0.9):
                scene, minimum = Scene(volunteers, spread, seen, twice=0.02, false=0.5), least(volunteers)
                random = np.random.default_rng([volunteers, int(spread), int(10 * seen)])
                found, plain, numbers = [], [], []
                for _ in range(draws):
                    things = scattered(int(random.integers(5, 21)), 5 * spread, random)
                    drawn = scene.draw(things, random)
                    numbers.append(len(things))
                    for is_plain, results in ((False, found), (True, plain)):
                        labels = labels_of(drawn, EPS, minimum, plain=is_plain)
                        results.append(compare(labels, drawn, things, spread, minimum))
                yield (
                    f"| {volunteers} | {spread / 10:.1f} % | {seen} | {recall(found, numbers):.2f} | "
                    f"{precision(found):.2f} | {count_error(found, numbers):.2f} | "
                    f"{recall(plain, numbers):.2f} | {count_error(plain, numbers):.2f} |"
                )


def scattered(count: int, apart: float, random: np.random.Generator) -> np.ndarray:
    """Places at least so far apart, in a field that is as crowded for any number."""
    field = 2 * apart * np.sqrt(count)
    places: list[np.ndarray] = []
    while len(places) < count:
        place = random.uniform(0, field, 2)
        if all(np.hypot(*(place - other)) >= apart for other in places):
            places.append(place)
    return np.array(places)


def recall(found: list[Found], numbers: list[int]) -> float:
    """Things found of all."""
    return sum(each.right for each in found) / sum(numbers)


def precision(found: list[Found]) -> float:
    """Clusters that are things."""
    return sum(each.right for each in found) / max(sum(each.clusters for each in found), 1)


def count_error(found: list[Found], numbers: list[int]) -> float:
    """The mean error of the number of clusters, as a share of the number of things."""
    return float(np.mean([abs(each.clusters - n) / n for each, n in zip(found, numbers, strict=True)]))


def one_thing(draws: int) -> Iterator[str]:
    """Detection of one thing that all mark, by eps, and a second cluster where there is none."""
    shares = (0.015, 0.02, 0.025, 0.03)
    yield f"| volunteers | {' | '.join(f'eps {share:.1%}' for share in shares)} |"
    yield f"|{'---|' * (len(shares) + 1)}"
    things = np.array([[400.0, 400.0]])
    for volunteers in (3, 5, 10, 20, 30):
        cells = []
        for share in shares:
            random = np.random.default_rng(volunteers)
            found = []
            for _ in range(draws):
                drawn = Scene(volunteers, 8.0).draw(things, random)
                labels = labels_of(drawn, share * WIDTH, least(volunteers), plain=False)
                found.append(compare(labels, drawn, things, 8.0, least(volunteers)))
            second = np.mean([each.clusters > 1 for each in found])
            cells.append(f"{np.mean([each.detection for each in found]):.3f} ({second:.2f})")
        yield f"| {volunteers} | {' | '.join(cells)} |"


def minimums(draws: int) -> Iterator[str]:
    """What the minimum finds, and what it takes for a thing."""
    shares = (0.1, 0.2, 0.3, 0.4)
    yield f"| volunteers | seen | {' | '.join(f'{share:.0%}' for share in shares)} | 3 volunteers |"
    yield f"|{'---|' * (len(shares) + 3)}"
    for volunteers in (5, 10, 20):
        for seen in (0.5, 0.7):
            cells = []
            for minimum in [*(least(volunteers, share) for share in shares), 3]:
                random = np.random.default_rng(volunteers)
                found, numbers = [], []
                for _ in range(draws):
                    things = scattered(10, 40.0, random)
                    drawn = Scene(volunteers, 4.0, seen, false=1.0).draw(things, random)
                    labels = labels_of(drawn, EPS, minimum, plain=False)
                    found.append(compare(labels, drawn, things, 4.0, minimum))
                    numbers.append(len(things))
                cells.append(f"{recall(found, numbers):.2f} / {precision(found):.2f}")
            yield f"| {volunteers} | {seen} | {' | '.join(cells)} |"


def clicks_twice(draws: int) -> Iterator[str]:
    """How often one thing becomes two where people click twice."""
    shares = (0.05, 0.1, 0.2, 0.3)
    yield f"| volunteers | {' | '.join(f'{share:.0%} click twice' for share in shares)} |"
    yield f"|{'---|' * (len(shares) + 1)}"
    things = np.array([[400.0, 400.0]])
    for volunteers in (5, 10, 20, 30):
        cells = []
        for share in shares:
            random, second = np.random.default_rng(volunteers), 0
            for _ in range(draws):
                drawn = Scene(volunteers, 5.0, 0.9, twice=share).draw(things, random)
                labels = labels_of(drawn, EPS, least(volunteers), plain=False)
                second += compare(labels, drawn, things, 5.0, least(volunteers)).clusters > 1
            cells.append(f"{second / draws:.2f}")
        yield f"| {volunteers} | {' | '.join(cells)} |"


def boxes(draws: int) -> Iterator[str]:
    """A row of five boxes side by side that overlap, by IoU."""
    yield "| volunteers | seen | found | count error | plain: found | count error |"
    yield f"|{'---|' * 6}"
    things = np.array([[100.0 + 45 * place, 100.0] for place in range(5)])
    for volunteers in (5, 10, 20):
        for seen in (0.7, 0.9):
            random, found, plain = np.random.default_rng(volunteers), [], []
            for _ in range(draws):
                drawn = Scene(volunteers, 5.0, seen).draw(things, random)
                sizes = random.normal((60.0, 50.0), 4.0, drawn.marks.shape)
                drawn = drawn._replace(marks=np.concatenate([drawn.marks, sizes], axis=1))
                for is_plain, results in ((False, found), (True, plain)):
                    eps, minimum = DEFAULTS.eps_overlap, least(volunteers)
                    labels = labels_of(drawn, eps, minimum, plain=is_plain, metric=Boxes)
                    results.append(compare(labels, drawn, things, 5.0, minimum))
            numbers = [len(things)] * draws
            yield (
                f"| {volunteers} | {seen} | {recall(found, numbers):.2f} | {count_error(found, numbers):.2f} | "
                f"{recall(plain, numbers):.2f} | {count_error(plain, numbers):.2f} |"
            )


TABLES = (two_things, crowds, boxes, one_thing, clicks_twice, minimums)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200, help="draws of each setting")
    options = parser.parse_args()
    for table in TABLES:
        print(f"{table.__doc__}\n")
        print("\n".join(table(options.draws)), end="\n\n")


if __name__ == "__main__":
    main()
