"""Counts of marks: how many each volunteer made, with each tool and with all."""

from collections import Counter
from statistics import median, quantiles, stdev
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from tests.builders import workflow_row
from tests.task_types.drawings.builders import defined
from tests.task_types.drawings.marks import HERE, drawn, rows_of, table
from tests.task_types.metamorphic import PROPERTY, annotations
from tests.task_types.metamorphic import counted as by_classification
from tests.task_types.said import marks
from tests.task_types.samples import seen_by, tasks_of
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import POOLED, VERSION, Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import DEFAULTS, Exclusion
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.drawings.mark_counts import MARK_COUNTS

NO_TASKS = TABLES["tasks"].empty()
# T0 is a drawing with two tools.
TWO_TOOLS = tasks_of("3.10", [defined("point", "line")])
BOX = {"tool_index": 1, "tool_type": "rectangle", "tool_label": "Box", "x": 10.0, "y": 10.0}
OTHER = {"x": 400.0, "y": 20.0}


def counts(
    rows: pl.DataFrame, tasks: pl.DataFrame = NO_TASKS, scope: Scope = VERSION, settings: Settings | None = None
) -> pl.DataFrame:
    """The table `mark_counts`."""
    sources = {"drawing_annotations": rows.lazy(), SEEN: seen_by([rows.lazy()], scope)}
    return aggregate(MARK_COUNTS, sources, tasks.lazy(), scope, settings or Settings()).table.collect()


def of(found: pl.DataFrame, tool: int | None) -> dict[str, Any]:
    """The row of a tool, or of all."""
    (row,) = found.filter(pl.col("tool_index").eq_missing(tool)).to_dicts()
    return row


def test_every_measure_of_a_tool_over_volunteers_who_marked_none_one_and_three() -> None:
    three = [HERE, OTHER, {"x": 50.0, "y": 60.0, "frame": 2}]
    row = of(counts(drawn([], [HERE], [HERE], three)), 0)
    assert row == {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "parent_task": None,
        "task": "T0",
        "task_revision": "T0@3.10",
        "task_label": "Mark them",
        "subject_id": 101,
        "subject_ids": "101",
        "n_classifications": 4,
        "n_seen": 4,
        "asked": 1.0,
        "n_blank": 1,
        "n_volunteers": 4,
        "n_anonymous": 0,
        "n_after_retirement": 0,
        "tool_index": 0,
        "tool_type": "point",
        "tool_label": "Nest",
        "n_none": 1,
        "mean": 1.25,
        "median": 1.0,
        "mode": 1,
        "std": pytest.approx(1.2583057392117916),
        "min": 0,
        "max": 3,
        "q25": 0.75,
        "q75": 1.5,
    }


def test_the_row_without_a_tool_is_over_all_tools_and_stands_behind_them() -> None:
    found = counts(drawn([HERE, BOX, BOX], [BOX], []))
    columns = ["tool_index", "tool_type", "tool_label", "n_none", "mean", "median", "max"]
    assert found.select(columns).rows() == [
        (0, "point", "Nest", 2, 1 / 3, 0.0, 1),
        (1, "rectangle", "Box", 1, 1.0, 1.0, 2),
        (None, None, None, 1, 4 / 3, 1.0, 3),
    ]


def test_a_tool_that_the_workflow_offers_and_nobody_used_has_zeros() -> None:
    row = of(counts(drawn([HERE], [HERE, OTHER]), TWO_TOOLS), 1)
    told = {name: row[name] for name in ("tool_type", "tool_label", "n_classifications", "n_none")}
    assert told == {"tool_type": "line", "tool_label": "Tool 1", "n_classifications": 2, "n_none": 2}
    assert [row[name] for name in ("mean", "median", "mode", "std", "min", "max", "q25", "q75")] == [0] * 8


def test_without_definitions_a_tool_used_on_one_subject_is_offered_on_all() -> None:
    elsewhere = rows_of(3, [BOX], subject_id=102, subject_ids="102")
    found = counts(table([*rows_of(1, [HERE]), *rows_of(2, []), *elsewhere]))
    assert found.select("subject_ids", "tool_index", "mean").rows() == [
        ("101", 0, 0.5),
        ("101", 1, 0.0),
        ("101", None, 0.5),
        ("102", 0, 0.0),
        ("102", 1, 1.0),
        ("102", None, 1.0),
    ]


def test_who_all_leave_it_blank_marked_none() -> None:
    found = counts(drawn([], [], []))
    assert found.select("tool_index", "n_classifications", "n_blank", "n_none", "median", "std").rows() == [
        (None, 3, 3, 3, 0.0, 0.0)
    ]


def test_one_classification_has_no_spread() -> None:
    row = of(counts(drawn([HERE, OTHER])), 0)
    assert (row["mean"], row["median"], row["mode"], row["std"]) == (2.0, 2.0, 2, None)


def test_of_several_commonest_numbers_the_lowest_is_the_mode() -> None:
    assert of(counts(drawn([HERE, OTHER], [HERE, OTHER], [], [], [HERE])), 0)["mode"] == 0


@pytest.mark.parametrize(
    "mark",
    [{"status": "malformed"}, {"status": "unknown_label", "tool_index": None}, {"status": "unknown_label"}],
    ids=["malformed", "without a tool", "of a tool that the task does not have"],
)
def test_a_mark_that_cannot_be_read_or_has_no_known_tool_is_in_no_count(mark: dict[str, Any]) -> None:
    found = counts(drawn([HERE | mark], [HERE]))
    assert found.select("tool_index", "n_classifications", "n_none", "max").rows() == [
        (0, 2, 1, 1),
        (None, 2, 1, 1),
    ]


def test_lines_of_a_transcription_and_clicks_without_a_size_count() -> None:
    click = {"tool_type": "transcriptionLine", "x1": 5.0, "y1": 9.0, "x2": 5.0, "y2": 9.0}
    line = click | {"x2": 80.0}
    rows = drawn([line, click], [line], task_type="transcription")
    assert of(counts(rows), 0)["mean"] == 1.5


def test_marks_left_out_count_nowhere() -> None:
    rows = table([*rows_of(1, [HERE]), *rows_of(2, [HERE, OTHER], excluded="repeat")])
    assert of(counts(rows), 0)["mean"] == 1.0


def test_a_pool_counts_volunteers_of_all_versions_under_the_newest_label() -> None:
    old = rows_of(1, [HERE], workflow_version="3.9", tool_label="Nets")
    found = counts(table([*old, *rows_of(2, [HERE, OTHER, HERE])]), TWO_TOOLS, POOLED)
    assert found.select("tool_index", "tool_label", "mean", "n_classifications").rows() == [
        (0, "Nest", 2.0, 2),
        (1, "Tool 1", 0.0, 2),
        (None, None, 2.0, 2),
    ]
    assert found["versions"].to_list() == [["3.9", "3.10"]] * 3


def test_who_counts_every_time_counts_every_time() -> None:
    rows = table([*rows_of(1, [HERE]), *rows_of(2, [HERE, OTHER, HERE], user_key="user:1")])
    row = of(counts(rows, settings=Settings(exclusion=Exclusion(repeat="all"))), 0)
    assert (row["n_classifications"], row["n_volunteers"], row["mean"]) == (2, 1, 2.0)


def test_the_summary_has_the_median_of_the_task_and_of_each_tool() -> None:
    found = counts(drawn([HERE, BOX], [HERE, OTHER], []), TWO_TOOLS, POOLED)
    summarised = MARK_COUNTS.task_columns.named(found, "T0", DEFAULTS.agreement)
    assert summarised.to_dicts() == [
        {"subject_ids": "101", "T0_median_marks": 2.0, "T0_0_median": 1.0, "T0_1_median": 0.0}
    ]


# Each volunteer does the task once.
ANY = annotations("drawing_annotations", marks()).map(lambda rows: rows.filter(annotation_index=0))


@PROPERTY
@given(ANY)
def test_every_measure_is_that_of_the_list_of_numbers_of_each_classification(rows: pl.DataFrame) -> None:
    found = counts(rows, TWO_TOOLS)
    given_by = by_classification(rows)
    assert set(found["subject_ids"]) == set(given_by)
    for row in found.to_dicts():
        numbers = [
            sum(
                mark["status"] == "answered" and row["tool_index"] in (None, mark["tool_index"])
                for mark in classification
            )
            for classification in given_by[row["subject_ids"]].values()
        ]
        times = Counter(numbers)
        assert row["mean"] * row["n_classifications"] == pytest.approx(sum(numbers))
        assert row["n_classifications"] == len(numbers)
        assert row["n_none"] == numbers.count(0)
        assert (row["median"], row["min"], row["max"]) == (median(numbers), min(numbers), max(numbers))
        assert row["mode"] == min(number for number in times if times[number] == max(times.values()))
        assert row["std"] == (pytest.approx(stdev(numbers)) if len(numbers) > 1 else None)
        lower, _, upper = quantiles(numbers, method="inclusive") if len(numbers) > 1 else numbers * 3
        assert (row["q25"], row["q75"]) == (pytest.approx(lower), pytest.approx(upper))


@PROPERTY
@given(ANY)
def test_the_numbers_of_the_tools_add_up_to_that_of_all(rows: pl.DataFrame) -> None:
    found = counts(rows, TWO_TOOLS)
    of_all = pl.col("tool_index").is_null()
    total = pl.col("mean") * pl.col("n_classifications")
    sums = found.group_by("subject_ids").agg(total.filter(of_all).sum().alias("all"), total.filter(~of_all).sum())
    assert sums["all"].to_list() == pytest.approx(sums["mean"].to_list())


def test_no_annotations_give_an_empty_table_with_the_full_schema() -> None:
    found = counts(drawn(), tasks_of("3.10", [workflow_row()]))
    assert (found.height, found.schema) == (0, TABLES["mark_counts"].dtypes)


def test_marks_of_all_elements_of_a_task_count_together() -> None:
    rows = table([*rows_of(1, [HERE]), *rows_of(1, [OTHER, HERE], annotation_index=3), *rows_of(2, [])])
    row = of(counts(rows), 0)
    assert (row["n_classifications"], row["n_none"], row["mean"], row["max"]) == (2, 1, 1.5, 3)


def test_a_child_of_several_combos_has_the_tools_of_its_task_under_each() -> None:
    rows = table([*rows_of(1, [HERE], parent_task="A"), *rows_of(2, [], parent_task="B")])
    combos = workflow_row(
        tasks={
            "T0": {"type": "drawing", "instruction": "Mark", "tools": [{"type": "point", "label": "Nest"}]},
            **{name: {"type": "combo", "tasks": ["T0"]} for name in ("A", "B")},
        },
        strings={},
    )
    found = counts(rows, tasks_of("3.10", [combos]))
    assert found.select("parent_task", "tool_index", "n_classifications", "mean").rows() == [
        ("A", 0, 1, 1.0),
        ("A", None, 1, 1.0),
        ("B", 0, 1, 0.0),
        ("B", None, 1, 0.0),
    ]
