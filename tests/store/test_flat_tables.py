"""Tables without lists and JSON."""

import csv
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.store.flat_tables import flat_lists, flat_table, rows_of
from zoo_dag.tables import TABLES


def flat(**columns: Any) -> dict[str, list[Any]]:
    return flat_lists(pl.LazyFrame(columns)).collect().to_dict(as_series=False)


def test_a_list_is_a_text_of_its_elements() -> None:
    assert flat(ids=[[3, 14], [], None, [5]], votes=[1, 2, 3, 4]) == {
        "ids": ["3;14", "", None, "5"],
        "votes": [1, 2, 3, 4],
    }
    assert flat(urls=[["a", None, "b;c", 'd"e', ""]]) == {"urls": ['a;;"b;c";"d""e";""']}
    # A program reads 3.10 as the number 3.1.
    assert flat(versions=[["3.9", "3.10"], ["3.10"]]) == {"versions": ["v3.9;v3.10", "v3.10"]}


def test_a_list_of_objects_is_a_text_for_each_field() -> None:
    answers = [[{"label": "Yes", "votes": 2}, {"label": None, "votes": 1}], None, []]
    assert flat(answers=answers) == {"answers_label": ["Yes;", None, ""], "answers_votes": ["2;1", None, ""]}


def test_a_list_of_lists_has_each_of_them_in_quotation_marks() -> None:
    ring = [{"x": 1.0, "y": 2.0}, {"x": 3.5, "y": 4.0}]
    assert flat(pieces=[[ring, ring[:1]]]) == {"pieces_x": ['"1.0;3.5";1.0'], "pieces_y": ['"2.0;4.0";2.0']}


@given(st.lists(st.text(alphabet='ab;"\n, '), min_size=1))
def test_a_csv_reader_reads_the_elements_again(elements: list[str]) -> None:
    (text,) = flat(texts=[elements])["texts"]
    assert list(csv.reader(text.splitlines(keepends=True), delimiter=";")) == [elements]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_flat_form_with_names_of_its_own(name: str) -> None:
    schema = flat_table(name, TABLES[name].empty().lazy()).frame.collect_schema()
    assert not any(dtype.is_nested() for dtype in schema.values())


def test_json_text_is_left_out_where_other_tables_have_it_in_columns() -> None:
    table = flat_table("classifications", TABLES["classifications"].empty().lazy())
    assert table.left_out == ("metadata", "annotations")
    assert not {"metadata", "annotations"} & set(table.frame.collect_schema())
    raw = pl.LazyFrame({"metadata": ["{}"]})
    assert flat_table("raw_classifications", raw).frame.collect().to_dict(as_series=False) == {"metadata": ["{}"]}


def test_a_list_may_have_a_row_for_each_element() -> None:
    rows = pl.LazyFrame(
        {"id": [1, 2], "answers": [[{"label": "Yes"}, {"label": "No"}], []], "versions": [["3.9"]] * 2}
    )
    assert rows_of(rows, "answers").collect().rows() == [
        (1, "Yes", ["3.9"]),
        (1, "No", ["3.9"]),
        (2, None, ["3.9"]),
    ]
    assert rows_of(rows, "versions").select("versions").collect().to_series().to_list() == ["3.9", "3.9"]
