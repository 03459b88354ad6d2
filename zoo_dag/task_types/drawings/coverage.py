"""How many of some areas cover each place, and the area that at least k of them cover.

The outlines of all areas cut the plane into faces, each of which an area covers completely or not at all. So one
arrangement gives the areas of all k. Faces grow with the crossings of outlines: of very many areas the cells of a
raster take their place.

The area that more than half cover is that of a median outline: half of the members lie inside of it, half outside.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import shapely

from zoo_dag.clustering.boxes import Shapes
from zoo_dag.clustering.dbscan import Floats, Integers

# Of more areas, or where their outlines may cross more often, cells are counted.
MOST_AREAS, MOST_CROSSINGS = 200, 1_000_000
# Cells along the longer side.
_CELLS = 512
# Quartiles of a normal distribution are so many standard deviations apart.
_BETWEEN_QUARTILES = 1.349


class Coverage(Protocol):
    """How many areas cover each place. `areas` has what at least 1, 2, ... cover, up to all of them."""

    areas: Floats
    method: str

    def region(self, k: int) -> shapely.Geometry:
        """What at least `k` of the areas cover."""


# What is done with the coverage of a cluster as soon as it is known: the place of its first mark comes first.
Keep = Callable[[int, Coverage], None]


class Measures(NamedTuple):
    """The measures of the areas of a cluster: square pixels, pixels, and counts."""

    area: float
    boundary_std: float | None
    n_pieces: int
    n_holes: int


def coverage(shapes: Sequence[shapely.Geometry]) -> Coverage:
    """The coverage of valid areas, by faces or by cells; the same in any order of the areas."""
    if len(shapes) == 1:
        return _Single(shapes[0])
    # Two outlines cross about as often as one of them has sides, at most.
    crossings = len(shapes) * int(shapely.get_num_coordinates(shapes).sum()) // 2
    few = len(shapes) <= MOST_AREAS and crossings <= MOST_CROSSINGS
    return _Faces(shapes) if few else _Cells(shapes)


def more_than_half(covered: Coverage) -> shapely.Geometry:
    """What more than half of the areas cover; where they have nothing in common, what most of them cover."""
    n_common = int((covered.areas > 0).sum())
    return covered.region(min(majority(len(covered.areas)), max(n_common, 1)))


def majority(n: int) -> int:
    """The smallest number that is more than half."""
    return n // 2 + 1


def measures(covered: Coverage, consensus: shapely.Geometry) -> Measures:
    """The measures of a cluster, whose `consensus` is what `more_than_half` returns."""
    areas = covered.areas
    if areas[majority(len(areas)) - 1] <= 0:
        consensus = shapely.Polygon()
    pieces, n_holes = pieces_and_holes(consensus)
    area, spread = levels(areas[None, :], np.array([shapely.length(consensus)]))
    return Measures(float(area[0]), None if np.isnan(spread[0]) else float(spread[0]), len(pieces), n_holes)


def levels(areas: Floats, perimeter: Floats) -> tuple[Floats, Floats]:
    """Area and boundary_std of clusters of as many members each.

    Takes `areas` (cluster, k), what at least k = 1, 2, ... cover, and the perimeter of what more than half cover.
    Of an even number of members the area that half cover is too large, and the next one too small: the area is
    their mean. The spread of boundaries is the area between the quartiles of coverage, as a width along the
    perimeter; NaN for fewer than three members. One bad member hardly changes it.
    """
    n = areas.shape[1]
    area: Floats = (areas[:, (n + 1) // 2 - 1] + areas[:, majority(n) - 1]) / 2
    if n < 3:
        return area, np.full(len(areas), np.nan)
    between = _at_share(areas, 0.25) - _at_share(areas, 0.75)
    spread = np.divide(
        between, _BETWEEN_QUARTILES * perimeter, out=np.full(len(areas), np.nan), where=perimeter > 0
    )
    return area, spread


def _at_share(areas: Floats, share: float) -> Floats:
    """The area at a share of the members, where at least k of n stand for a share of (k - 1/2) / n."""
    place = share * areas.shape[1] - 0.5
    before = int(place)
    area: Floats = areas[:, before] + (place - before) * (areas[:, before + 1] - areas[:, before])
    return area


def pieces_and_holes(region: shapely.Geometry) -> tuple[list[shapely.Polygon], int]:
    """The pieces of an area, the largest first, and how many holes they have together."""
    parts = [part for part in shapely.get_parts(shapely.normalize(region)) if part.area > 0]
    parts.sort(key=lambda part: -part.area)
    return parts, int(sum(shapely.get_num_interior_rings(part) for part in parts))


class _Single:
    """One area."""

    method = "faces"

    def __init__(self, shape: shapely.Geometry) -> None:
        self.areas = np.array([shape.area])
        self._shape = shape

    def region(self, k: int) -> shapely.Geometry:
        return self._shape if k <= 1 else shapely.Polygon()


class _Faces:
    """The faces of an arrangement of outlines; exact."""

    method = "faces"

    def __init__(self, shapes: Sequence[shapely.Geometry]) -> None:
        outlines = shapely.union_all(shapely.boundary(shapes))
        self._faces: Shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(outlines)))
        inside = shapely.get_coordinates(shapely.point_on_surface(self._faces))
        self._covered = np.zeros(len(self._faces), np.int64)
        for shape in shapes:
            self._covered += shapely.contains_xy(shape, inside)
        self.areas = _at_least(self._covered, shapely.area(self._faces), len(shapes))

    def region(self, k: int) -> shapely.Geometry:
        # Faces share their corners exactly, so that no crossing has to be searched for.
        return shapely.coverage_union_all(self._faces[self._covered >= k])


class _Cells:
    """The cells of a raster over all areas, each by its centre."""

    method = "cells"

    def __init__(self, shapes: Sequence[shapely.Geometry]) -> None:
        left, top, right, bottom = shapely.total_bounds(shapes)
        self._left, self._top = left, top
        self._side = max(right - left, bottom - top) / _CELLS or 1.0
        size = [max(int(np.ceil((high - low) / self._side)), 1) for low, high in ((top, bottom), (left, right))]
        self._covered = np.zeros(size, np.int64)
        for shape in shapes:
            self._covered += self._inside(shape)
        self.areas = _at_least(self._covered.ravel(), np.full(self._covered.size, self._side**2), len(shapes))

    def _inside(self, shape: shapely.Geometry) -> Integers:
        """1 for each cell whose centre the outlines of a shape go around an odd number of times."""
        rings = shapely.get_rings(shape)
        corners, ring = shapely.get_coordinates(rings, return_index=True)
        if not len(corners):
            return np.zeros(self._covered.shape, np.int64)
        # In cells, so that the centres of rows and columns are whole numbers.
        x, y = ((corners - (self._left, self._top)) / self._side - 0.5).T
        same = np.flatnonzero(ring[1:] == ring[:-1])
        (x1, y1), (x2, y2) = (x[same], y[same]), (x[same + 1], y[same + 1])
        first = np.ceil(np.minimum(y1, y2)).astype(np.int64)
        n_rows = np.ceil(np.maximum(y1, y2)).astype(np.int64) - first
        side = np.repeat(np.arange(len(same)), n_rows)
        row = first[side] + np.arange(len(side)) - (np.cumsum(n_rows) - n_rows)[side]
        crossed = x1[side] + (row - y1[side]) / (y2 - y1)[side] * (x2 - x1)[side]
        column = np.ceil(crossed).astype(np.int64)
        height, width = self._covered.shape
        # Rounding may put a corner on the edge a row too far.
        there = (row >= 0) & (row < height)
        turns = np.zeros((height, width + 1), np.int64)
        np.add.at(turns, (row[there], np.clip(column[there], 0, width)), 1)
        inside: Integers = np.cumsum(turns, axis=1)[:, :-1] % 2
        return inside

    def region(self, k: int) -> shapely.Geometry:
        padded = np.pad(self._covered >= k, ((0, 0), (1, 1))).astype(np.int8)
        steps = np.diff(padded, axis=1)
        row, start = np.nonzero(steps > 0)
        _, end = np.nonzero(steps < 0)
        left, right = (self._left + self._side * place for place in (start, end))
        top = self._top + self._side * row
        return shapely.union_all(shapely.box(left, top, right, self._top + self._side * (row + 1)))


def _at_least(covered: Integers, areas: Floats, n: int) -> Floats:
    """The area of what at least 1, 2, ... n cover, from the number for each part and its area."""
    exactly = np.bincount(covered, areas, minlength=n + 1).astype(np.float64)
    at_least: Floats = np.cumsum(exactly[::-1])[::-1][1:]
    return at_least
