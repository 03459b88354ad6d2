"""How the work is shared out."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plots.samples import rows
from zoo_dag.report.sections.volunteers import by_amount, gini, lorenz, most_active, volunteers

COUNTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=60).map(pl.Series)


def person(name: str, n: int, *, hours: float = 1.0, people: int = 1, suspicions: list[str] | None = None) -> dict:
    return {
        "user_key": name,
        "n_people": people,
        "n_classifications": n,
        "n_counted": n - (n > 1),
        "effort_hours": hours,
        "suspicions": suspicions,
    }


def test_shares_of_those_who_were_logged_in_and_of_others():
    people = [person(f"user:{number}", 1) for number in range(4)]
    people += [person("user:9", 16, suspicions=["fast"]), person("anonymous", 10, hours=0.5, people=4)]
    section = volunteers(rows("volunteer_activity", people))
    assert section.sentences == [
        "5 volunteers who were logged in made 20 classifications. 10 of 30 (33 %) are by people who were not, at "
        "most 4 people.",
        "All together worked for about 5.5 hours (gaps of at most five minutes).",
        "1 volunteer looks like a program: volunteer_activity says why, and it is a reason to look, not a "
        "verdict.",
    ]
    work, curve, amounts, medians = section.parts
    assert work.rows.rows() == [("logged in", 5, 20, 19, 5.0), ("not logged in", 4, 10, 9, 0.5)]
    assert curve.numbers.rows() == [(0.0, 0.0), (0.2, 0.05), (0.4, 0.1), (0.6, 0.15), (0.8, 0.2), (1.0, 1.0)]
    assert amounts.numbers.rows() == [("1", 4), ("2 to 3", 0), ("4 to 7", 0), ("8 to 15", 0), ("16 to 31", 1)]
    assert medians.rows.row(0) == ("Classifications", 1.0)


def test_of_very_few_volunteers_nothing_is_drawn_and_without_any_there_is_nothing():
    section = volunteers(rows("volunteer_activity", [person("user:1", 3)]))
    assert section.sentences[0].startswith("1 volunteer who was logged in made 3 classifications.")
    (work,) = section.parts
    assert work.rows.height == 1
    assert volunteers(rows("volunteer_activity", [])).parts == ()


def test_nobody_is_named():
    text = str(volunteers(rows("volunteer_activity", [person("user:4711", 5) | {"user_name": "ann"}])))
    assert "4711" not in text
    assert "ann" not in text.replace("anonymous", "")


@pytest.mark.parametrize(("counts", "expected"), [([5, 5, 5], 0.0), ([1, 3], 0.25), ([0, 0, 0, 8], 0.75)])
def test_gini_is_zero_where_all_did_as_much(counts, expected):
    assert gini(pl.Series(counts)) == pytest.approx(expected)


@settings(max_examples=30)
@given(COUNTS)
def test_the_curve_lies_below_the_diagonal_and_ends_at_all(counts):
    points = lorenz(counts).rows()
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert all(y <= x + 1e-12 for x, y in points)
    assert 0 <= gini(counts) < 1


@settings(max_examples=30)
@given(COUNTS)
def test_every_volunteer_is_in_the_range_of_their_number(counts):
    bars = by_amount(pl.DataFrame({"n_classifications": counts}))
    assert bars["volunteers"].sum() == counts.len()
    bounds = [[int(bound.replace(",", "")) for bound in text.split(" to ")] for text in bars["Classifications"]]
    expected = [sum(low[0] <= count <= low[-1] for count in counts) for low in bounds]
    assert bars["volunteers"].to_list() == expected


def test_the_most_active_are_a_tenth_and_at_least_one():
    assert most_active(pl.Series([1] * 18 + [5, 7])) == pytest.approx(12 / 30)
    assert most_active(pl.Series([3])) == 1
