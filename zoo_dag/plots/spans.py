"""Spans along one axis, such as dips of a light curve: bars in rows, over an axis in the unit of the data."""

import math
from collections.abc import Mapping, Sequence

from zoo_dag.plots.outlines import Mark
from zoo_dag.plots.picture import COLOURS, GREY, WIDTH, legend, line, many, pens, picture, words

_BAR, _ROW = 8, 12
# The marks of a volunteer are a row each; of many volunteers the rows are closer.
_HIGHEST, _WIDEST_ROW = 120, 6
_ROOM = 0.02
# Digits of the axis that tell its ends apart.
_DIGITS = 3


def along_axis(groups: Mapping[str, Sequence[Mark]], raw: Sequence[Mark], caption: str) -> str:
    """Spans in the colour and the row of their group, over raw spans in grey, a row for each classification.

    A span has `x`, its centre, and `width`; a raw one `classification_id` as well. Where all are raw, they are in
    the rows of their classifications, too.
    """
    every = [mark for group in groups.values() for mark in group]
    low = min(mark["x"] - mark["width"] / 2 for mark in [*every, *raw])
    high = max(mark["x"] + mark["width"] / 2 for mark in [*every, *raw])
    # A span without a width, alone, is in the middle of something.
    room = (high - low) * _ROOM or 0.5
    low, high = low - room, high + room
    bars = [mark for mark in every if "classification_id" not in mark]
    below = _ROW * len(groups) if bars else 0
    rows = _rows([*raw, *(mark for mark in every if "classification_id" in mark)], below)

    def path(mark: Mark, row: int) -> str:
        left, right = (
            round(WIDTH * (mark["x"] + side * mark["width"] / 2 - low) / (high - low)) for side in (-1, 1)
        )
        return f"M{left} {row}h{right - left}"

    drawn = [line("".join(path(mark, rows[mark["classification_id"]]) for mark in raw), GREY, 2)]
    for number, (group, colour) in enumerate(zip(groups.values(), COLOURS, strict=False)):
        if bars:
            # Ends are flat, so that two spans that touch do not look as if they overlapped.
            data = "".join(path(mark, _ROW * number + _ROW // 2) for mark in group)
            drawn.append(f"<path stroke='{colour}' stroke-width='{_BAR}' stroke-linecap='butt' d='{data}'/>")
        else:
            drawn.append(line("".join(path(mark, rows[mark["classification_id"]]) for mark in group), colour, 2))
    base = max([below, *rows.values()]) + _WIDEST_ROW
    decimals = max(_DIGITS - 1 - math.floor(math.log10(high - low)), 0)
    ends = [f"{end:,.{decimals}f}" for end in (low, high)]
    axis = [words(ends[0], (0, base + 14)), words(ends[1], (WIDTH, base + 14), ends=True)]
    elements = [pens([*drawn, line(f"M0 {base}h{WIDTH}", GREY)]), *axis, *legend(list(groups), COLOURS, base + 30)]
    told = f"{_completed(caption, every, raw)}. From {ends[0]} to {ends[1]} in the unit of the data."
    return picture("Spans", (WIDTH, base + 35), elements, told)


def _rows(marks: Sequence[Mark], below: int) -> dict[int, int]:
    """The row of each classification, in pixels from the top."""
    ids = sorted({mark["classification_id"] for mark in marks})
    step = min(_WIDEST_ROW, _HIGHEST / max(len(ids), 1))
    return {each: below + round(step * (number + 1)) for number, each in enumerate(ids)}


def _completed(caption: str, marks: Sequence[Mark], raw: Sequence[Mark]) -> str:
    if len(marks) < marks[0]["total"]:
        caption += f"; {len(marks):,} are drawn"
    return f"{caption}; grey: {len(raw):,} of {many(raw[0]['total'], 'mark')}" if raw else caption
