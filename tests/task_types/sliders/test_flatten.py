"""Sliders, rows of `slider_annotations`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.task_types.samples import flat


def sliders(*values: Any) -> list[tuple[Any, ...]]:
    annotations = [[{"task": "T6", "value": value}] for value in values]
    return flat(*annotations).tables["slider_annotations"].select("status", "value", "untouched").rows()


def test_a_slider_left_at_its_default_differs_from_one_that_was_moved_there() -> None:
    assert sliders("0", 0, 0.4, "0.4", -3) == [
        ("answered", 0.0, True),
        ("answered", 0.0, False),
        ("answered", 0.4, False),
        ("answered", 0.4, True),
        ("answered", -3.0, False),
    ]


@pytest.mark.parametrize("value", ["abc", "nan", "inf", "1_000", "1e999", True, [1], {"value": 1}])
def test_what_is_no_number_is_malformed(value: Any) -> None:
    assert sliders(value) == [("malformed", None, None)]


def test_a_slider_without_a_value_is_blank() -> None:
    assert sliders(None) == [("blank", None, None)]
    assert flat([{"task": "T6"}]).tables["slider_annotations"]["status"].to_list() == ["blank"]


def test_a_slider_in_a_combo_says_whose_it_is() -> None:
    rows = flat([{"task": "T9", "task_label": None, "value": [{"task": "T6", "value": "3"}]}])
    columns = rows.tables["slider_annotations"].select("task", "parent_task", "task_label", "value", "untouched")
    assert columns.rows() == [("T6", "T9", "How sure?", 3.0, True)]


def test_golden_cases_give_the_value_that_was_stored(golden_rows: Callable[..., Any]) -> None:
    columns = ("status", "value", "untouched")
    assert golden_rows("slider_annotations", "T6", *columns) == {"slider": [("answered", 3.0, True)]}
