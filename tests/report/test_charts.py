"""Charts: what their bars are called."""

import polars as pl

from tests.report.test_rendering import bars
from zoo_dag.report.charts import _labels, draw


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
