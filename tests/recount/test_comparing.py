"""The comparison of two tables names every kind of difference."""

import pytest

from tests.recount.comparing import differences

ROW = {"id": 1, "answer": "Yes", "x": 0.5, "points": [{"x": 1.0}], "mark": '{"a": 1, "b": 2}', "n": 2}


def compared(found: list[dict[str, object]], expected: list[dict[str, object]]) -> list[str]:
    return differences("t", found, expected, ["id"])


def test_equal_rows_have_no_differences_however_json_and_numbers_are_written() -> None:
    assert compared([ROW], [{**ROW, "mark": '{"b":2,"a":1}', "x": 0.5 + 1e-15}]) == []
    assert compared([], []) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"answer": "No"}, "answer is 'Yes', recounted 'No'"),
        ({"answer": None}, "answer is 'Yes', recounted None"),
        ({"x": 0.50001}, "x is 0.5, recounted 0.50001"),
        ({"points": [{"x": 2.0}]}, "points is [{'x': 1.0}], recounted [{'x': 2.0}]"),
        ({"points": []}, "points is [{'x': 1.0}], recounted []"),
        ({"mark": "{}"}, """mark is '{"a": 1, "b": 2}', recounted '{}'"""),
        ({"n": "2"}, "n is 2, recounted '2'"),
    ],
)
def test_a_cell_that_differs_is_named_with_both_values(change: dict[str, object], sentence: str) -> None:
    assert compared([ROW], [ROW | change]) == [f"t: {{'id': 1}}: {sentence}"]


def test_rows_that_one_side_lacks_are_named() -> None:
    assert compared([ROW], []) == ["t: {'id': 1}: 1 rows, recounted 0"]
    assert compared([], [ROW]) == ["t: {'id': 1}: 0 rows, recounted 1"]
    assert compared([ROW, ROW], [ROW]) == ["t: {'id': 1}: 2 rows, recounted 1"]


def test_columns_that_the_table_lacks_are_named() -> None:
    assert compared([ROW], [{**ROW, "votes": 3}]) == ["t: the table lacks votes"]
