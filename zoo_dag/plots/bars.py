"""Bar charts: vertical bars over an axis, or horizontal bars with a label each."""

from collections.abc import Sequence
from typing import NamedTuple

from zoo_dag.plots.picture import BLUE, WIDTH, area, legend, picture, scaled, skyline, words
from zoo_dag.wording.markdown import most_that_fits

_HEIGHT = 80
_LABELS = 150
_ROW = 18


class Layer(NamedTuple):
    """Bars of one colour; of several layers the later ones are drawn over the earlier ones."""

    values: Sequence[float]
    colour: str = BLUE


class Row(NamedTuple):
    """A horizontal bar: its label, and the parts that are stacked in it."""

    label: str
    parts: Sequence[float]


def standing(title: str, layers: Sequence[Layer], ends: tuple[str, str], caption: str) -> str:
    """Bars side by side, all layers on the same scale; `ends` labels both ends of the axis."""
    largest = max(max(layer.values, default=0) for layer in layers)
    drawn = [
        area(skyline(scaled(layer.values, largest, _HEIGHT), 0, WIDTH, _HEIGHT), layer.colour) for layer in layers
    ]
    left, right = ends
    axis = [words(left, (0, _HEIGHT + 12)), words(right, (WIDTH, _HEIGHT + 12), ends=True)]
    return picture(title, (WIDTH, _HEIGHT + 16), [*drawn, *axis], caption)


def lying(
    title: str, rows: Sequence[Row], colours: Sequence[str], caption: str, *, names: Sequence[str] = ()
) -> str | None:
    """A bar for each row, with parts in `colours`; `names` of the parts make a legend.

    Rows that do not fit are left out from the end, and the caption says how many.
    """

    def draft(count: int) -> str:
        left_out = f" {len(rows) - count} more are not drawn." if count < len(rows) else ""
        height, elements = _lying(rows[:count], colours, names)
        return picture(title, (WIDTH, height), elements, caption + left_out)

    return most_that_fits(draft, len(rows))


def _lying(rows: Sequence[Row], colours: Sequence[str], names: Sequence[str]) -> tuple[int, list[str]]:
    """Height and elements."""
    longest = max(sum(row.parts) for row in rows)
    room = WIDTH - _LABELS
    paths = dict.fromkeys(colours, "")
    for number, row in enumerate(rows):
        left = _LABELS
        for colour, width in zip(colours, scaled(row.parts, longest, room), strict=True):
            # A small part gets at least one pixel, but never runs over the edge.
            drawn = min(width, WIDTH - left)
            if drawn:
                paths[colour] += f"M{left} {_ROW * number + 2}h{drawn}v13h-{drawn}"
            left += drawn
    elements = [area(path, colour) for colour, path in paths.items() if path]
    elements += [words(row.label, (0, _ROW * number + 13), room=_LABELS - 4) for number, row in enumerate(rows)]
    height = _ROW * len(rows)
    if names:
        elements += legend(names, colours, height + 12)
        height += 16
    return height, elements


def ridges(title: str, rows: Sequence[Row], ends: tuple[str, str], caption: str) -> str:
    """A distribution for each row over the same axis, each on a separate scale; `ends` labels the axis."""
    left, width, step = _LABELS, WIDTH - _LABELS, 30
    path, elements = "", []
    for number, row in enumerate(rows):
        base = step * (number + 1) - 2
        path += skyline(scaled(row.parts, max(row.parts, default=0), step - 6), left, width, base)
        elements.append(words(row.label, (0, base - 4), room=_LABELS - 4))
    height = step * len(rows)
    axis = [words(ends[0], (left, height + 11)), words(ends[1], (WIDTH, height + 11), ends=True)]
    return picture(title, (WIDTH, height + 15), [area(path, BLUE), *elements, *axis], caption)
