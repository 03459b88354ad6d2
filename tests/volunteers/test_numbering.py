"""Texts as numbers in their order."""

import numpy as np
import polars as pl
import pytest

from zoo_dag.volunteers.numbering import distinct, numbered


def test_rows_are_numbered_in_the_order_of_their_texts_with_null_first() -> None:
    rows = pl.DataFrame(
        {"subject": ["9", "10", "9", "10", "9"], "option": ["b", None, "a", None, "b"]},
        schema=dict.fromkeys(("subject", "option"), pl.Categorical),
    )
    known, number = numbered(rows)
    assert known.rows() == [("10", None), ("9", "a"), ("9", "b")]
    assert number.tolist() == [2, 0, 1, 0, 2]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_without_rows_and_without_texts(values: list[None]) -> None:
    known, number = numbered(pl.DataFrame({"option": values}, schema={"option": pl.Categorical}))
    assert known["option"].to_list() == values[:1]
    assert number.tolist() == [0] * len(values)


@pytest.mark.parametrize("factor", [1, 1_000_000])
def test_distinct_numbers_that_are_close_and_far_apart(factor: int) -> None:
    known, place = distinct(np.array([3, 1, 3, 0]) * factor)
    assert known.tolist() == [0, factor, 3 * factor]
    assert place.tolist() == [2, 1, 2, 0]
