"""The key of the summary: labels of tasks, tools, selects and questions beside the names of columns."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from zoo_dag.tables import TABLES
from zoo_dag.task_types.summary_key import KEY, summary_key


def pooled(table: str, **values: Any) -> dict[str, pl.LazyFrame]:
    """Rows of a pooled table of the task T1, with nulls in all columns that are not named."""
    declared = TABLES[table].dtypes
    row = {"task": "T1", "task_revision": "T1@3.9", "task_label": "What is it?", **values}
    return {table: pl.DataFrame([{name: row.get(name) for name in declared}], schema=declared).lazy()}


def of(column: str, columns: Sequence[str], tables: dict[str, pl.LazyFrame]) -> tuple[Any, ...]:
    """Task, label, part and label of the part of one column among several."""
    key = summary_key(5, columns, tables)
    assert key.schema == KEY
    assert key["column"].to_list() == list(columns)
    return key.row(by_predicate=pl.col("column") == column)[2:6]


def test_columns_of_tools_have_the_label_of_the_tool() -> None:
    tables = pooled(
        "pooled_drawing_consensus", tool_index=0, tool_label="Nest ![a nest](https://example.org/n.png)"
    )
    columns = ["subject_id", "T1_marks", "T1_0_marks"]
    assert of("T1_0_marks", columns, tables) == ("T1", "What is it?", "0", "Nest a nest")
    assert of("T1_marks", columns, tables) == ("T1", "What is it?", None, None)
    assert of("subject_id", columns, tables) == (None, None, None, None)


def test_labels_are_those_of_the_newest_version_whatever_the_order_of_subjects() -> None:
    table = "pooled_drawing_consensus"
    versions = {"3.9": ("A bird?", "Nest"), "3.10": ("A bird", "Nests"), "3.2": ("Any bird?", "Nst")}
    rows = [
        pooled(table, versions=["3.1", version], task_label=task, tool_index=0, tool_label=tool)[table]
        for version, (task, tool) in versions.items()
    ]
    for order in (rows, rows[::-1]):
        found = of("T1_0_marks", ["T1_marks", "T1_0_marks"], {table: pl.concat(order)})
        assert found == ("T1", "A bird", "0", "Nests")


@pytest.mark.parametrize("name", ["A.T1", "A.T1@3.9"])
def test_a_task_in_a_combo_goes_by_each_of_its_names(name: str) -> None:
    tables = pooled("pooled_dropdown_consensus", parent_task="A", select_index=1, select_label="Season")
    assert of(f"{name}_1_answer", [f"{name}_1_answer", f"{name}_0_answer"], tables) == (
        name,
        "What is it?",
        "1",
        "Season",
    )


def test_columns_of_questions_of_a_survey_have_the_label_of_the_question() -> None:
    counts = [{"question_id": "ADULTS", "question_label": "How many adults?"}]
    tables = pooled("pooled_survey_consensus", counts=counts)
    columns = ["T1_choices", "T1_counts_ADULTS"]
    assert of("T1_counts_ADULTS", columns, tables) == ("T1", "What is it?", "ADULTS", "How many adults?")


def test_without_pooled_tables_the_meaning_is_there_all_the_same() -> None:
    key = summary_key(5, ["T1_answer", "n_classifications"], {})
    assert key["description"].to_list() == [
        "Task T1. Answer with most votes; where several answers are allowed, those of more than half",
        TABLES["subject_summary"].columns["n_classifications"].description,
    ]
