"""Charts: what their bars are called."""

import polars as pl

from tests.report.test_rendering import bars
from zoo_dag.report.charts import _labels, draw
from zoo_dag.report.parts import Chart, Intervals


def test_bars_of_the_same_name_are_numbered_and_none_is_called_as_another():
    assert _labels(pl.Series(["a", "a", "a (2)", "a", None, "(none)"])) == [
        "a",
        "a (2)",
        "a (2) (2)",
        "a (3)",
        "(none)",
        "(none) (2)",
    ]
    assert len(set(_labels(pl.Series(["a (2)", "a", "a", "x" * 90, "x" * 80])))) == 5


def test_each_label_has_a_bar():
    drawn = draw(bars("a", "a", "a (2)"))
    assert [drawn.count(f">{label}<") for label in ("a", "a (2)", "a (2) (2)")] == [1, 1, 1]


def test_an_axis_of_intervals_ends_where_it_is_told_or_with_the_longest():
    for high, end, last in ((0.9, 1, "1.0"), (0.06, None, "0.06"), (62.0, None, "60")):
        numbers = pl.DataFrame({"of": ["a"], "rate": [0.05], "from": [0.01], "to": [high]})
        drawn = draw(Chart("Rates", "Rates.", numbers, Intervals("of", "rate", "from", "to", end=end)))
        assert f">{last}<" in drawn
