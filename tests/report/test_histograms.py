"""Values in ten bins."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.report.histograms import histogram


def test_values_are_counted_in_ten_bins_from_their_lower_end_on():
    rows = pl.LazyFrame({"share": [0.0, 0.3, 0.7, 0.75, 1.0, None], "sure": [True, True, True, False, True, True]})
    found = histogram(rows, "share", "Share", sure=pl.col("sure").sum(), others=(~pl.col("sure")).sum())
    assert found.schema == {"Share": pl.String, "sure": pl.Int64, "others": pl.Int64}
    assert found.filter((pl.col("sure") > 0) | (pl.col("others") > 0)).rows() == [
        ("0 to 0.1", 1, 0),
        ("0.3 to 0.4", 1, 0),
        ("0.7 to 0.8", 1, 1),
        ("0.9 to 1", 1, 0),
    ]
    assert found.height == 10


def test_one_value_is_one_bin_of_its_own():
    found = histogram(pl.LazyFrame({"median": [5.0, 5.0]}), "median", "Median", low=5, high=5, n=pl.len())
    assert found.rows() == [("5 to 5", 2)]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_each_value_is_in_one_bin(values: list[float]):
    rows = pl.LazyFrame({"x": values})
    assert histogram(rows, "x", "X", low=min(values), high=max(values), n=pl.len())["n"].sum() == len(values)
    assert histogram(rows, "x", "X", n=pl.len())["n"].sum() == len(values)
