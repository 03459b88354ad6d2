"""Values of exports in any form."""

from typing import Any

import pytest

from zoo_dag.annotations.values import is_blank


@pytest.mark.parametrize(
    "value",
    [None, "", "  \n\t", "\xa0 ", "\u200b", "\ufeff", "\u200d\u200c", "\u2060\u202e", "\u3164", "\u2800", "\x00"],
)
def test_what_nobody_sees_is_blank(value: Any) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", ["a", "\u200bא", ".", "null", "\U0001f469\u200d\U0001f52c", 0, False, [], {}])
def test_what_can_be_seen_is_not_blank(value: Any) -> None:
    assert not is_blank(value)
