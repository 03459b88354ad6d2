"""The measures of `coverage` for clusters of upright boxes, many at once.

The edges of the boxes of a cluster cut the plane into a grid of cells. Clusters of as many boxes have grids of the
same size, and are counted together.
"""

import numpy as np

from zoo_dag.clustering.boxes import Boxes
from zoo_dag.clustering.dbscan import Flags, Floats, Integers
from zoo_dag.task_types.drawings.coverage import levels, majority

# Cells of all grids that are counted together.
_AT_ONCE = 2_000_000


def box_measures(boxes: Boxes, members: Integers) -> tuple[Floats, Floats, Integers, Integers]:
    """`area`, `boundary_std` (NaN where there is none), `n_pieces` and `n_holes`.

    `members` (cluster, member) are the places of the boxes of clusters that have as many members each.
    """
    count, n = members.shape
    at_once = max(_AT_ONCE // (2 * n) ** 2, 1)
    parts = [_of_some(boxes, members[start : start + at_once]) for start in range(0, count, at_once)]
    area, spread, n_pieces, n_holes = (np.concatenate(values) for values in zip(*parts, strict=True))
    return area, spread, n_pieces, n_holes


def _of_some(boxes: Boxes, members: Integers) -> tuple[Floats, Floats, Integers, Integers]:
    count, n = members.shape
    xs, left, right = _edges(boxes.left[members], boxes.right[members])
    ys, top, bottom = _edges(boxes.top[members], boxes.bottom[members])
    steps = np.zeros((count, 2 * n, 2 * n), np.int64)
    cluster = np.arange(count)[:, None]
    # Each box adds one to all cells behind its first corner, and takes it away again behind the others.
    for column, row, step in ((left, top, 1), (right, top, -1), (left, bottom, -1), (right, bottom, 1)):
        np.add.at(steps, (cluster, column, row), step)
    covered = steps.cumsum(axis=1).cumsum(axis=2)[:, :-1, :-1]
    width, height = np.diff(xs, axis=1), np.diff(ys, axis=1)
    cells = width[:, :, None] * height[:, None, :]
    numbers = (covered + (n + 1) * np.arange(count)[:, None, None]).ravel()
    exactly = np.bincount(numbers, cells.ravel(), minlength=count * (n + 1)).reshape(count, n + 1)
    areas = exactly[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    most = _without_gaps(covered >= majority(n), width, height)
    area, spread = levels(areas, _perimeter(most, width, height))
    n_pieces = _n_parts(most)
    outside = ~np.pad(most, ((0, 0), (1, 1), (1, 1)))
    return area, spread, n_pieces, _n_parts(outside) - 1


def _edges(low: Floats, high: Floats) -> tuple[Floats, Integers, Integers]:
    """The edges of each cluster in order, and the places of low and high ends among them."""
    both = np.concatenate((low, high), axis=1)
    order = np.argsort(both, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(both.shape[1])[None, :], axis=1)
    n = low.shape[1]
    return np.take_along_axis(both, order, axis=1), place[:, :n], place[:, n:]


def _without_gaps(most: Flags, width: Floats, height: Floats) -> Flags:
    """Cells without an extent, between edges at the same place, are as the cells before them."""
    filled = most
    for axis, extent in ((1, width), (2, height)):
        real = extent > 0
        place = np.maximum.accumulate(np.where(real, np.arange(extent.shape[1]), -1), axis=1)
        place = np.where(place < 0, real.argmax(axis=1)[:, None], place)
        filled = np.take_along_axis(filled, np.expand_dims(place, 3 - axis), axis=axis)
        filled = np.logical_and(filled, real.any(axis=1).reshape(-1, 1, 1))
    return filled


def _perimeter(most: Flags, width: Floats, height: Floats) -> Floats:
    padded = np.pad(most, ((0, 0), (1, 1), (1, 1)))
    upright = (padded[:, 1:, 1:-1] != padded[:, :-1, 1:-1]).sum(axis=1)
    level = (padded[:, 1:-1, 1:] != padded[:, 1:-1, :-1]).sum(axis=2)
    perimeter: Floats = (upright * height).sum(axis=1) + (level * width).sum(axis=1)
    return perimeter


def _n_parts(cells: Flags) -> Integers:
    """The number of parts of each grid, cells that share an edge being of one."""
    # Many projects have no marks, and importing SciPy takes a tenth of the time of loading the code location.
    from scipy import ndimage  # noqa: PLC0415

    beside = np.zeros((3, 3, 3), bool)
    beside[1] = [[False, True, False], [True, True, True], [False, True, False]]
    numbered, _ = ndimage.label(cells, beside)
    # Parts are numbered grid by grid.
    highest = np.maximum.accumulate(numbered.max(axis=(1, 2)))
    return np.diff(highest, prepend=0).astype(np.int64)
