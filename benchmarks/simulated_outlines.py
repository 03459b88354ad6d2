"""Outlines of several volunteers against a known truth.

Simulated volunteers draw around shapes of a radius of 35 to 60 pixels, off by a smooth error in the direction of
the radius; some draw carelessly, at .6 or 1.4 times the size. Prints the tables of docs/marks.md; the same seed
gives the same figures.

Each method gives one outline: `single` is one volunteer's, `medoid` the one that is most like the others (`median`
of `panoptes_aggregation`); `union` is what any member of the largest cluster covers, clusters being those of
`drawing_consensus`, and shares are what so many of its members cover. Figures are the IoU with
the truth and the mean distance of the outline from the true one in pixels.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import shapely

from zoo_dag.clustering.dbscan import Marks, dbscan
from zoo_dag.settings.drawings import Drawings
from zoo_dag.task_types.drawings.coverage import Coverage, coverage, majority, measures, more_than_half
from zoo_dag.task_types.drawings.overlap import Areas
from zoo_dag.task_types.drawings.splitting import clusters

CORNERS = 72
RADIUS = (35.0, 60.0)
# How much the radius of a shape varies around it, by the number of its lobes.
LOBES = {2: 0.12, 3: 0.1, 5: 0.04}
# The error of a hand changes along the way as waves of up to so many lengths around the shape.
WAVES = 12
BAD_SIZES = (0.6, 1.4)
DEFAULTS = Drawings()

Outlines = list[shapely.Polygon]


class Drawn(NamedTuple):
    """The true shape, and what each volunteer drew around it."""

    truth: shapely.Polygon
    outlines: Outlines


def shape(random: np.random.Generator) -> np.ndarray:
    """The radius of a shape in each direction."""
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    lobes = sum(size * np.cos(n * turns + random.uniform(0, 2 * np.pi)) for n, size in LOBES.items())
    radius: np.ndarray = random.uniform(*RADIUS) * (1 + lobes)
    return radius


def hand(noise: float, random: np.random.Generator) -> np.ndarray:
    """The error of one hand in each direction, of a standard deviation of `noise` pixels."""
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    waves = np.arange(WAVES + 1)[:, None]
    size = np.where(waves > 0, 1.0, np.sqrt(0.5)) / np.sqrt(WAVES + 0.5)
    one, other = random.normal(0, noise, (2, WAVES + 1, 1)) * size
    error: np.ndarray = (one * np.cos(waves * turns) + other * np.sin(waves * turns)).sum(axis=0)
    return error


def polygon(radius: np.ndarray) -> shapely.Polygon:
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    return shapely.make_valid(shapely.Polygon(np.column_stack((radius * np.cos(turns), radius * np.sin(turns)))))


def drawn(n: int, noise: float, bad: float, random: np.random.Generator) -> Drawn:
    """A shape and the outlines of `n` volunteers, of whom a share of `bad` draw carelessly."""
    radius = shape(random)
    sizes = np.where(random.random(n) < bad, random.choice(BAD_SIZES, n), 1.0)
    return Drawn(polygon(radius), [polygon(size * radius + hand(noise, random)) for size in sizes])


def largest_cluster(outlines: Outlines) -> Outlines:
    """The members of the largest cluster, of equally large ones the first."""
    who, eps = np.arange(len(outlines)), np.full(len(outlines), DEFAULTS.eps_overlap)
    least = max(DEFAULTS.min_volunteers, int(np.ceil(DEFAULTS.min_detection * len(outlines) - 1e-9)))
    metric = Areas(np.array(outlines))
    labels = clusters(Marks(np.zeros_like(who), who, who, metric, eps, np.full_like(who, least)), dbscan)
    return [outlines[place] for place in np.flatnonzero(labels == np.bincount(labels).argmax())]


def iou(one: shapely.Geometry, other: shapely.Geometry) -> float:
    common = one.intersection(other).area
    return common / (one.area + other.area - common) if common else 0.0


def medoid(outlines: Outlines, _covered: Coverage) -> shapely.Geometry:
    """The outline with the largest overlap with all others."""
    return max(outlines, key=lambda one: sum(iou(one, other) for other in outlines))


METHODS: dict[str, Callable[[Outlines, Coverage], shapely.Geometry]] = {
    "single": lambda outlines, _: outlines[0],
    "union": lambda _, covered: covered.region(1),
    "medoid": medoid,
    "at least half": lambda _, covered: covered.region((len(covered.areas) + 1) // 2),
    "more than half": lambda _, covered: more_than_half(covered),
}


def off(found: shapely.Geometry, truth: shapely.Polygon) -> float:
    """The mean distance from the true outline of points along an outline."""
    outline = shapely.boundary(found)
    along = shapely.line_interpolate_point(outline, np.linspace(0, 1, 200, endpoint=False), normalized=True)
    return float(np.mean(shapely.distance(along, truth.exterior)))


class Score(NamedTuple):
    """Mean IoU, and the mean distance from the true outline in pixels."""

    iou: float
    off: float


class Measured(NamedTuple):
    """The error of `area` and of what at least half cover, as a shift of the boundary; boundary_std."""

    area: float
    half: float
    more: float
    boundary_std: float


def scores(shapes: int, n: int, noise: float, bad: float, seed: int = 1) -> tuple[dict[str, Score], Measured]:
    """What every method gives, and the measures of `drawing_consensus`, over some shapes."""
    random = np.random.default_rng([n, round(10 * noise), round(100 * bad), seed])
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    measured = []
    for _ in range(shapes):
        truth, outlines = drawn(n, noise, bad, random)
        covered = coverage(largest_cluster(outlines))
        for name, method in METHODS.items():
            outline = method(outlines, covered)
            found[name].append((iou(outline, truth), off(outline, truth)))
        each, size = measures(covered, more_than_half(covered)), len(covered.areas)
        areas = (each.area, covered.areas[(size + 1) // 2 - 1], covered.areas[majority(size) - 1])
        shifts = [(area - truth.area) / truth.length for area in areas]
        measured.append((*shifts, np.nan if each.boundary_std is None else each.boundary_std))
    return (
        {name: Score(*np.mean(values, axis=0).tolist()) for name, values in found.items()},
        Measured(*np.nanmean(measured, axis=0).tolist()),
    )


def by_method(shapes: int) -> Iterator[str]:
    """IoU / mean distance in pixels, outlines off by 2 pixels."""
    yield f"| volunteers | bad | {' | '.join(METHODS)} |"
    yield f"|{'---|' * (len(METHODS) + 2)}"
    for n in (3, 4, 5, 10, 20):
        for bad in (0.0, 0.15):
            found, _ = scores(shapes, n, 2.0, bad)
            cells = (f"{score.iou:.3f} / {score.off:.2f}" for score in found.values())
            yield f"| {n} | {bad:.0%} | {' | '.join(cells)} |"


def by_measure(shapes: int) -> Iterator[str]:
    """Errors of areas as a shift of the boundary in pixels, and boundary_std."""
    yield "| volunteers | error | bad | true spread | area | at least half | more than half | boundary_std |"
    yield f"|{'---|' * 8}"
    for n in (4, 10, 20):
        for noise, bad in ((2.0, 0.0), (5.0, 0.0), (2.0, 0.15)):
            _, measured = scores(shapes, n, noise, bad)
            yield (
                f"| {n} | {noise:.0f} px | {bad:.0%} | {across(shapes, noise):.2f} | {measured.area:+.2f} | "
                f"{measured.half:+.2f} | {measured.more:+.2f} | {measured.boundary_std:.2f} |"
            )


def across(shapes: int, noise: float) -> float:
    """The standard deviation of outlines across the true boundary."""
    random, squares = np.random.default_rng(1), []
    for _ in range(shapes):
        truth, (outline,) = drawn(1, noise, 0.0, random)
        corners = shapely.points(shapely.get_coordinates(outline))
        squares.append(np.mean(shapely.distance(corners, truth.exterior) ** 2))
    return float(np.sqrt(np.mean(squares)))


TABLES = (by_method, by_measure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", type=int, default=60, help="shapes of each setting")
    options = parser.parse_args()
    for table in TABLES:
        print(f"{table.__doc__}\n")
        print("\n".join(table(options.shapes)), end="\n\n")


if __name__ == "__main__":
    main()
