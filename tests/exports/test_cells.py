"""Text cells to typed values, also as other programs re-save them."""

from datetime import UTC, datetime

import polars as pl
import pytest

from zoo_dag.exports.cells import different, integer, load_json, missing_to_null, seconds, truth, utc_time


def values(expression: pl.Expr, cells: list[str | None]) -> list[object]:
    return pl.DataFrame({"cell": cells}, schema={"cell": pl.String}).select(expression).to_series().to_list()


def test_null_and_empty_text_both_mean_missing() -> None:
    assert values(missing_to_null("cell"), [None, "", "  ", "5"]) == [None, None, None, "5"]


def test_what_r_and_pandas_write_for_missing() -> None:
    assert values(missing_to_null("cell"), ["NA", "NaN", "nan", "NAN", "N/A"]) == [None, None, None, "NAN", "N/A"]


@pytest.mark.parametrize(
    "cells",
    [[], [None], ["b", "a", "b"], [None, "b", None, "a", "", "b"], ["x" * 100_000, "ä", "x" * 100_000, None]],
)
def test_each_row_has_the_place_of_its_cell_among_the_different_ones(cells: list[str | None]) -> None:
    distinct, places = different(pl.Series("cell", cells, pl.String))
    assert [distinct[place] for place in places] == cells
    assert distinct.len() == len(set(cells))


def test_integers_that_pandas_wrote_as_floats() -> None:
    cells = ["63325.0", "63325", " 63325 ", "-4", "63325.5", "6e4", "", "9" * 19, None]
    assert values(integer(pl.col("cell")), cells) == [63325, 63325, 63325, -4, None, None, None, None, None]


@pytest.mark.parametrize("odd", ["+5", "9" * 19, "0" * 18 + "5", "1_000", "1e5", "-"])
def test_what_is_no_integer_is_none_among_plain_digits_too(odd: str) -> None:
    assert values(integer(pl.col("cell")), ["63325", odd, None, "-4"]) == [63325, None, None, -4]


def test_digits_of_other_scripts_are_no_number() -> None:
    assert values(integer(pl.col("cell")), ["\uff11\uff12", "٣", "1٣", "१२.0"]) == [None] * 4


def test_seconds_are_the_nearest_number_for_any_number_of_rows() -> None:
    microseconds = [33_123_457 * number for number in range(5000)]
    frame = pl.DataFrame({"duration": pl.Series(microseconds).cast(pl.Duration("us"))})
    for rows in (1, 7, 5000):
        read = frame.head(rows).select(seconds(pl.col("duration"))).to_series()
        assert read.to_list() == [number / 1e6 for number in microseconds[:rows]]
    assert pl.select(seconds(pl.lit(None, pl.Duration("us")))).item() is None


def test_truth_values_of_any_spelling() -> None:
    true = ["true", "TRUE", "True", "1", "t", "1.0"]
    false = ["false", "FALSE", "False", "0", "f", "0.0"]
    assert values(truth(pl.col("cell")), true) == [True] * 6
    assert values(truth(pl.col("cell")), false) == [False] * 6
    assert values(truth(pl.col("cell")), [None, "", "maybe"]) == [None] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05 01:02:03 UTC", datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)),
        ("2024-03-05T01:02:03Z", datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)),
        ("2024-03-05T01:02:03.475Z", datetime(2024, 3, 5, 1, 2, 3, 475_000, tzinfo=UTC)),
        ("2024-03-05 01:02:03.5 UTC", datetime(2024, 3, 5, 1, 2, 3, 500_000, tzinfo=UTC)),
        ("2024-03-05 01:02:03+00:00", datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)),
        ("2024-03-05 01:02:03", datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)),
        ("2024-03-05T01:02:03-07:00", datetime(2024, 3, 5, 8, 2, 3, tzinfo=UTC)),
        ("2024-03-05T01:02:03.250+05:30", datetime(2024, 3, 4, 19, 32, 3, 250_000, tzinfo=UTC)),
        ("2024-03-05T01:02:03+0000", datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)),
        ("2024-03-05 01:02:03.5-07", datetime(2024, 3, 5, 8, 2, 3, 500_000, tzinfo=UTC)),
        ("2024-03-05T01:02:03-00:30", datetime(2024, 3, 5, 1, 32, 3, tzinfo=UTC)),
        ("2024-03-05T01:02:03", datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)),
        ("2024-03-05 01:02", datetime(2024, 3, 5, 1, 2, tzinfo=UTC)),
        ("2024-03-05 01:02+02", datetime(2024, 3, 4, 23, 2, tzinfo=UTC)),
        ("2024-03-05", datetime(2024, 3, 5, tzinfo=UTC)),
        ("2024-03", None),
        ("0001-01-01 00:00:00 UTC", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59 UTC", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0000-12-31 23:59:59 UTC", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("-0001-01-01 00:00:00 UTC", None),
        ("+12024-03-05 01:02:03 UTC", None),
        ("2024-03-05T01:02:03+99:00", None),
        ("٢٠٢٤-03-05 01:02:03 UTC", None),
        ("Tue, 05 Mar 2024 01:02:03 GMT", None),
        ("1709600523000", None),
        ("05/03/2024 01:02", None),
        ("2024-02-30 01:02:03 UTC", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_utc_and_say_so(text: str | None, expected: datetime | None) -> None:
    times = utc_time(pl.Series("created_at", [text], pl.String))
    assert times.dtype == pl.Datetime("us", "UTC")
    assert times.to_list() == [expected]


def test_forms_may_be_mixed() -> None:
    texts = ["2024-03-05 01:02:03 UTC", "2024-03-05T01:02:03.475Z", None, "soon", "2024-03-05 01:02:03+00:00"]
    assert utc_time(pl.Series(texts)).dt.second().to_list() == [3, 3, None, None, 3]


def test_the_second_of_a_column_is_that_of_the_millisecond_in_json() -> None:
    times = utc_time(pl.Series(["2017-01-10 03:27:13 UTC", "2017-01-10T03:27:13.475Z"])).dt.truncate("1s")
    assert times[0] == times[1]


@pytest.mark.parametrize("text", ["", "\ufeff[]", "[NaN]", '"\\ud800"', '{"a":', "[1,]", "nothing"])
def test_what_is_not_json_is_a_value_error_that_says_where(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not JSON: .* at character \d+$"):
        load_json(text)


def test_json_nested_deeper_than_it_can_be_written_is_a_value_error() -> None:
    assert load_json("[" * 254 + "]" * 254) is not None
    assert len(load_json(f"[{'[],' * 1000}[]]")) == 1001
    with pytest.raises(ValueError, match=r"^nested too deeply$"):
        load_json("[" * 255 + "]" * 255)


def test_escapes_are_decoded() -> None:
    assert load_json(r'"\u003cb\u003e \u0026 \u2028"') == "<b> & \u2028"


def test_json_that_excel_cut_says_so() -> None:
    whole = '["' + "x" * 32_765
    with pytest.raises(ValueError, match=r"the cell was cut at 32,767 letters, as Excel does$"):
        load_json(whole)
    with pytest.raises(ValueError, match=r"^not JSON: [^;]*$"):
        load_json(whole + "x")
