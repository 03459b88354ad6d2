"""The building blocks of rules: which rows break them."""

import math

import polars as pl
import pytest

from zoo_dag.consensus.rules import Rules, at_most, at_most_in, fraction_in, fractions, ordered


def broken(rules: Rules, *rows: dict[str, object]) -> dict[str, list[bool | None]]:
    return pl.DataFrame(rows).select(**rules).to_dict(as_series=False)


def test_a_fraction_is_between_0_and_1_up_to_rounding() -> None:
    values = [{"x": x} for x in (0.0, 1.0, 1 + 1e-12, -1e-12, 1.1, -0.1, math.nan, None)]
    assert broken(fractions("x"), *values) == {
        "x is between 0 and 1": [False, False, False, False, True, True, True, None]
    }


def test_numbers_in_order_are_compared_pair_by_pair() -> None:
    rows = [{"a": 0.1 + 0.2, "b": 0.3, "c": 5.0}, {"a": 2.0, "b": 1.0, "c": 0.0}]
    assert broken(ordered("a", "b", "c"), *rows) == {
        "a is at most b": [False, True],
        "b is at most c": [False, True],
    }


def test_a_count_is_between_0_and_another() -> None:
    rows = [{"n": 2, "of": 2}, {"n": 3, "of": 2}, {"n": -1, "of": 2}]
    assert broken(at_most("n", "of"), *rows) == {"n is between 0 and of": [False, True, True]}


@pytest.mark.parametrize(
    ("rules", "statement"),
    [
        (fraction_in("x", "share"), "in x, share is between 0 and 1"),
        (at_most_in("x", "share", "of"), "in x, share are at most of"),
    ],
)
def test_a_row_breaks_a_rule_of_structs_where_any_of_them_does(rules: Rules, statement: str) -> None:
    good, bad = {"share": 0.5, "of": 1.0}, {"share": 1.5, "of": 1.0}
    rows = [{"x": [good]}, {"x": [good, bad]}, {"x": []}]
    assert broken(rules, *rows) == {statement: [False, True, False]}
