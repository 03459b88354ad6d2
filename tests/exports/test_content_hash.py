"""Hashes of raw rows: the same cells give the same hash, today and after an upgrade of Polars."""

from datetime import UTC, datetime
from itertools import accumulate

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import cell_text
from zoo_dag.exports.content_hash import classifications_hashes, content_hash, content_hashes
from zoo_dag.exports.subject_cells import read_subject_cells
from zoo_dag.tables.row_count import row_count

CELLS = {
    "classification_id": ["1001", "1002", "1003"],
    "annotations": ['[{"task":"T0","value":"Yes"}]', "[]", None],
    "workflow_name": ["Vögel 🐦", "", "two\nlines"],
}


def of(cells: dict[str, list[str | None]]) -> str:
    return content_hash(pl.LazyFrame(cells, schema=dict.fromkeys(cells, pl.String)))[0]


def classifications_hash(raw: pl.LazyFrame) -> str:
    (text,) = classifications_hashes(raw, read_subject_cells(raw), [row_count(raw)])
    return text


def of_classification(**cells: str | None) -> str:
    row = {"classification_id": "1001", "user_id": "7", "user_name": "ann", **cells}
    return classifications_hash(pl.LazyFrame([row], schema=dict.fromkeys(row, pl.String)))


def test_the_hash_of_a_table_never_changes() -> None:
    # A changed value here makes every table of every project stale: it must be meant.
    assert of(CELLS) == "959f4bb1c1b606c8398c61d653e8cac8-3"
    assert of_classification() == "ee2574f25f315731e231d8a928d63ad8-1"
    typed = pl.LazyFrame(
        {"n_rows": [3, None], "whole": [True, None], "imported_at": [datetime(2024, 3, 5, 1, 2, 3, 4, UTC), None]},
        schema={"n_rows": pl.Int64, "whole": pl.Boolean, "imported_at": pl.Datetime("us", "UTC")},
    )
    assert content_hash(typed) == ("dedd0c03c7f323ae8e3bddd17cf6e2e5-2", 2)


def test_a_table_without_rows_has_a_hash_and_its_columns_tell() -> None:
    empty = {name: [] for name in CELLS}
    assert content_hash(pl.LazyFrame(empty, schema=dict.fromkeys(CELLS, pl.String)))[1] == 0
    assert of(empty) != of({"classification_id": []})
    assert of_classification() != of(CELLS)


def test_neither_the_order_of_rows_nor_that_of_columns_counts() -> None:
    frame = pl.DataFrame(CELLS)
    expected = content_hash(frame.lazy())
    assert content_hash(frame.reverse().lazy()) == expected
    assert content_hash(frame.select(reversed(frame.columns)).lazy()) == expected


def test_it_does_not_matter_how_rows_are_read() -> None:
    # More rows than a batch has, in pieces of every size.
    whole = pl.DataFrame(
        {"id": [str(number) for number in range(50_000)], "text": ["ä" * 3, "", None, "x"] * 12_500}
    )
    expected = content_hash(whole.lazy())
    pieces = [whole.slice(start, 7_001) for start in range(0, whole.height, 7_001)]
    assert content_hash(pl.concat([piece.lazy() for piece in pieces])) == expected
    assert content_hash(pl.concat([piece.lazy() for piece in reversed(pieces)])) == expected
    assert content_hash(whole.sample(fraction=1, shuffle=True, seed=1).lazy()) == expected


def test_the_hash_of_classifications_does_not_depend_on_how_they_are_read() -> None:
    # More rows than a batch has, in pieces of every size.
    rows = pl.DataFrame(
        {
            "classification_id": [str(number) for number in range(12_000)],
            "annotations": ["ä" * 3, "", None, "x"] * 3_000,
        }
    )
    expected = classifications_hash(rows.lazy())
    assert expected.endswith("-12000")
    pieces = [rows.slice(start, 7_001).lazy() for start in range(0, rows.height, 7_001)]
    assert classifications_hash(pl.concat(pieces)) == expected
    assert classifications_hash(rows.select(reversed(rows.columns)).lazy()) == expected


@settings(max_examples=15)
@given(
    st.lists(st.integers(0, 3), max_size=6),
    st.lists(st.sampled_from(["ä", "xy", "", None, '{"101":{"retired":null}}']), min_size=18, max_size=18),
)
def test_versions_have_the_same_hash_together_and_each_alone(n_rows: list[int], cells: list[str | None]) -> None:
    numbers = [str(number) for number in range(sum(n_rows))]
    texts = cells[: len(numbers)]
    columns = {"classification_id": numbers, "annotations": texts, "subject_data": texts[::-1]}
    rows = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    ends = list(accumulate(n_rows))
    alone = [rows.slice(end - n, n) for end, n in zip(ends, n_rows, strict=True)]
    together = classifications_hashes(rows.lazy(), read_subject_cells(rows.lazy(), n_rows), n_rows)
    assert together == [classifications_hash(each.lazy()) for each in alone]
    assert content_hashes(alone) == [content_hash(each.lazy())[0] for each in alone]


def test_versions_of_more_rows_than_a_batch_have_the_same_hash_together() -> None:
    rows = pl.DataFrame({"classification_id": [str(number) for number in range(12_000)]}).with_columns(
        annotations=pl.col("classification_id").str.replace("9", "ö")
    )
    n_rows = [4_999, 1, 6_000, 0, 1_000]
    cells = read_subject_cells(rows.lazy(), n_rows)
    starts = [0, 4_999, 5_000, 11_000, 11_000]
    alone = [rows.slice(start, n).lazy() for start, n in zip(starts, n_rows, strict=True)]
    assert classifications_hashes(rows.lazy(), cells, n_rows) == [classifications_hash(each) for each in alone]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"metadata": [None]}, {"metadata": [""]}),
        ({"metadata": ["x", "x"]}, {"metadata": ["x"]}),
        ({"metadata": ["xy", "z"]}, {"metadata": ["x", "yz"]}),
        ({"metadata": ["x"], "annotations": [None]}, {"metadata": [None], "annotations": ["x"]}),
        ({"metadata": ["x"], "expert": [""]}, {"metadata": [""], "expert": ["x"]}),
    ],
)
def test_other_classifications_have_another_hash(
    one: dict[str, list[str | None]], other: dict[str, list[str | None]]
) -> None:
    first, second = (
        classifications_hash(pl.LazyFrame(cells, schema=dict.fromkeys(cells, pl.String))) for cells in (one, other)
    )
    assert first != second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": [None]}, {"a": [""]}),
        ({"a": ["x"]}, {"b": ["x"]}),
        ({"a": ["x", "x"]}, {"a": ["x"]}),
        ({"a": ["x"], "b": [None]}, {"a": [None], "b": ["x"]}),
        ({"a": ["x\ny"], "b": [""]}, {"a": ["x"], "b": ["y\n"]}),
        ({"a": ["xy"], "b": ["z"]}, {"a": ["x"], "b": ["yz"]}),
        ({"a": ["1", "2"], "b": ["3", "4"]}, {"a": ["1", "2"], "b": ["4", "3"]}),
        ({"a": ["\0"]}, {"a": ["\0\0"]}),
    ],
)
def test_other_cells_have_another_hash(
    one: dict[str, list[str | None]], other: dict[str, list[str | None]]
) -> None:
    assert of(one) != of(other)


def test_where_a_row_stood_does_not_count() -> None:
    placed = {**CELLS, "source_file": ["a.csv"] * 3, "source_row": ["1", "2", "3"]}
    assert of(placed) == of(CELLS)


def test_a_column_that_an_export_lacks_is_as_one_of_nulls() -> None:
    assert of_classification() == of_classification(gold_standard=None, user_ip=None)


@pytest.mark.parametrize("user_id", [None, "", "NA"])
def test_the_name_of_an_anonymous_row_does_not_count(user_id: str | None) -> None:
    names = ("not-logged-in-aaaa", "not-logged-in-bbbb")
    assert len({of_classification(user_id=user_id, user_name=name) for name in names}) == 1
    # Files from before 2015-09 have no ids, but logins.
    assert len({of_classification(user_id=user_id, user_name=name) for name in ("ann", "bob")}) == 2


def test_the_name_of_an_account_counts_whatever_its_form() -> None:
    assert of_classification(user_name="not-logged-in-aaaa") != of_classification(user_name="not-logged-in-bbbb")


STATE = '{"id":1,"workflow_id":11,"classifications_count":15,"retired_at":"2017-01-10T03:27:13.475Z"}'


@pytest.mark.parametrize("state", ["null", "true", "false", STATE, STATE.replace("15", "16")])
def test_the_retirement_of_a_subject_does_not_count(state: str) -> None:
    cell = f'{{"101":{{"retired":{state},"name":"a.jpg"}},"102":{{"retired":null}}}}'
    assert of_classification(subject_data=cell) == of_classification(
        subject_data='{"101":{"name":"a.jpg"},"102":{}}'
    )


@pytest.mark.parametrize(
    "cell",
    [
        '{"101":{"retired":"yes","name":"a.jpg"}}',
        '{"101":{"retired":{"since":2020},"name":"a.jpg"}}',
        '{"101":{"retired":null,"name":"b.jpg"}}',
        '{"101":{"retired":null,"name":"a.jpg","nested":{"retired":true}}}',
        '{"102":{"retired":null,"name":"a.jpg"}}',
        '{"101":{"retired":null,"name":"a.jpg"}',
        '["101"]',
        '{"101":null}',
        "",
        None,
        '{"101":{"name":' + "[" * 300 + "]" * 300 + "}}",
    ],
)
def test_everything_else_in_subject_data_counts(cell: str | None) -> None:
    usual = of_classification(subject_data='{"101":{"retired":null,"name":"a.jpg"}}')
    assert of_classification(subject_data=cell) != usual


def test_a_cell_that_is_not_json_is_hashed_as_it_is() -> None:
    cells = ['{"101":', '{"101": ', cell_text(None), "[1]", "[1] "]
    assert len({of_classification(subject_data=cell) for cell in cells}) == len(cells)
