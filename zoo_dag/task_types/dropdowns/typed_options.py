"""Texts typed in place of an option of a list."""

import polars as pl


def folded(name: str) -> pl.Expr:
    """A text column without differences of case, white space and composition."""
    text = pl.col(name).str.normalize("NFC").str.to_lowercase()
    return text.str.replace_all(r"\s+", " ").str.strip_chars()
