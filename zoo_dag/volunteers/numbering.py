"""Texts as numbers from 0 in the order of the texts: the numbers of categories differ from process to process."""

import numpy as np
import polars as pl

from zoo_dag.volunteers.votes import Integers

# Numbers up to so many times the number of rows are looked up in a list of all of them, and not sorted.
_SPARSE = 8


def numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, Integers]:
    """The different rows, in the order of their texts with null first, and by row the number of its own.

    Takes columns of categories.
    """
    number: Integers = np.zeros(rows.height, np.int32)
    for column in rows:
        n_values, of_column = _numbered(column)
        if n_values > 1:
            _, number = distinct(number.astype(np.int64) * n_values + of_column)
    return rows[_a_row_of_each(number)], number


def distinct(numbers: Integers) -> tuple[Integers, Integers]:
    """The different ones of some numbers from 0, ascending, and by row the place of its own among them."""
    n = _largest(numbers) + 1
    if n > _SPARSE * len(numbers):
        present, place = np.unique(numbers, return_inverse=True)
        return present, place.astype(np.int32)
    occurs = np.zeros(n, bool)
    occurs[numbers] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs, dtype=np.int32) - np.int32(1))[numbers]


def _numbered(texts: pl.Series) -> tuple[int, Integers]:
    """How many different texts there are, and by row the number of its own."""
    _, of_row = distinct(texts.to_physical().cast(pl.Int64).fill_null(-1).to_numpy() + 1)
    in_order = texts.gather(_a_row_of_each(of_row)).cast(pl.String).arg_sort().to_numpy()
    number = np.empty(len(in_order), np.int32)
    number[in_order] = np.arange(len(in_order), dtype=np.int32)
    return len(number), number[of_row]


def _a_row_of_each(number: Integers) -> Integers:
    """For each number, from 0, a row that has it."""
    rows = np.empty(_largest(number) + 1, np.int64)
    rows[number] = np.arange(len(number))
    return rows


def _largest(numbers: Integers) -> int:
    return int(numbers.max()) if len(numbers) else -1
