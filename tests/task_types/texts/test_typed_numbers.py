"""Numbers typed as texts, and their median, mean and spread."""

import math
from random import Random

import pytest

from zoo_dag.task_types.texts.typed_numbers import TypedNumbers, number_of, typed_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", 10),
        (" 12.50\n", 12.5),
        ("12.", 12),
        (".5", 0.5),
        ("-3", -3),
        ("\u22123", -3),
        ("+7", 7),
        ("007", 7),
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1234,5", 1234.5),
        ("999999999999999", 999999999999999),
    ],
)
def test_a_text_that_is_a_number(text: str, number: float) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", ",5", "ten", "10 m", "about 10", "10-12", "1 000", "1,23,4", "1.2.3", "1/2", "--1"),
        *("1e5", "inf", "nan", "1234567890123456", "9" * 400, "1\n2", "\u0661\u0662"),
    ],
)
def test_a_text_that_is_no_number(text: str) -> None:
    assert number_of(text) is None


def test_measures_are_of_the_numbers_alone() -> None:
    assert typed_numbers(["10", "11", "12", "13", "14"]) == (5, 12, 12, math.sqrt(2.5))
    assert typed_numbers(["10", "unreadable", "20", "?"]) == (2, 15, 15, math.sqrt(50))
    assert typed_numbers(["7", "illegible"]) == (1, 7, 7, None)
    assert typed_numbers(["none"]) == TypedNumbers(0, None, None, None)


def test_the_order_of_the_texts_does_not_matter_to_the_last_bit() -> None:
    random = Random(3)  # noqa: S311
    texts = [str(random.uniform(-1e3, 1e6))[:12] for _ in range(50)]
    expected = typed_numbers(texts)
    for _ in range(20):
        random.shuffle(texts)
        assert typed_numbers(texts) == expected
