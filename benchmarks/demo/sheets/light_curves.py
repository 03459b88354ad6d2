"""Light curves with known dips, and the spans of volunteers on them, as the second generation exports them."""

from random import Random
from typing import Any, NamedTuple

DAYS = 27.0
_WIDTHS = (0.2, 0.5)
_SEEN = (0.5, 0.95)
# People draw wider than the dip is, and not quite in its middle.
_TOO_WIDE, _OFF = (1.1, 1.6), 0.1
_FALSE = 0.3


class LightCurve(NamedTuple):
    """A star: the dips by centre and width in days, and the chance that a volunteer sees each."""

    dips: tuple[tuple[float, float], ...]
    seen: float


def make_curve(random: Random) -> LightCurve:
    """A star with dips at least two days apart, in half of the cases periodic ones."""
    period = random.uniform(3, 9) if random.random() < 0.5 else DAYS
    first, width = random.uniform(1, min(period, DAYS) - 1), random.uniform(*_WIDTHS)
    centres = [first + number * period for number in range(int((DAYS - first) // period) + 1)]
    return LightCurve(tuple((round(x, 3), round(width, 3)) for x in centres), random.uniform(*_SEEN))


def spans_of(curve: LightCurve, random: Random) -> list[dict[str, Any]]:
    """The value of one volunteer's element: most of the dips, and now and then a span where there is nothing."""
    seen = [dip for dip in curve.dips if random.random() < curve.seen]
    drawn = [(x + random.gauss(0, _OFF * width), width * random.uniform(*_TOO_WIDE)) for x, width in seen]
    if random.random() < _FALSE:
        drawn.append((random.uniform(0, DAYS), random.uniform(*_WIDTHS)))
    return [
        {
            "x": round(x, 4),
            "width": round(width, 4),
            "tool": 0,
            "toolType": "graph2dRangeX",
            "zoomLevelOnCreation": 0,
        }
        for x, width in drawn
    ]
