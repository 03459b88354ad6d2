"""Sets of answers as bits in words of 64: counting them takes no texts, and few different sets are written."""

from collections.abc import Iterable, Sequence

import polars as pl

_BITS = 64


def bits_of(numbers: Iterable[int], n_answers: int) -> list[pl.Series]:
    """A column for each word, named `word 0` and so on, with the bit of each answer, by its number from 0.

    A set of answers is the bits of all of them.
    """
    numbers = list(numbers)
    return [
        pl.Series(f"word {word}", [1 << n % _BITS if n // _BITS == word else 0 for n in numbers], pl.UInt64)
        for word in range(n_answers // _BITS + 1)
    ]


def texts_of(sets: pl.DataFrame, names: Sequence[str], separator: str, nothing: str) -> pl.Series:
    """The text of each set, from its words: its names in their order, or `nothing` for the empty set."""
    different = sets.unique()
    texts = [
        separator.join(name for n, name in enumerate(names) if words[n // _BITS] >> n % _BITS & 1)
        if any(words)
        else nothing
        for words in different.iter_rows()
    ]
    known = different.with_columns(text=pl.Series(texts, dtype=pl.String))
    return sets.join(known, on=sets.columns, how="left", maintain_order="left")["text"]
