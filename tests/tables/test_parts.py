"""Parts of workflow versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.tables.parts import Part, is_part, parse_part, parts_of, version_of
from zoo_dag.tables.versions import is_key


@given(length=st.integers(0, 60), count=st.integers(1, 9))
def test_each_row_is_in_one_part_and_they_follow_each_other(length: int, count: int) -> None:
    rows = list(range(length))
    parts = [rows[parse_part(key).of(length)] for key in parts_of("10-v3.2", count)]
    assert [row for part in parts for row in part] == rows
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_part_has_a_key_that_is_no_version() -> None:
    assert parts_of("10-v3.2", 2) == ["10-v3.2-part-1-of-2", "10-v3.2-part-2-of-2"]
    assert parse_part("10-v3.2-part-1-of-2") == Part("10-v3.2", 1, 2)
    assert [(is_part(key), is_key(key)) for key in ("10-v3.2-part-1-of-2", "10-v3.2")] == [
        (True, False),
        (False, True),
    ]
    keys = ("10-v3.2-part-1-of-2", "10-v3.2", "10")
    assert list(map(version_of, keys)) == ["10-v3.2", "10-v3.2", "10"]
    with pytest.raises(ValueError, match="is not a part"):
        parse_part("10-v3.2-part-1")
