"""Small pictures as Markdown: an SVG with integer coordinates and little text.

Dagster's webserver 1.13 shows Markdown of less than 1,000 characters at once, and more only after a click. It
drops HTML, SVG included, but shows images, and images may be data URIs. So a picture is an image with the SVG in
its address, with a caption below it. Colours are readable on white and on black.
"""

import math
import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from zoo_dag.wording.markdown import percent_encoded, plain, without_markup

# ASCII that ends or alters an address in Markdown, or that a data URI may not hold.
_UNSAFE = re.compile(r'[\x00-\x20"#%&()\\?\[\]^`{|}\x7f]')
WIDTH = 420
# Between the names of a legend, in pixels.
_GAP = 12
_LONGEST = 24
# Letters by their width in a sans-serif font of 12 pixels: which font a browser has is not known.
_NARROW, _WIDE = frozenset(" .,:;'|!()[]/\\ijlIft-"), frozenset("mwMW@%&—…")
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#48c", "#d70", "#395", "#d45", "#96c", "#777"
COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE)


def picture(title: str, size: tuple[int, int], elements: Iterable[str], caption: str) -> str:
    """An image of a width and a height with its caption; the title is its alternative text.

    Title and caption are Markdown.
    """
    inside, (width, height) = "".join(elements), size
    style = f" fill='{GREY}' style='font:12px sans-serif'" if "<text" in inside else ""
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'{style}>{inside}</svg>"
    return f"![{title}]({data_uri(svg)})\n\n{caption}"


def area(path: str, colour: str) -> str:
    """A filled path."""
    return f"<path d='{path}' fill='{colour}'/>"


def pens(elements: Iterable[str]) -> str:
    """Lines together, drawn with round ends, so that a line of no length is a dot."""
    return f"<g fill='none' stroke-linecap='round'>{''.join(elements)}</g>"


def line(path: str, colour: str, width: int = 1) -> str:
    """A path for `pens`; nothing for an empty one."""
    thick = f"stroke-width='{width}' " if width != 1 else ""
    return f"<path stroke='{colour}' {thick}d='{path}'/>" if path else ""


def width_of(text: str) -> int:
    """The most pixels that a text needs."""
    return math.ceil(
        sum(
            3.8 if letter in _NARROW else 12 if letter in _WIDE or not letter.isascii() else 7.4 for letter in text
        )
    )


def fitting(text: str, room: int) -> str:
    """A text on one line, cut to `room` pixels, and to what can be read at a glance."""
    line = plain(without_markup(text), _LONGEST)
    while line and width_of(line) > room:
        line = plain(line, len(line) - 1)
    return line


def words(text: str, place: tuple[int, int], colour: str = "", *, room: int = WIDTH, ends: bool = False) -> str:
    """A text that begins at a place, or ends there, cut to `room` pixels."""
    x, y = place
    left = f" x='{x}'" if x else ""
    paint = f" fill='{colour}'" if colour else ""
    anchor = " text-anchor='end'" if ends else ""
    return f"<text{left} y='{y}'{paint}{anchor}>{xml(fitting(text, room))}</text>"


def legend(names: Sequence[str], colours: Sequence[str], y: int) -> list[str]:
    """Names in their colours side by side, none over another; those that do not fit are cut."""
    room, left, elements = WIDTH // len(names), 0, []
    spare = WIDTH - sum(min(width_of(name) + _GAP, room) for name in names)
    for name, colour in zip(names, colours, strict=False):
        own = min(width_of(name) + _GAP, room + spare)
        spare -= max(0, own - room)
        elements.append(words(name, (left, y), colour, room=own - _GAP))
        left += own
    return elements


def skyline(heights: Sequence[int], left: int, width: int, base: int) -> str:
    """A path around bars that stand side by side between `left` and `left + width`, from `base` upwards."""
    edges = [left + round(width * place / len(heights)) for place in range(len(heights) + 1)]
    path, drawn, before = f"M{left} {base}", left, 0
    for place, height in enumerate([*heights, 0]):
        if height != before:
            path += f"h{edges[place] - drawn}" if edges[place] != drawn else ""
            path += _shorter(f"v{before - height}", f"V{base - height}")
            drawn, before = edges[place], height
    return path


def scaled(values: Sequence[float], largest: float, height: int) -> list[int]:
    """Values as integer heights; every value above 0 has at least one."""
    return [max(round(height * value / largest), 1) if value > 0 and largest > 0 else 0 for value in values]


def percent(share: float) -> str:
    """A share of 1 in words."""
    return f"{100 * share:.0f} %"


def many(count: int, thing: str) -> str:
    """A number with its noun in the singular: `1 subject`, `1,200 subjects`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _shorter(one: str, other: str) -> str:
    return one if len(one) <= len(other) else other


def xml(text: str) -> str:
    """A text inside an element or an attribute of XML."""
    return escape(text, {'"': "&quot;", "'": "&apos;"})


def data_uri(svg: str) -> str:
    """An SVG as an address that is valid in Markdown; few characters are encoded, which keeps it short."""
    return f"data:image/svg+xml,{_UNSAFE.sub(percent_encoded, svg)}"
