"""Rates of deployments: independence, effort, zeros and intervals."""

from datetime import datetime

import polars as pl
import pytest

from tests.events.samples import TASK, frame, picture
from zoo_dag.events.assigning import events_of
from zoo_dag.events.rates import byar_high, byar_low, deployment_rates
from zoo_dag.settings.events import Events
from zoo_dag.tables import TABLES

SETTINGS = Events(deployment="c", time="t")
MINUTE = 60


def seen(deployment: str, start: float, end: float, choice: str = "zebra", **fields) -> dict:
    """An event with a choice, from and to so many minutes after noon."""
    moments = [events_of(frame([picture(1, MINUTE * at)]), 60)["taken_at"].item() for at in (start, end)]
    event = {"event_start": moments[0], "event_end": moments[1], "present": True, "choice_id": choice}
    return {**TASK, "deployment": deployment, "event_id": f"{deployment}/{start}", **event, **fields}


def rates(*events: dict, pictures=(), deployments=None, settings: Events = SETTINGS) -> pl.DataFrame:
    dtypes = TABLES["event_consensus"].dtypes
    rows = pl.LazyFrame([{**dict.fromkeys(dtypes), **each} for each in events], schema=dtypes)
    return deployment_rates(rows, events_of(frame(pictures), 60), deployments, settings).collect()


TWO_DAYS = [picture(1, 0), picture(2, 2 * 86_400), picture(3, 0, deployment="B"), picture(4, deployment=None)]
BLANK = {**seen("B", 0, 0), "choice_id": None, "present": False}


def test_independent_are_events_half_an_hour_after_the_end_of_the_last_with_the_choice():
    events = [seen("A", 0, 20), seen("A", 45, 46), seen("A", 76, 77), seen("A", 47, 48, "gnu")]
    found = rates(*events, pictures=TWO_DAYS)
    assert found.select("choice_id", "n_events", "n_independent").rows() == [("gnu", 1, 1), ("zebra", 3, 2)]


def test_since_the_last_independent_a_long_visit_is_cut_again_and_again():
    events = [seen("A", 0, 29), seen("A", 30, 59), seen("A", 60, 89)]
    by_start = SETTINGS.model_copy(update={"since": "last_independent"})
    assert rates(*events, pictures=TWO_DAYS)["n_independent"].to_list() == [1]
    assert rates(*events, pictures=TWO_DAYS, settings=by_start)["n_independent"].to_list() == [3]


def test_zeros_are_rows_and_effort_is_that_of_the_pictures_at_least_a_day():
    found = rates(seen("A", 0, 1), BLANK, pictures=TWO_DAYS)
    columns = ("deployment", "n_events", "n_individuals", "n_days", "effort_days", "effort_source", "rate")
    assert found.select(columns).rows() == [
        ("A", 1, None, 1, 2.0, "pictures", 50.0),
        ("B", 0, 0, 0, 1.0, "pictures", 0.0),
    ]
    assert found["rate_low"][1] == 0
    assert found["rate_high"][1] == pytest.approx(366.8, abs=0.1)


def test_a_camera_of_which_nothing_is_classified_has_no_rows():
    table = pl.DataFrame({"deployment": "B", "start": datetime(2020, 6, 1), "end": datetime(2020, 6, 11)})
    found = rates(seen("A", 0, 1), pictures=TWO_DAYS, deployments=table)
    assert found.select("deployment", "n_events").rows() == [("A", 1)]


def test_effort_of_a_table_is_the_sum_of_its_spans():
    spans = [(datetime(2020, 6, 1), datetime(2020, 6, 11)), (datetime(2020, 7, 1), datetime(2020, 7, 11))]
    table = pl.DataFrame({"deployment": "A", "start": start, "end": end} for start, end in spans)
    found = rates(seen("A", 0, 1), BLANK, pictures=TWO_DAYS, deployments=table)
    effort = found.select("deployment", "effort_days", "effort_source").rows()
    assert effort == [("A", 20.0, "deployments"), ("B", 1.0, "pictures")]
    assert found["rate"].to_list() == [5.0, 0.0]


def test_individuals_are_added_up_but_for_bins_and_what_is_not_present_does_not_count():
    def individuals(*counts: str | None):
        events = [seen("A", 60 * at, 60 * at + 1, count_max=count) for at, count in enumerate(counts)]
        return rates(*events, seen("A", 900, 901, present=False), pictures=TWO_DAYS)["n_individuals"][0]

    assert individuals("3", "2", None) == 5
    assert individuals("3", "11-50") is None
    assert individuals(None) is None


def test_without_any_time_nothing_is_independent_and_there_is_no_rate():
    events = [{**seen("A", 0, 0), "event_start": None, "event_end": None}]
    found = rates(*events, pictures=[picture(1, sequence="s")])
    assert found.select("n_events", "n_independent", "n_days", "effort_days", "rate").rows() == [
        (1, None, 0, None, None)
    ]


def test_the_interval_is_that_of_byar():
    # The exact interval of 10 events is 4.795 to 18.391.
    low, high = pl.select(low=byar_low(pl.lit(10)), high=byar_high(pl.lit(10))).row(0)
    assert (low, high) == (pytest.approx(4.79, abs=0.01), pytest.approx(18.39, abs=0.01))
    assert pl.select(byar_low(pl.lit(0))).item() == 0
