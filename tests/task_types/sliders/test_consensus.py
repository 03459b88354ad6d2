"""Consensus of sliders: location, spread and the interval of the mean."""

import math
import statistics
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from tests.task_types.consensus_samples import consensus, slid, slider_workflow
from tests.task_types.metamorphic import PROPERTY, counted
from tests.task_types.said import CASES
from tests.task_types.samples import flat
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Sliders
from zoo_dag.tables import TABLES
from zoo_dag.task_types.sliders import SLIDERS

WORKFLOW = slider_workflow()
MEASURES = ["mean", "median", "std", "mad", "min", "max", "q25", "q75", "mean_low", "mean_high"]


def agreed(*values: Any, settings: Settings | None = None) -> dict[str, Any]:
    found = consensus(SLIDERS, flat(*([slid(value)] for value in values), workflows=[WORKFLOW]), settings)
    (row,) = found.to_dicts()
    return row


def test_the_columns_are_those_of_the_design_in_its_order() -> None:
    assert list(agreed(1)) == [
        *TABLES["question_consensus"].dtypes.names()[:15],
        "n_answered",
        "n_untouched",
        *MEASURES,
    ]


def test_every_column_of_five_values() -> None:
    # Mean 4, deviations -3 -2 0 1 4: squares 30, std sqrt(30 / 4). Distances from the median: 3 2 0 1 4.
    half = 2.7764451051977934 * math.sqrt(7.5 / 5)
    assert agreed(1, 8, 4, None, 2, 5) == {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "parent_task": None,
        "task": "T0",
        "task_revision": "T0@3.10",
        "task_label": "How sure?",
        "subject_id": 101,
        "subject_ids": "101",
        "n_classifications": 6,
        "n_seen": 6,
        "asked": 1.0,
        "n_blank": 1,
        "n_volunteers": 6,
        "n_anonymous": 0,
        "n_after_retirement": 0,
        "n_answered": 5,
        "n_untouched": 0,
        "mean": 4.0,
        "median": 4.0,
        "std": pytest.approx(math.sqrt(7.5)),
        "mad": 2.0,
        "min": 1.0,
        "max": 8.0,
        "q25": 2.0,
        "q75": 5.0,
        "mean_low": pytest.approx(4 - half),
        "mean_high": pytest.approx(4 + half),
    }


def test_edge_case_one_value_has_no_spread() -> None:
    row = agreed(3)
    values = dict.fromkeys(MEASURES, 3.0) | dict.fromkeys(["std", "mean_low", "mean_high"]) | {"mad": 0.0}
    assert {name: row[name] for name in MEASURES} == values


def test_edge_case_equal_values_have_an_interval_without_width() -> None:
    row = agreed(3, 3, 3)
    assert [row[name] for name in ("std", "mean_low", "mean_high")] == [0.0, 3.0, 3.0]


def test_edge_case_a_tie_of_two_values_has_its_median_between_them_and_interpolated_quartiles() -> None:
    row = agreed(2, 4)
    assert [row[name] for name in ("median", "q25", "q75", "mad")] == [3.0, 2.5, 3.5, 1.0]


def test_an_untouched_slider_counts_as_a_value_unless_the_settings_say_no() -> None:
    assert agreed("5", 1)["mean"] == 3.0
    without = Settings(sliders=Sliders(count_untouched=False))
    row = agreed("5", 1, settings=without)
    assert (row["mean"], row["n_classifications"], row["n_blank"]) == (1.0, 2, 0)
    assert agreed("5", settings=without)["mean"] is None


def test_sliders_that_nobody_moved_are_counted_with_any_setting() -> None:
    values = ("5", "5", 5, 1, None, [4])
    assert [agreed(*values)[name] for name in ("n_untouched", "n_answered")] == [2, 4]
    row = agreed(*values, settings=Settings(sliders=Sliders(count_untouched=False)))
    assert [row[name] for name in ("n_untouched", "n_answered")] == [2, 2]
    assert agreed(None)["n_untouched"] == 0


ROWS, CHECK = CASES["slider"]


@PROPERTY
@given(ROWS)
def test_measures_equal_those_of_the_standard_library(given_rows: pl.DataFrame) -> None:
    found = {row["subject_ids"]: row for row in CHECK.of(given_rows).iter_rows(named=True)}
    recounted = counted(given_rows, one="task")
    assert found.keys() == recounted.keys()
    for subject, classifications in recounted.items():
        own = [row for rows in classifications.values() for row in rows]
        values = sorted(row["value"] for row in own if row["status"] == "answered")
        row = found[subject]
        assert row["n_blank"] == sum(one["status"] == "blank" for one in own)
        assert row["n_untouched"] == sum(one["status"] == "answered" and one["untouched"] for one in own)
        if not values:
            assert [row[name] for name in MEASURES] == [None] * len(MEASURES)
            continue
        near = pytest.approx
        median = statistics.median(values)
        assert row["mean"] == near(statistics.fmean(values), abs=1e-6)
        assert row["median"] == near(median)
        assert row["mad"] == near(statistics.median(abs(value - median) for value in values), abs=1e-6)
        assert (row["min"], row["max"]) == (values[0], values[-1])
        if len(values) > 1:
            assert row["std"] == near(statistics.stdev(values), abs=1e-6)
            quartiles = statistics.quantiles(values, n=4, method="inclusive")
            assert [row["q25"], row["q75"]] == near([quartiles[0], quartiles[2]], abs=1e-6)
            assert row["mean_low"] <= row["mean"] <= row["mean_high"]
