"""Labels and ids of surveys as names: without case, spaces, punctuation, Markdown and HTML."""

from collections.abc import Iterable

import polars as pl

# The address of a Markdown link, which may have parentheses.
_ADDRESS = r"\((?:[^()]|\([^()]*\))*\)"


def names(texts: Iterable[str]) -> list[str]:
    """The names of some texts, such as those of a setting."""
    series = pl.Series(list(texts), dtype=pl.String)
    return series.to_frame("name").select(name(pl.col("name"))).to_series().to_list()


def name(text: pl.Expr) -> pl.Expr:
    """The letters and digits of a label or an id; a label without any, such as an emoji, as it is."""
    letters = plain(text).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(letters == "").then(text).otherwise(letters)


def plain(text: pl.Expr) -> pl.Expr:
    """A label without images, tags and entities, and with the words of links."""
    return (
        text.str.replace_all(rf"!\[[^\]]*\]{_ADDRESS}", "")
        .str.replace_all(rf"\[([^\]]*)\]{_ADDRESS}", "$1")
        .str.replace_all(r"<[^>]*>|&#?\w+;", " ")
    )
