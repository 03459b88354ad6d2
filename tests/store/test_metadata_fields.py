"""The metadata of subjects in columns."""

import json
from typing import Any

import polars as pl
import pytest

from zoo_dag.store.metadata_fields import with_metadata_fields


def columns(*cells: dict[str, Any] | str | None, hidden: bool = False) -> pl.DataFrame:
    texts = [cell if cell is None or isinstance(cell, str) else json.dumps(cell) for cell in cells]
    rows = pl.LazyFrame(
        {"subject_id": [*range(len(texts))], "metadata": pl.Series(texts, dtype=pl.String), "last": "z"}
    )
    frame, fields = with_metadata_fields(rows, hidden=hidden)
    found = frame.collect()
    assert found.columns == ["subject_id", *fields, "last"]
    return found.drop("subject_id", "last")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", 2, None, ""], [1, 2, None, None]),
        (["1.50", "-2", 3e2], [1.5, -2.0, 300.0]),
        (["true", False, "TRUE"], [True, False, True]),
        (["007", "8"], ["007", "8"]),
        (["1", "yes"], ["1", "yes"]),
        (["1", "true"], ["1", "true"]),
        ([""], [None]),
        # A Float64 holds 15 digits, an Int64 18.
        (["123456789012345678", "1"], [123456789012345678, 1]),
        (["123456789012345678", "1.5"], ["123456789012345678", "1.5"]),
        (["12345678901234567890"], ["12345678901234567890"]),
        (["3.14159265358979323846", "12"], [3.141592653589793, 12.0]),
        (["nan", "1.5"], ["nan", "1.5"]),
        (["٣"], ["٣"]),
        ([["a", 1], "b"], ["a;1", "b"]),
    ],
)
def test_a_field_has_the_narrowest_type_that_holds_all_values(values: list[Any], expected: list[Any]) -> None:
    found = columns(*({"Field": value} for value in values))
    assert found.to_dict(as_series=False) == {"metadata_field": expected}
    assert [type(value) for value in found["metadata_field"]] == [type(value) for value in expected]


def test_hidden_fields_come_by_a_switch_and_names_stay() -> None:
    cell = {"#site": "a", "Site": "b", "site ": "c", "!Site": "d", "//鳥": "e", "Gl. long/°": "1"}
    seen = columns(cell)
    assert seen.rows(named=True) == [{"metadata_site": "b", "metadata_site_2": "c", "metadata_gl_long": 1}]
    every = columns(cell, hidden=True)
    assert every.drop(seen.columns).rows(named=True) == [
        {"metadata_site_3": "a", "metadata_site_4": "d", "metadata_field": "e"}
    ]


def test_names_stay_when_subjects_come() -> None:
    assert columns({"a b": 1}, {"a_b": 2}).row(0, named=True) == {"metadata_a_b": 1, "metadata_a_b_2": None}


def test_objects_have_a_field_for_each_key_and_cells_without_fields_have_none() -> None:
    assert columns({"place": {"lat": 1.5}}, None, "no JSON", {}).to_dict(as_series=False) == {
        "metadata_place_lat": [1.5, None, None, None]
    }
    assert columns(None, "{}").width == 0
