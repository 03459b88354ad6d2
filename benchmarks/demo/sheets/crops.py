"""Pictures with a known part that matters, and the crops of volunteers, as the first generation exports them."""

from random import Random
from typing import NamedTuple

# Sides as shares of the picture's, and how far off people drag each side, in pixels of a picture 1,000 wide.
_SIDES, _OFF = (0.2, 0.6), 0.01
_SKIPPED = 0.05


class Crop(NamedTuple):
    """A box by its top left corner, in pixels of the natural image."""

    x: float
    y: float
    width: float
    height: float


def make_crop(width: int, height: int, random: Random) -> Crop:
    """The part that matters of a picture of this size."""
    own = width * random.uniform(*_SIDES), height * random.uniform(*_SIDES)
    corner = random.uniform(0, width - own[0]), random.uniform(0, height - own[1])
    return Crop(*(round(number, 1) for number in (*corner, *own)))


def crop_of(truth: Crop, width: int, height: int, random: Random) -> dict[str, float] | None:
    """The value of one volunteer's element, clipped to the picture; null where the task was skipped."""
    if random.random() < _SKIPPED:
        return None
    off = [random.gauss(0, _OFF * width) for _ in range(4)]
    left, right = (min(max(side, 0), width) for side in (truth.x + off[0], truth.x + truth.width + off[1]))
    top, bottom = (min(max(side, 0), height) for side in (truth.y + off[2], truth.y + truth.height + off[3]))
    numbers = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return {name: round(number, 1) for name, number in numbers.items()}
