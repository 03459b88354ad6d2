"""Overlap of upright boxes, and of intervals: what two have in common, divided by both together (IoU).

The distance is 1 - IoU: 0 for the same box, 1 for boxes without anything in common. A box of no extent overlaps
with nothing.
"""

import numpy as np
import numpy.typing as npt
import shapely

from zoo_dag.clustering.dbscan import Flags, Floats, Integers

Shapes = npt.NDArray[np.object_]


class Boxes:
    """Upright boxes: centre, width and height in pixels. A metric."""

    def __init__(self, x: Floats, y: Floats, width: Floats, height: Floats) -> None:
        """One number each for every box."""
        # A box that was drawn from right to left may have a negative width.
        width, height = np.abs(width), np.abs(height)
        self.left, self.right = x - width / 2, x + width / 2
        self.top, self.bottom = y - height / 2, y + height / 2
        self.area = width * height

    @classmethod
    def around(cls, shapes: Shapes) -> "Boxes":
        """The boxes around shapes, with the areas of the shapes."""
        left, top, right, bottom = shapely.bounds(shapes).reshape(-1, 4).T
        boxes = cls((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
        # Exactly the bounds, without the rounding of centre and width.
        boxes.left, boxes.right, boxes.top, boxes.bottom = left, right, top, bottom
        boxes.area = shapely.area(shapes)
        return boxes

    @property
    def shapes(self) -> Shapes:
        """The boxes as shapely polygons."""
        shapes: Shapes = shapely.box(self.left, self.top, self.right, self.bottom)
        return shapes

    def interval(self, eps: Floats) -> tuple[Floats, Floats]:
        """Boxes that have an area in common have a width in common. Where `eps` is 1, so do all boxes."""
        everywhere = eps >= 1
        return np.where(everywhere, 0.0, self.left), np.where(everywhere, 0.0, self.right)

    def common(self, first: Integers, second: Integers) -> Floats:
        """The area that the boxes of each pair have in common."""
        across = _in_common(self.left, self.right, first, second)
        return across * _in_common(self.top, self.bottom, first, second)

    def distance(self, first: Integers, second: Integers) -> Floats:
        """1 - IoU of each pair."""
        return overlap_distance(self.common(first, second), self.area[first], self.area[second])

    def near(self, first: Integers, second: Integers, eps: Floats) -> Flags:
        """Whether each pair is at most `eps` apart."""
        return self.distance(first, second) <= eps


def spans(x: Floats, width: Floats) -> Boxes:
    """The metric of spans along one axis: centre and width, in any unit. They are boxes of the same height."""
    return Boxes(x, np.zeros_like(x), width, np.ones_like(x))


def _in_common(low: Floats, high: Floats, first: Integers, second: Integers) -> Floats:
    """The length of the common part of the intervals of each pair."""
    length: Floats = np.minimum(high[first], high[second]) - np.maximum(low[first], low[second])
    return np.maximum(length, 0.0)


def overlap_distance(common: Floats, first: Floats, second: Floats) -> Floats:
    """1 - IoU from what each pair has in common, and the extent of the first and of the second."""
    together = first + second - common
    shared = np.divide(common, together, out=np.zeros_like(common), where=together > 0)
    # Rounding may make it a little less than zero.
    distance: Floats = np.maximum(1 - shared, 0)
    return distance
