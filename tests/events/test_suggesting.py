"""Which fields look like a camera and a time, and settings that can be pasted as they are."""

import tomllib

import orjson
import polars as pl
import pytest

from zoo_dag.events.pictures import pictures
from zoo_dag.events.suggesting import suggest
from zoo_dag.settings.loading import Settings


def cells(*rows: dict) -> pl.Series:
    return pl.Series([orjson.dumps(row).decode() for row in rows])


def pasted(metadata: pl.Series) -> Settings:
    suggestion = suggest(metadata)
    assert suggestion is not None
    return Settings.model_validate(tomllib.loads("\n".join(suggestion.settings)))


def test_date_and_time_of_day_are_joined_and_their_format_is_found():
    metadata = cells(
        *(
            {"camera": f"C0{n % 2}", "season": "Dry", "DateUTC": f"9/{n}/2013", "TimeUTC": "1:41:21 PM", "id": n}
            for n in range(10, 20)
        )
    )
    settings = pasted(metadata)
    assert settings.events.deployment == ("camera", "season")
    assert settings.events.time == ("DateUTC", "TimeUTC")
    assert settings.events.time_format == ("%m/%d/%Y %I:%M:%S %p",)
    subjects = pl.DataFrame({"subject_id": range(10), "metadata": metadata}).with_columns(
        created_at=pl.lit(None, pl.Datetime("us", "UTC"))
    )
    assert pictures(subjects, settings.events)["taken_at"].null_count() == 0


def test_a_time_that_needs_no_format_gets_none_and_two_that_fit_are_both_named():
    plain = suggest(cells(*({"#siteID": "N", "DateTime": f"2015:08:{day} 11:46:10"} for day in range(10, 14))))
    assert plain is not None
    assert plain.settings == ("[events]", 'deployment = "#siteID"', 'time = "DateTime"')
    assert plain.fields[0] == "#siteID looks like a camera: N"
    either = suggest(cells(*({"camera": 1, "taken": f"0{day}/07/2020 15:28"} for day in range(1, 5))))
    assert either is not None
    assert either.settings[-2:] == (
        'time_format = "%m/%d/%Y %H:%M"',
        '# "%d/%m/%Y %H:%M" fits as well: keep the right one',
    )


def test_a_folder_of_camera_pictures_gets_a_pattern_and_a_table_for_the_times():
    settings = pasted(cells(*({"path": f"Z:/TrailCams//S1/C{n % 2}/C{n % 2} ({n}).JPG"} for n in range(8))))
    assert settings.events.deployment_pattern == r"([^/\\]+)[/\\]+[^/\\]+$"
    assert settings.events.table == "times.csv"


def test_other_projects_get_no_suggestion():
    assert suggest(cells({"ra": 1.5, "dec": 2}, {"ra": 1.6, "dec": 3})) is None
    assert suggest(cells({"newspaper date": "1841-03-19", "page": 1})) is None
    assert suggest(cells({"site": "N", "year": 1931}, {"site": "N", "year": 1932})) is None
    assert suggest(pl.Series([None, "[1]"], dtype=pl.String)) is None


@pytest.mark.parametrize("name", ["candidate", "candidate3", "updated", "overtaken", "sometimes", "timezone"])
def test_a_part_of_a_word_names_no_time(name):
    metadata = cells(*({"camera": "A", name: f"2015-08-{day} 11:46:10"} for day in range(10, 14)))
    assert pasted(metadata).events.table == "times.csv"


@pytest.mark.parametrize("name", ["date1", "#Date", "captureTime", "DateTimeOriginal", "date_taken", "filedate"])
def test_words_for_times_may_run_together(name):
    metadata = cells(*({"camera": "A", name: f"2015-08-{day} 11:46:10"} for day in range(10, 14)))
    assert pasted(metadata).events.time == (name,)


def test_fields_whose_first_value_has_no_digit_and_those_after_the_eighth_are_no_times():
    words = {f"date {letter}": "unknown" for letter in "abcdefgh"}
    numbers = {f"time {letter}": 5 for letter in "abcdefgh"}
    day = {"date": "2015-08-10 11:46:10"}
    assert pasted(cells(*[{"camera": "A", **words, **day}] * 2)).events.time == ("date",)
    assert pasted(cells(*[{"camera": "A", **numbers, **day}] * 2)).events.table == "times.csv"
