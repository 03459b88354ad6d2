"""Lines that volunteers drew under their transcriptions: grouped to lines of text, in reading order.

Two lines are as far apart as their ends, the farther pair. How far an end lies beside the other line counts in
full; how far along it a quarter, because people differ more in where a line starts and ends than in how high it
lies. In short lines it counts more, so that words side by side are no one line: half their length is as far as
`eps`. The angle is in this as well: the ends of lines at an angle cannot both be near. Lines drawn in opposite
directions may be one line.

Some people click on a line instead of drawing under it. A click is as far from a line as its nearest point.

Marks of other tools stand here as lines (`places`), tool by tool. How near those of the same area are depends on
its height: boxes of one size whose middle lines are half of their height apart have an IoU of a third.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zoo_dag.task_types.texts.reading_order import Order, reading_order

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
# Position, type and label.
Tool = tuple[int | None, str | None, str | None]

# The weight of a distance along a line.
_ALONG = 0.25
# A line that a volunteer enters a second time is as near to the first as this share of eps.
_AGAIN = 0.5
# The length up to which a line is a click, as a share of eps.
_CLICK = 0.1
# How near areas must be, as a share of their height, and the least, as a share of eps.
_OF_HEIGHT, _LEAST = 0.5, 1 / 3


class Line(NamedTuple):
    """A line as a volunteer drew it, pixels of the natural image, its text, and its tool.

    `apart` is null for lines; marks of other tools have a number, and are compared with those of the same number
    only. `height` is that of an area, 0 for lines and points.
    """

    frame: int
    x1: float
    y1: float
    x2: float
    y2: float
    classification_id: int
    annotation_index: int
    mark_index: int
    user_key: str
    text: str
    tool_index: int | None = None
    tool_type: str | None = None
    tool_label: str | None = None
    apart: int | None = None
    height: float = 0.0

    @property
    def tool(self) -> Tool:
        """Position, type and label of the tool."""
        return self.tool_index, self.tool_type, self.tool_label

    def reach(self, eps: float) -> float:
        """How near a mark of the same thing has to be, in pixels."""
        return max(self.height * _OF_HEIGHT, eps * _LEAST) if self.height else eps


class Group(NamedTuple):
    """Lines of different volunteers that are one line, and the tool of most of them.

    Its ends are the medians of theirs, clicks left out.
    """

    frame: int
    x1: float
    y1: float
    x2: float
    y2: float
    texts: list[str]
    tool: Tool


def group_lines(lines: Sequence[Line], eps: float, order: Order = "auto") -> list[Group]:
    """Lines of one subject and task as groups of at most one line per volunteer, in reading order.

    Pairs of lines at a distance of at most `eps` pixels (for areas their reach) are joined, the nearest first,
    unless the joined group would hold two lines of one volunteer: lines of text stand close together, and people
    miss some. Of lines that one volunteer drew within half of that the last counts: it was entered again.

    Frames come one after the other, each in reading order (`reading_order`).
    """
    groups: list[Group] = []
    for frame in sorted({line.frame for line in lines}):
        # A fixed order, independent of the order of the rows and the names of volunteers.
        in_frame = sorted((line for line in lines if line.frame == frame), key=lambda line: line[1:8])
        of_frame: list[Group] = []
        for apart in sorted({line.apart for line in in_frame}, key=lambda apart: (apart is not None, apart or 0)):
            together = _without_repeats([line for line in in_frame if line.apart == apart], eps)
            of_frame += [_group([together[place] for place in members], eps) for members in _join(together, eps)]
        ends = np.array([group[1:5] for group in of_frame], dtype=np.float64)
        texts = [text for group in of_frame for text in group.texts]
        groups.extend(of_frame[place] for place in reading_order(ends, texts, eps, order))
    return groups


def _without_repeats(lines: list[Line], eps: float) -> list[Line]:
    first, second, distance = _near_pairs(lines, eps)
    reach = np.array([line.reach(eps) for line in lines])
    again = distance <= np.minimum(reach[first], reach[second]) * _AGAIN
    dropped = set()
    for one, other in zip(first[again], second[again], strict=True):
        if lines[one].user_key == lines[other].user_key:
            dropped.add(min(one, other, key=lambda place: lines[place][5:8]))
    return [line for place, line in enumerate(lines) if place not in dropped]


def _join(lines: list[Line], eps: float) -> list[list[int]]:
    """Positions of the lines of each group."""
    first, second, distance = _near_pairs(lines, eps)
    # Rounded, so that mirrored pairs tie; the sort is stable, so ties keep the order of the lines.
    order = np.argsort(distance.round(6), kind="stable")
    members = [[place] for place in range(len(lines))]
    volunteers = [{line.user_key} for line in lines]
    group = list(range(len(lines)))
    for one, other in zip(first[order].tolist(), second[order].tolist(), strict=True):
        into, out_of = sorted((group[one], group[other]))
        if into != out_of and volunteers[into].isdisjoint(volunteers[out_of]):
            for place in members[out_of]:
                group[place] = into
            members[into] += members[out_of]
            volunteers[into] |= volunteers[out_of]
            members[out_of] = []
    return [sorted(places) for places in members if places]


def _near_pairs(lines: Sequence[Line], eps: float) -> tuple[Places, Places, Numbers]:
    """Pairs of positions of lines, the smaller first, that are near, and their distances."""
    reach = np.array([line.reach(eps) for line in lines], dtype=np.float64)
    ends = np.array([line[1:5] for line in lines], dtype=np.float64).reshape(-1, 4)
    top, bottom = ends[:, [1, 3]].min(axis=1), ends[:, [1, 3]].max(axis=1)
    down = np.argsort(top, kind="stable")
    # Only lines at about the same height can be near. So not all pairs are compared.
    last = np.searchsorted(top[down], bottom[down] + reach.max(initial=0) / _ALONG, side="right")
    behind = last - np.arange(len(down)) - 1
    upper = np.repeat(np.arange(len(down)), behind)
    lower = upper + 1 + np.arange(len(upper)) - np.repeat(np.cumsum(behind) - behind, behind)
    first, second = np.minimum(down[upper], down[lower]), np.maximum(down[upper], down[lower])
    both = np.minimum(reach[first], reach[second])
    distance = _distance(ends[first], ends[second], both)
    near = distance <= both
    order = np.lexsort((second[near], first[near]))
    return first[near][order], second[near][order], distance[near][order]


def _distance(one: Numbers, other: Numbers, eps: Numbers) -> Numbers:
    """The distance of lines, row by row, in pixels; `eps` is how far each pair may be apart."""
    of_lines = np.minimum(_distance_of_ends(one, other, eps), _distance_of_ends(one, _turned(other), eps))
    clicked, other_clicked = _are_clicks(one, eps), _are_clicks(other, eps)
    of_clicks = np.where(clicked, _distance_of_click(one, other), _distance_of_click(other, one))
    return np.where(clicked ^ other_clicked, of_clicks, of_lines)


def _are_clicks(lines: Numbers, eps: Numbers | float) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) <= eps * _CLICK
    return found


def _distance_of_click(clicks: Numbers, lines: Numbers) -> Numbers:
    """The distance of the first point of each click from the nearest point of a line."""
    run, fall = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    x, y = clicks[:, 0] - lines[:, 0], clicks[:, 1] - lines[:, 1]
    squared = run * run + fall * fall
    place = np.clip((x * run + y * fall) / np.where(squared > 0, squared, 1), 0, 1)
    distance: Numbers = np.hypot(x - place * run, y - place * fall)
    return distance


def _turned(lines: Numbers) -> Numbers:
    return lines[:, [2, 3, 0, 1]]


def _distance_of_ends(one: Numbers, other: Numbers, eps: Numbers) -> Numbers:
    """The distance of start from start, or of end from end, whichever is longer."""
    run_1, fall_1 = one[:, 2] - one[:, 0], one[:, 3] - one[:, 1]
    run_2, fall_2 = other[:, 2] - other[:, 0], other[:, 3] - other[:, 1]
    # The direction of both together. Where they cancel out there is none, and distances count in full.
    run, fall = run_1 + run_2, fall_1 + fall_2
    length = np.hypot(run, fall)
    known = length > 0
    run, fall = run / np.where(known, length, 1), fall / np.where(known, length, 1)
    half = (np.hypot(run_1, fall_1) + np.hypot(run_2, fall_2)) / 4
    weight = np.where(known, np.clip(eps / np.where(half > 0, half, 1), _ALONG, 1), 1)
    distances = []
    for x, y in ((0, 1), (2, 3)):
        gap_x, gap_y = one[:, x] - other[:, x], one[:, y] - other[:, y]
        beside = np.where(known, gap_y * run - gap_x * fall, gap_y)
        along = np.where(known, gap_x * run + gap_y * fall, gap_x)
        distances.append(np.hypot(beside, along * weight))
    farther: Numbers = np.maximum(*distances)
    return farther


def _group(lines: list[Line], eps: float) -> Group:
    ends = np.array([line[1:5] for line in lines], dtype=np.float64)
    clicks = _are_clicks(ends, eps)
    ends = ends if clicks.all() else ends[~clicks]
    run, fall = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    opposite = run * run[0] + fall * fall[0] < 0
    # The direction of the line is that of most of its volunteers.
    turn = ~opposite if opposite.mean() > 0.5 else opposite
    x1, y1, x2, y2 = np.median(np.where(turn[:, None], _turned(ends), ends), axis=0).tolist()
    return Group(lines[0].frame, x1, y1, x2, y2, [line.text for line in lines], _commonest_tool(lines))


def _commonest_tool(lines: list[Line]) -> Tool:
    """Of several the first by position."""
    times = Counter(line.tool for line in lines)
    return min(times, key=lambda tool: (-times[tool], [(part is None, part) for part in tool]))
