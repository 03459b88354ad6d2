"""Texts that a spreadsheet would run as formulas, and the sign that keeps it from doing so in CSV.

Most texts in these tables were typed by strangers. A cell of a CSV has no type: a spreadsheet runs what looks like
a formula, also after spaces and in the wide letters of East Asian keyboards, and some run what follows a tab or a
line break at the start. An apostrophe in front makes such a cell a text (OWASP, CSV Injection).

`RUNS` looks through apostrophes: so taking one away from every text that has one and matches gives the texts back.
"""

from collections.abc import Sequence

import polars as pl

APOSTROPHE = "'"
# Spaces and invisible characters of all kinds, which programs may skip; then = + - @, also wide and small, or the
# sign for minus.
_SIGNS = r"=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}\x{fe66}\x{fe62}\x{fe63}\x{fe6b}\x{2212}"
RUNS = rf"^(?:[\s\p{{C}}']*[{_SIGNS}]|'*[\t\r\n])"
_NUMBER = r"^[+\-]?[0-9]+(\.[0-9]+)?([eE][+\-]?[0-9]+)?$"


def runs(text: pl.Expr) -> pl.Expr:
    """Whether a spreadsheet would run a text as a formula, or would but for apostrophes in front. Boolean.

    A text that is a number, such as -1.5, is one there too.
    """
    return text.str.contains(RUNS) & ~text.str.contains(_NUMBER)


def neutral(text: pl.Expr) -> pl.Expr:
    """The text, with an apostrophe in front where a spreadsheet would run it. String."""
    return pl.when(runs(text)).then(pl.lit(APOSTROPHE) + text).otherwise(text).name.keep()


def neutral_names(names: Sequence[str]) -> list[str]:
    """The names of columns, with an apostrophe in front where a spreadsheet would run them."""
    column = pl.DataFrame({"name": names}, schema={"name": pl.String})
    return column.select(neutral(pl.col("name")))["name"].to_list()
