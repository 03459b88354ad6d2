"""Classifications over time and per subject."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plots.samples import caption, image, nothing, paths, rows, texts, votes_at
from zoo_dag.plots.votes import over_time, per_subject
from zoo_dag.wording.markdown import shown_at_once


def plot(found: list[dict]) -> str:
    return over_time(rows("classifications", found), nothing)["votes over time"]


def test_three_days_are_drawn_by_the_hour():
    drawn = plot(votes_at(0, 0.5, 1, 50))
    assert caption(drawn) == "4 classifications, at most 2 in one hour (2024-03-01 00:00)."
    assert texts(image(drawn)) == ["2024-03-01 00:00", "2024-03-03 02:00"]
    assert len(paths(image(drawn))) == 1


@pytest.mark.parametrize(
    ("days", "step", "last"),
    [
        (10, "day", "2024-03-11"),
        (100, "week", "2024-06-03"),
        (1000, "month", "2026-11"),
        (5000, "quarter", "2037-10"),
    ],
)
def test_the_step_grows_with_the_span(days, step, last):
    drawn = plot(votes_at(0, 24 * days))
    assert f"at most 1 in one {step} (" in caption(drawn)
    assert texts(image(drawn))[1] == last


def test_a_time_of_another_age_is_not_counted_hour_by_hour():
    found = [{"created_at": datetime(year, 3, 1, tzinfo=UTC)} for year in (1, 2024, 9999)]
    assert over_time(rows("classifications", found), nothing) == {}


def test_what_is_left_out_of_consensus_is_drawn_behind_what_counts():
    drawn = plot([*votes_at(0, 1, 1), *votes_at(1, excluded="repeat")])
    assert caption(drawn).endswith("Blue: counted; orange: left out of consensus.")
    everything, counted = paths(image(drawn))
    assert everything == "M0 80V53h210V0h210v80"
    assert counted == "M0 80V53h210V27h210v53"


def test_without_times_there_is_no_plot():
    assert over_time(rows("classifications", [{"classification_id": 1}]), nothing) == {}


@given(st.lists(st.datetimes(datetime(2009, 1, 1), datetime(2040, 1, 1)), min_size=1, max_size=200))
def test_any_times_give_a_plot_of_all_of_them(moments):
    found = [
        {"classification_id": number, "created_at": moment.replace(tzinfo=UTC), "excluded": None}
        for number, moment in enumerate(moments)
    ]
    drawn = plot(found)
    assert shown_at_once(drawn)
    assert caption(drawn).startswith(f"{len(moments)} classification")


def test_subjects_are_counted_by_their_classifications_that_count():
    found = [
        *votes_at(1, 2, subject="1"),
        *votes_at(1, 2, subject="2"),
        *votes_at(1, 2, 3, 4, subject="3"),
        *votes_at(5, subject="3", excluded="repeat"),
    ]
    drawn = per_subject(rows("classifications", found), nothing)["classifications per subject"]
    assert caption(drawn) == (
        "3 subjects with 2 to 4 classifications that count; half of them have at most 2. "
        "The highest bar is 2 subjects."
    )
    assert texts(image(drawn)) == ["2", "4"]
    assert paths(image(drawn)) == ["M0 80V0h140v80h140V40h140v40"]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_any_counts_give_one_histogram_of_all_subjects(counts):
    found = pl.DataFrame(
        {"subject_ids": [str(place) for place, n in enumerate(counts) for _ in range(n % 30 or 1)]}
    )
    drawn = per_subject(found.lazy().with_columns(excluded=pl.lit(None, pl.String)), nothing)
    told = drawn["classifications per subject"]
    assert shown_at_once(told)
    assert caption(told).startswith(f"{len(counts)} subject")
