"""The consensus geometry of a cluster: mean, spread, and overlap with the mean.

A volunteer has one mark in a cluster. Means are those of each column; angles are averaged around the circle of
their period (`angles`). Lines and paths are turned to one direction before, that in which most of them were drawn.
So the angle of a line is that of a direction, and lines drawn forth and back have the same. Its length is the mean
of the lengths: the mean line is shorter, where lines of one length differ in their angles.
An ellipse or a turned box looks the same after a quarter turn with its axes swapped: each is written in the form
that is nearest to the others, and the mean in the form that most of them have. The mean of outlines is the outline
of what more than half of the volunteers drew around: the largest piece, its holes filled.

Of marks that cover an area, the measures of that area are not those of the mean geometry, but of what the
volunteers cover together (`coverage`).

Spread is the standard deviation over the volunteers, divided by n - 1, for angles that of the distances around the
circle; null for one volunteer.
"""

import numpy as np
import polars as pl

from zoo_dag.clustering.dbscan import Flags, Floats, Integers
from zoo_dag.task_types.drawings.angles import centred, circular_means
from zoo_dag.task_types.drawings.areas import area_measures, outlines
from zoo_dag.task_types.drawings.coverage import Keep
from zoo_dag.task_types.drawings.shapes import PATH_POINTS, Shape, evenly_spaced

_LINE = ("x1", "y1", "x2", "y2")
_POINTS = pl.List(pl.Struct({"x": pl.Float64(), "y": pl.Float64()}))


class Members:
    """The marks of each cluster, one of each volunteer: `first`, the first of each, and `sizes`."""

    def __init__(self, clusters: Integers) -> None:
        """A number for each mark; clusters are numbered from 0 up, without gaps."""
        self.cluster = clusters
        _, self.first, self.sizes = np.unique(clusters, return_index=True, return_counts=True)
        self.count = len(self.first)

    def sum(self, values: Floats | Flags) -> Floats:
        """The sum over the marks of each cluster."""
        return np.bincount(self.cluster, values, minlength=self.count).astype(np.float64)

    def means(self, values: Floats) -> tuple[Floats, Floats]:
        """The mean of each cluster, and standard deviation."""
        mean = self.sum(values) / self.sizes
        return mean, self._spread(values - mean[self.cluster], self.cluster)

    def circular_means(self, angles: Floats, period: float) -> tuple[Floats, Floats]:
        """The same for angles, around the circle; those that are not a number are left out."""
        known = ~np.isnan(angles)
        angles, cluster = angles[known], self.cluster[known]
        mean = circular_means(angles, cluster, self.count, period)
        return mean, self._spread(centred(angles - mean[cluster], period), cluster)

    def _spread(self, deviations: Floats, cluster: Integers) -> Floats:
        sizes = np.bincount(cluster, minlength=self.count)
        squares = np.bincount(cluster, deviations**2, minlength=self.count).astype(np.float64)
        spread: Floats = np.divide(squares, sizes - 1, out=np.full(self.count, np.nan), where=sizes > 1)
        return np.sqrt(spread)


def centres(shape: Shape, marks: pl.DataFrame, members: Members, keep: Keep | None = None) -> pl.DataFrame:
    """One row for each cluster: the columns of the shape, their `*_std`, `points`, `closed`, `iou`.

    Where the shape covers an area also `area, boundary_std, n_pieces, n_holes`. `marks` are the members of the
    clusters, of one shape, in an order that does not change. `keep` is called with what each cluster covers.
    """
    if shape.name == "outline":
        geometry = outlines(marks, members.cluster, keep)
    elif shape.name == "path":
        geometry = pl.DataFrame({"points": _mean_path(marks, members)}, schema={"points": _POINTS})
        geometry = geometry.with_columns(closed=pl.lit(False))
    else:
        geometry = pl.DataFrame(_measures(shape, marks, members))
        if shape.has_area:
            geometry = geometry.hstack(area_measures(shape.metric(marks), members.cluster, keep))
    if marks["start_time"].null_count() < marks.height:
        mean, std = members.means(marks["start_time"].to_numpy())
        geometry = geometry.with_columns(start_time=mean, start_time_std=std)
    if shape.overlaps:
        geometry = geometry.with_columns(iou=_overlap(shape, marks, geometry, members))
    return geometry.with_columns(pl.selectors.float().fill_nan(None))


def _measures(shape: Shape, marks: pl.DataFrame, members: Members) -> dict[str, Floats]:
    values = {name: marks[name].to_numpy() for name in shape.columns}
    if shape.name == "line":
        ends = np.stack([values[name] for name in _LINE], axis=-1).reshape(-1, 2, 2)
        values = _of_lines(_one_direction(ends, members))
    nearest = np.zeros(members.count)
    if shape.swapped:
        nearest = _in_nearest_form(shape, values, members)
    measures: dict[str, Floats] = {}
    for name, numbers in values.items():
        if name == "angle":
            mean, std = members.circular_means(numbers, shape.period)
            if shape.swapped:
                # Of the forms of the mean, the one that matches the order of the axes.
                mean = centred(mean + shape.period * np.round((nearest - mean) / shape.period), 2 * shape.period)
        else:
            mean, std = members.means(numbers)
        measures |= {name: mean, f"{name}_std": std}
    return measures


def _of_lines(ends: Floats) -> dict[str, Floats]:
    """The measures of lines (line, end, coordinate); those without a length have no angle."""
    run, fall = (ends[:, 1] - ends[:, 0]).T
    length = np.hypot(run, fall)
    angle = np.where(length > 0, np.degrees(np.arctan2(fall, run)), np.nan)
    return {**dict(zip(_LINE, ends.reshape(-1, 4).T, strict=True)), "length": length, "angle": angle}


def _in_nearest_form(shape: Shape, values: dict[str, Floats], members: Members) -> Floats:
    """Swap axes where that brings a mark nearer to the others; returns the angle of the chosen form."""
    angle, cluster = values["angle"], members.cluster
    mean = circular_means(angle, cluster, members.count, shape.period)
    off = np.abs(centred(angle - mean[cluster], 2 * shape.period)) > shape.period / 2
    # Where most are swapped, the others are instead.
    most = 2 * members.sum(off) > members.sizes
    swap = off != most[cluster]
    first, second = shape.swapped or ("", "")
    values[first], values[second] = (
        np.where(swap, values[second], values[first]),
        np.where(swap, values[first], values[second]),
    )
    return mean + shape.period * most


def _one_direction(points: Floats, members: Members) -> Floats:
    """Paths (path, point, coordinate), all of a cluster in the direction in which most of them were drawn."""
    reference = points[members.first][members.cluster]
    back = points[:, ::-1]
    against = ((back - reference) ** 2).sum(axis=(1, 2)) < ((points - reference) ** 2).sum(axis=(1, 2))
    n_against = members.sum(against)
    turn = 2 * n_against > members.sizes
    even = 2 * n_against == members.sizes
    if even.any():
        # No direction is more common: from left to right, or downwards.
        along = np.where(against[:, None], -1, 1) * (points[:, -1] - points[:, 0])
        right, down = (members.sum(along[:, axis]) for axis in (0, 1))
        turn |= even & ((right < 0) | ((right == 0) & (down < 0)))
    return np.where((against != turn[members.cluster])[:, None, None], back, points)


def _mean_path(marks: pl.DataFrame, members: Members) -> list[list[dict[str, float]]]:
    spaced = _one_direction(evenly_spaced(marks["points"]), members)
    means = [members.means(numbers)[0] for numbers in spaced.reshape(len(spaced), PATH_POINTS * 2).T]
    return [_points(path) for path in np.stack(means, axis=-1).reshape(members.count, PATH_POINTS, 2)]


def _points(path: Floats) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in path.tolist()]


def _overlap(shape: Shape, marks: pl.DataFrame, geometry: pl.DataFrame, members: Members) -> Floats:
    """Mean IoU of the marks of each cluster with its mean."""
    both = pl.concat([marks.select(shape.columns), geometry.select(shape.columns)])
    distance = shape.metric(both).distance(np.arange(marks.height), marks.height + members.cluster)
    return members.sum(1 - distance) / members.sizes
