"""Overlap of areas: the area that two marks have in common, divided by the area of both together (IoU).

The distance of two areas is 1 - IoU: 0 for the same area, 1 for areas without anything in common. An area of no
extent overlaps with nothing. Upright boxes are in `zoo_dag.clustering.boxes`, compared by arithmetic, all other
areas here, by shapely. A path is taken for the area that it encloses; where it crosses itself, what is enclosed an
odd number of times counts.
"""

import numpy as np
import shapely

from zoo_dag.clustering.boxes import Boxes, Shapes, overlap_distance
from zoo_dag.clustering.dbscan import Flags, Floats, Integers

# Corners of the polygon that stands for an ellipse: its area is too small by 0.16 %.
_ELLIPSE_CORNERS = 64
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
# Pairs of shapes that shapely intersects together.
_INTERSECTED_AT_ONCE = 1 << 15


class Areas:
    """Areas of any shape. A metric."""

    def __init__(self, shapes: Shapes) -> None:
        """Takes valid shapely polygons."""
        self.shapes = shapes
        self._boxes = Boxes.around(shapes)

    def interval(self, eps: Floats) -> tuple[Floats, Floats]:
        """As for the boxes around the areas."""
        return self._boxes.interval(eps)

    def distance(self, first: Integers, second: Integers) -> Floats:
        """1 - IoU of each pair."""
        common = np.zeros(len(first))
        area = self._boxes.area
        # Most pairs are far apart, and no area in common is needed for them.
        touch = np.flatnonzero(self._boxes.common(first, second) > 0)
        for start in range(0, len(touch), _INTERSECTED_AT_ONCE):
            some = touch[start : start + _INTERSECTED_AT_ONCE]
            met = shapely.intersection(self.shapes[first[some]], self.shapes[second[some]])
            common[some] = shapely.area(met)
        return overlap_distance(common, area[first], area[second])

    def near(self, first: Integers, second: Integers, eps: Floats) -> Flags:
        """Whether each pair is at most `eps` apart."""
        area = self._boxes.area
        # The intersection of the bounding boxes, and the smaller area, are upper bounds for the common area.
        most = np.minimum(self._boxes.common(first, second), np.minimum(area[first], area[second]))
        near = overlap_distance(most, area[first], area[second]) <= eps + 1e-9
        possible = np.flatnonzero(near)
        near[possible] = self.distance(first[possible], second[possible]) <= eps[possible]
        return near


def ellipses(x: Floats, y: Floats, rx: Floats, ry: Floats, angle: Floats) -> Shapes:
    """Ellipses as polygons; lengths in pixels, angles in degrees clockwise."""
    around = np.linspace(0, 2 * np.pi, _ELLIPSE_CORNERS, endpoint=False)
    return _turned(x, y, np.outer(rx, np.cos(around)), np.outer(ry, np.sin(around)), angle)


def turned_boxes(x: Floats, y: Floats, width: Floats, height: Floats, angle: Floats) -> Shapes:
    """Boxes turned about their centre as polygons; lengths in pixels, angles in degrees clockwise."""
    across = np.outer(width, (-0.5, 0.5, 0.5, -0.5))
    down = np.outer(height, (-0.5, -0.5, 0.5, 0.5))
    return _turned(x, y, across, down, angle)


def _turned(x: Floats, y: Floats, across: Floats, down: Floats, angle: Floats) -> Shapes:
    # With y downwards, this turns clockwise.
    cosine, sine = np.cos(np.radians(angle))[:, None], np.sin(np.radians(angle))[:, None]
    corners = np.stack(
        (x[:, None] + across * cosine - down * sine, y[:, None] + across * sine + down * cosine), axis=-1
    )
    shapes: Shapes = shapely.polygons(corners)
    return shapes


def enclosed(coordinates: Floats, lengths: Integers) -> Shapes:
    """The areas that paths enclose.

    `coordinates` (point, coordinate) are the points of all paths one after the other, `lengths` their numbers.
    """
    # A ring needs three points, so the first is repeated; with fewer, the area is none.
    padded = np.maximum(lengths, 3)
    owner = np.repeat(np.arange(len(lengths)), padded)
    starts = np.cumsum(lengths) - lengths
    within = np.arange(len(owner)) - (np.cumsum(padded) - padded)[owner]
    place = starts[owner] + np.where(within < lengths[owner], within, 0)
    rings = shapely.linearrings(coordinates[place], indices=owner)
    shapes: Shapes = shapely.make_valid(shapely.polygons(rings))
    for number in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _AREAS)):
        # Lines remain where a path goes there and back.
        parts = shapely.get_parts(shapes[number])
        shapes[number] = shapely.union_all(parts[shapely.area(parts) > 0])
    return shapes
