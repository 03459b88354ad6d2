"""The order in which the lines of a page are read.

A page is turned first, so that its lines lie level: by their median angle, weighted by length. Of a text that is
written from right to left, left and right change places. Then, of two lines,

- at the same height beside each other, the left one is first;
- that stand in different columns, the one in the left column is first, unless a line between them reaches over
  both: such a heading ends the columns above it;
- of all others the upper one is first.

These are the rules of Breuel 2003 (High performance document layout analysis, Symposium on Document Image
Understanding Technology), with two additions: rows of several pieces, and that columns have two lines or more at
heights of each other, so that a date in the upper right corner is read before the greeting below it.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Order = Literal["auto", "columns", "rows"]

_FROM_RIGHT = ("R", "AL")
_ROUNDING = 1e-9
# Lines of a column at heights of the next one.
_FEWEST = 2


def reading_order(ends: Numbers, texts: Iterable[str], eps: float, order: Order) -> list[int]:
    """The positions of the lines of one page, in the order in which they are read.

    `ends` are `x1, y1, x2, y2` of each line in pixels, y downwards; `texts` are all texts of the page. A line may
    reach into the next column by `eps` pixels or half of its length, whichever is less. With `auto`, a page has
    columns where what stands side by side is usually at least half as far apart as lines below each other, or by
    `eps`, whichever is less; nearer pieces of lines are read row by row. With `columns` it always has columns,
    with `rows` never.

    Lines are at the same height where they are nearer than that.
    """
    from_right = _is_from_right(texts)
    left, right, down = _levelled(ends, from_right)
    length, across = right - left, (left + right) / 2
    shared = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    shorter = np.minimum.outer(length, length)
    # Above 0 where the second line of a pair is lower.
    lower = down[None, :] - down[:, None]
    # Points have no width that they could share.
    stacked = (shared >= shorter / 2) & (shared >= 0)
    near = _same_height(lower, stacked, eps)
    level = (np.abs(lower) <= near) & ~stacked
    is_left = across[:, None] < across[None, :]
    in_column = shared > np.minimum(eps, shorter / 2 - _ROUNDING)
    beside = is_left & ~in_column
    if order == "rows" or (order == "auto" and _gutter(shared, beside) < near):
        beside[:] = False
    if beside.any():
        beside &= ~_parted(lower, in_column)
        beside &= ~level & _in_columns(beside, in_column, down, near)
    upper_first = ~level & ~beside & ~beside.T & (lower > 0)
    return _sorted(beside | upper_first | (level & is_left), np.lexsort((across, down)))


def _is_from_right(texts: Iterable[str]) -> bool:
    """Whether most letters of the texts are of a script that is written from right to left."""
    letters = Counter(map(unicodedata.bidirectional, "".join(texts)))
    return sum(letters[kind] for kind in _FROM_RIGHT) > letters["L"]


def _levelled(ends: Numbers, from_right: bool) -> tuple[Numbers, Numbers, Numbers]:
    """The left and right end of each line, and how far down its middle is, on the page turned level."""
    directions = (ends[:, 2] - ends[:, 0]) + 1j * (ends[:, 3] - ends[:, 1])
    slope = _slope(-directions if from_right else directions)
    cos, sin = np.cos(slope), np.sin(slope)
    along = ends[:, [0, 2]] * cos + ends[:, [1, 3]] * sin
    down = (ends[:, [1, 3]] * cos - ends[:, [0, 2]] * sin).mean(axis=1)
    if from_right:
        along = -along
    return along.min(axis=1), along.max(axis=1), down


def _slope(directions: npt.NDArray[np.complex128]) -> float:
    """The median angle of the lines of a page, weighted by their length, clockwise.

    Lines are drawn in either direction, so it is between -45 and 45 degrees. Only where a page lies on its side it
    is more, and the direction of most lines says to which.
    """
    length = np.abs(directions)
    # Angles of lines have a period of half a turn.
    mean = (directions**2).sum()
    if not length.any():
        return 0.0
    off = np.angle(directions**2 * np.conj(mean)) / 2
    in_order = np.argsort(off, kind="stable")
    walked = np.cumsum(length[in_order])
    slope = np.angle(mean) / 2 + off[in_order][np.searchsorted(walked, walked[-1] / 2)]
    steep = abs(np.sin(slope)) > np.sqrt(0.5) + _ROUNDING
    axis = np.exp(1j * slope)
    backwards = (directions * np.conj(axis)).real.sum() < 0 if steep else axis.real < 0
    return float(np.angle(-axis if backwards else axis))


def _same_height(lower: Numbers, stacked: Flags, eps: float) -> float:
    """How far apart lines may be that are at the same height."""
    below = np.where(stacked & (lower > 0), lower, np.inf).min(axis=1, initial=np.inf)
    known = below[np.isfinite(below)]
    return min(eps, float(np.median(known)) / 2) if len(known) else eps


def _gutter(shared: Numbers, beside: Flags) -> float:
    """The usual distance from a line to the next one on its right."""
    nearest = np.where(beside, -shared, np.inf).min(axis=1, initial=np.inf)
    known = nearest[np.isfinite(nearest)]
    return float(np.median(known)) if len(known) else np.inf


def _parted(lower: Numbers, in_column: Flags) -> Flags:
    """Pairs of lines between which there is a line that reaches over the columns of both."""
    parted = np.zeros_like(in_column)
    for lines, heights in zip(in_column, lower, strict=True):
        # From a line of these columns above this one to one below it, or the other way round.
        above, below = lines & (heights < 0), lines & (heights > 0)
        parted |= np.logical_or(np.logical_and.outer(above, below), np.logical_and.outer(below, above))
    return parted


def _in_columns(beside: Flags, in_column: Flags, down: Numbers, near: float) -> Flags:
    """Pairs beside each other whose columns are, too: each has several lines at heights of the other."""
    found = np.zeros_like(beside)
    for line in np.flatnonzero(beside.any(axis=1)):
        # The columns of this line and of each other one: lines that are beside the other, and not in both.
        left = in_column[line][:, None] & beside
        right = (in_column & beside[line]).T
        found[line] = (_between(left, right, down, near) >= _FEWEST) & (
            _between(right, left, down, near) >= _FEWEST
        )
    return beside & found


def _between(lines: Flags, others: Flags, down: Numbers, near: float) -> npt.NDArray[np.int64]:
    """For each column of both, how many of the lines are not above or below all of the others."""
    heights = down[:, None]
    highest = np.where(others, heights, np.inf).min(axis=0) - near
    lowest = np.where(others, heights, -np.inf).max(axis=0) + near
    number: npt.NDArray[np.int64] = (lines & (heights >= highest) & (heights <= lowest)).sum(axis=0)
    return number


def _sorted(first: Flags, downwards: npt.NDArray[np.intp]) -> list[int]:
    """A topological order: of lines that may be next the upper one; in a circle that with fewest before it."""
    before = first[np.ix_(downwards, downwards)]
    waits_for = before.sum(axis=0)
    order: list[int] = []
    for _ in downwards:
        place = int(np.argmin(waits_for))
        order.append(int(downwards[place]))
        waits_for = waits_for - before[place]
        waits_for[place] = 2 * len(downwards)
    return order
