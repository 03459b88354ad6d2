"""Times of cameras: what is read without a format, and what only with one."""

from datetime import datetime

import polars as pl
import pytest

from zoo_dag.events.formats import fitting
from zoo_dag.events.times import days_or_times, local_times

MOMENT = datetime(2015, 8, 25, 11, 46, 10)


def read(text: str, *formats: str) -> datetime | None:
    return local_times(pl.Series([text]), formats).item()


@pytest.mark.parametrize(
    "text",
    [
        "2015-08-25 11:46:10",
        " 2015-08-25T11:46:10 ",
        "2015-08-25T11:46:10.000Z",
        "2015:08:25 11:46:10",
        "2015-08-25 11:46:10 UTC",
        # What the clock said, wherever that was.
        "2015-08-25T11:46:10+02:00",
    ],
)
def test_iso_and_exif_are_read_as_the_clock_of_the_camera(text):
    assert read(text) == MOMENT


@pytest.mark.parametrize(
    "text", ["9/7/2013 12:50:13 PM", "07:09:2020 14:33:40", "7/9/2020 15:28", "2015-08-25", "2015-13-25 11:46", ""]
)
def test_what_may_mean_two_things_is_not_read_without_a_format(text):
    assert read(text) is None


def test_a_column_may_have_several_forms_that_need_no_format():
    texts = pl.Series(["2015-08-25 11:46:10", None, "2015:08:25 11:46:10", "2015-08-25 11:46", "soon"])
    minute = MOMENT.replace(second=0)
    assert local_times(texts).to_list() == [MOMENT, None, MOMENT, minute, None]


def test_with_formats_the_first_that_fits_counts_and_no_other():
    assert read("9/7/2013 12:50:13 PM", "%m/%d/%Y %I:%M:%S %p") == datetime(2013, 9, 7, 12, 50, 13)
    assert read("9/7/2013 1:02", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M") == datetime(2013, 7, 9, 1, 2)
    assert read("2015-08-25 11:46:10", "%m/%d/%Y %H:%M") is None


def test_a_day_begins_with_its_first_moment_and_ends_with_its_last():
    days = pl.Series(["2015-08-25"])
    assert days_or_times(days, ()).to_list() == [datetime(2015, 8, 25)]
    assert days_or_times(days, ("%m/%d/%Y %H:%M",), ends=True).to_list() == [datetime(2015, 8, 26)]


def test_the_forms_that_fit_are_all_named():
    assert fitting(pl.Series(["9/7/2013 12:50:13 PM", "9/26/2014 9:02:33 PM"])) == ["%m/%d/%Y %I:%M:%S %p"]
    assert fitting(pl.Series(["9/7/2013 15:28"])) == ["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"]
    assert fitting(pl.Series(["yesterday"])) == []
    assert fitting(pl.Series([], dtype=pl.String)) == []
