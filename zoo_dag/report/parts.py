"""What a section of the report consists of: sentences, tables, and charts with their numbers, not drawn yet.

Texts are plain text, whatever is in them: the templates escape them. The columns of a table are its headings, in
words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

# A cell with this dtype is a link: a text, and an address that the template follows only where it is a web
# address.
LINK = pl.Struct({"text": pl.String(), "url": pl.String()})
# A cell with this dtype is a text word by word, each with how many of `n` texts have it.
WORDS = pl.List(pl.Struct({"token": pl.String(), "votes": pl.Int64(), "n": pl.Int64()}))


@dataclass(frozen=True)
class Table:
    """A table: what it is of, and its rows."""

    caption: str
    rows: pl.DataFrame


@dataclass(frozen=True)
class Bars:
    """A horizontal bar for each row: `label`, and the columns `parts` stacked in it, in numbers of `unit`."""

    label: str
    parts: Sequence[str]
    unit: str


@dataclass(frozen=True)
class Columns:
    """A vertical bar for each row, side by side: `place` under it; otherwise as `Bars`."""

    place: str
    parts: Sequence[str]
    unit: str


@dataclass(frozen=True)
class Curve:
    """A line through `x` and `y`, both from 0 to 1, beside the diagonal; with `size`, points of that area."""

    x: str
    y: str
    size: str | None = None


@dataclass(frozen=True)
class Intervals:
    """A point for each row at `value`, with a line from `low` to `high`; `bounds` are lines to compare with.

    The axis begins at 0 or below it, and ends at `end`, by default with the longest line.
    """

    label: str
    value: str
    low: str
    high: str
    bounds: Sequence[float] = ()
    end: float | None = None


@dataclass(frozen=True)
class Chart:
    """A chart: its title, a description that says it in words, its numbers, and how they are drawn."""

    title: str
    description: str
    numbers: pl.DataFrame
    form: Bars | Columns | Curve | Intervals


@dataclass(frozen=True)
class Picture:
    """A drawing of marks: elements of an SVG of a size, over the image of the subject where that is shown.

    The elements are ours: shapes, and escaped names of tools. `origin` is the place of the upper left corner in
    the image, `scale` the pixels of the drawing for one of the image.
    """

    title: str
    description: str
    size: tuple[int, int]
    elements: Sequence[str]
    origin: tuple[float, float]
    scale: float
    url: str | None


@dataclass(frozen=True)
class Group:
    """A part of a section that has a heading of its own."""

    title: str
    sentences: Sequence[str] = ()
    parts: "Sequence[Part]" = ()


Part = Table | Chart | Picture | Group


@dataclass(frozen=True)
class Section:
    """A section: its name in addresses, its heading, sentences and parts. One without parts is left out."""

    name: str
    title: str
    sentences: Sequence[str] = field(default_factory=tuple)
    parts: Sequence[Part] = field(default_factory=tuple)
