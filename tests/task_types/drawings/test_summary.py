"""The columns of drawings in the summary of subjects."""

from collections import Counter
from random import Random
from typing import Any

import polars as pl

from tests.task_types.drawings.marks import HERE, consensus, drawn
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.results import DEFAULTS
from zoo_dag.task_types.drawings.summary import TASK_COLUMNS

Marks = list[dict[str, Any]]


def summarised(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the task T0."""
    return TASK_COLUMNS.named(consensus(rows, scope=POOLED), "T0", DEFAULTS.agreement)


def on(frame: int, x: float = 100.0) -> dict[str, Any]:
    return {**HERE, "x": x, "frame": frame}


def test_an_animal_on_three_frames_of_a_burst_is_one_at_most() -> None:
    (row,) = summarised(drawn(*[[on(0), on(1), on(2)]] * 3)).to_dicts()
    assert (row["T0_marks"], row["T0_marks_most"]) == (3, 1)


def test_the_frame_with_most_marks_counts_whatever_the_tool() -> None:
    marks = [on(0), on(0, 400.0), on(1), {**on(0, 700.0), "tool_index": 1, "tool_label": "Egg"}]
    (row,) = summarised(drawn(marks, marks)).to_dicts()
    assert (row["T0_marks"], row["T0_marks_most"]) == (4, 3)


def test_candidates_are_no_marks() -> None:
    (row,) = summarised(drawn([on(0), on(1)], [on(1)], [on(0, 400.0)], [on(0, 700.0)])).to_dicts()
    assert (row["T0_marks"], row["T0_marks_most"]) == (1, 1)


def test_only_tasks_with_several_frames_have_the_column() -> None:
    assert "T0_marks_most" not in summarised(drawn([on(0)], [on(0)], [])).columns
    assert "T0_marks_most" not in summarised(drawn([], [])).columns
    empty, burst = drawn([], [], subject_ids="102", subject_id=102), drawn([on(0), on(1)], [on(0), on(1)])
    both = pl.concat([empty.with_columns(pl.col("classification_id") + 10), burst])
    assert summarised(both).select("subject_ids", "T0_marks_most").sort("subject_ids").rows() == [
        ("101", 1),
        ("102", 0),
    ]


def test_a_recount_gives_the_same() -> None:
    random = Random(5)  # noqa: S311
    places = [(frame, 200.0 * place) for frame in range(3) for place in range(4)]
    for _ in range(20):
        seen = random.sample(places, random.randint(1, 8))
        (row,) = summarised(drawn(*[[on(frame, x) for frame, x in seen]] * 2, [on(2, 900.0)])).to_dicts()
        assert row["T0_marks_most"] == max(Counter(frame for frame, _ in seen).values())
