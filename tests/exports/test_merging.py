"""Rows of several files with one key become one row: that of the last file."""

import polars as pl

from zoo_dag.exports.merging import superseded

KEY = (pl.col("id").cast(pl.Int64, strict=False),)


def frames(*parts: list[str | None]) -> list[pl.LazyFrame]:
    return [
        pl.LazyFrame({"id": part, "part": number}, schema={"id": pl.String, "part": pl.Int64})
        for number, part in enumerate(parts)
    ]


def kept(*parts: list[str | None]) -> list[list[str | None]]:
    given = frames(*parts)
    replaced = superseded(given, KEY)
    rows = [replaced.without(frame, part).collect()["id"].to_list() for part, frame in enumerate(given)]
    assert replaced.rows.height + sum(map(len, rows)) == sum(map(len, parts))
    return rows


def test_the_last_row_of_a_key_stays_and_the_order_too() -> None:
    assert kept(["1", "2", "3"], ["2", "4"]) == [["1", "3"], ["2", "4"]]


def test_equal_rows_of_one_part_become_one() -> None:
    assert kept(["1", "1", "2"]) == [["1", "2"]]


def test_the_key_is_compared_not_its_spelling() -> None:
    assert kept(["01"], ["1"]) == [[], ["1"]]


def test_rows_without_a_key_are_never_replaced() -> None:
    assert kept([None, "x", None], ["x", None]) == [[None, "x", None], ["x", None]]


def test_a_key_of_several_columns_may_have_nulls() -> None:
    part = pl.LazyFrame({"subject": ["1", "1", "1"], "workflow": ["2", None, None]})
    replaced = superseded([part], [pl.col("subject"), pl.col("workflow")])
    assert replaced.without(part, 0).collect().rows() == [("1", "2"), ("1", None)]


def test_nothing_gives_nothing() -> None:
    assert superseded([], KEY).rows.is_empty()
    assert kept([], []) == [[], []]
