"""The text of a span, cut out of the highlights of its members.

Offsets count UTF-16 code units, as JavaScript does: a letter outside of the basic plane, such as an emoji, is two.
"""

import numpy as np
import polars as pl

from zoo_dag.clustering.dbscan import Integers
from zoo_dag.task_types.highlights.spans import Intervals, Spans

# Letters that take two code units.
_ASTRAL = r"[\x{10000}-\x{10FFFF}]"


def letters(text: pl.Expr) -> pl.Expr:
    """The length of a text in UTF-16 code units, Int64."""
    return text.str.len_chars().cast(pl.Int64) + text.str.count_matches(_ASTRAL).cast(pl.Int64)


def passages(drawn: pl.DataFrame, highlights: Intervals, span: Integers, spans: Spans) -> pl.Series:
    """The text of each span, String.

    It is that of the first highlight, by classification, that covers the span. Where none does, it is of the
    pieces of the classification that has most of it, the first of several, joined by a space.

    Takes `drawn` with `classification_id` and `text` of each of the `highlights`, and the number of the span of
    each.
    """
    low = np.maximum(highlights.start, spans.start[span])
    high = np.minimum(highlights.end, spans.end[span])
    pieces = drawn.select(
        "classification_id",
        "text",
        span=span,
        place=low,
        covers=(high - low) == (spans.end - spans.start)[span],
        first=low - highlights.start,
        length=high - low,
    ).filter(pl.col("length") > 0)
    order = ["span", "classification_id", "place", "length", "text"]
    whole = pieces.filter("covers").sort(order).unique("span", keep="first", maintain_order=True)
    in_parts = pieces.join(whole, on="span", how="anti").sort(order)
    most = (
        in_parts.group_by("span", "classification_id", maintain_order=True)
        .agg(pl.col("length").sum())
        .sort("span", pl.col("length").neg(), "classification_id")
        .unique("span", keep="first", maintain_order=True)
    )
    parts = in_parts.join(most, on=["span", "classification_id"], how="semi", maintain_order="left")
    cut = pl.concat([_cut(each).select("span", "text") for each in (whole, parts)])
    texts = cut.group_by("span", maintain_order=True).agg(pl.col("text").str.join(" "))
    numbers = pl.DataFrame({"span": np.arange(len(spans.start))})
    return numbers.join(texts, on="span", how="left", maintain_order="left")["text"]


def _cut(pieces: pl.DataFrame) -> pl.DataFrame:
    """The texts, from `first` on and `length` code units long."""
    astral = pl.col("text").str.contains(_ASTRAL)
    plain = pl.col("text").str.slice(pl.col("first"), pl.col("length"))
    cut = pieces.with_columns(astral=astral, plain=plain)
    if not cut["astral"].any():
        return cut.with_columns(text="plain")
    units = [
        _code_units(text, first, length) if is_astral else plain
        for text, first, length, is_astral, plain in cut.select(
            "text", "first", "length", "astral", "plain"
        ).iter_rows()
    ]
    return cut.with_columns(text=pl.Series(units, dtype=pl.String))


def _code_units(text: str, first: int, length: int) -> str:
    """Some code units of a text; half of a letter at an end is left out."""
    encoded = text.encode("utf-16-le")[2 * first : 2 * (first + length)]
    return encoded.decode("utf-16-le", errors="ignore")
