"""The first problem of a row: its column, the expected value, and the actual one."""

import polars as pl
import pytest

from tests.builders import (
    classification_row,
    subject_row,
    workflow_row,
    write_classifications,
    write_subjects,
    write_workflows,
)
from tests.exports.raw_project import RawProject
from zoo_dag.exports.problems import explained, first_problem, problem_cell, read_cells, required, unread


def test_the_first_check_that_fails_is_the_problem() -> None:
    text = pl.DataFrame(
        {"id": ["1", "x", "x", "4"], "count": ["5", "many", None, "many"], "cell": ["{}", "[", "[", "["]}
    )
    typed = text.with_columns(pl.col("id", "count").cast(pl.Int64, strict=False))
    _, problems = read_cells(text["cell"], _object)
    checks = (
        required("id", "expected an id"),
        unread("count", pl.lit(text["count"]), "expected a count"),
        explained("cell", pl.lit(problems)),
    )
    problem = typed.select(problem=first_problem(checks))["problem"]
    assert problem.to_list() == [
        None,
        {"column": "id", "reason": "expected an id"},
        {"column": "id", "reason": "expected an id"},
        {"column": "count", "reason": "expected a count"},
    ]
    found = text.with_columns(problem).select(problem_cell(pl.col("problem"), ["id", "count", "cell"]))
    assert found.to_series().to_list() == [None, "x", "x", "many"]


def test_a_text_that_is_not_there_is_no_problem_unless_it_is_required() -> None:
    typed = pl.DataFrame({"id": [None]}, schema={"id": pl.Int64})
    text = pl.lit(pl.Series([None], dtype=pl.String))
    assert typed.select(first_problem([unread("id", text, "expected")])).item() is None
    assert typed.select(first_problem([required("id", "expected")])).item() == {
        "column": "id",
        "reason": "expected",
    }


def test_cells_that_python_reads_have_a_value_or_a_sentence() -> None:
    values, problems = read_cells(pl.Series("cell", ["{}", None, "["]), _object)
    assert values == ["{}", None, None]
    assert problems.to_list() == [None, "nothing", "no object: ["]
    assert problems.name == "cell"


def _object(cell: str | None) -> str:
    if cell is None:
        raise ValueError("nothing")
    if cell != "{}":
        raise ValueError(f"no object: {cell}")
    return cell


BAD_SUBJECT = {"workflow_id": "birds", "retired_at": "soon", "metadata": "[", "locations": "[1]"}
BAD_WORKFLOW = {"classifications_count": "many", "tasks": "[", "strings": "[]"}
BAD_CLASSIFICATION = {"created_at": "once", "gold_standard": "perhaps", "annotations": "["}


@pytest.mark.parametrize(
    ("first", "column", "found"),
    [
        (0, "workflow_id", "birds"),
        (1, "retired_at", "soon"),
        (2, "metadata", "["),
        (3, "locations", "[1]"),
    ],
)
def test_the_problems_of_a_subject_have_an_order(project: RawProject, first: int, column: str, found: str) -> None:
    bad = dict(list(BAD_SUBJECT.items())[first:])
    project.add(write_subjects(project.root.parent / "s.csv", [subject_row(102), subject_row(101, **bad)]))
    subjects, quarantine = project.subjects()
    assert subjects["subject_id"].to_list() == [102]
    assert quarantine.select("source_row", "column", "found", "stage", "kind").rows() == [
        (2, column, found, "parsed", "subjects")
    ]


@pytest.mark.parametrize(
    ("first", "column", "found"), [(0, "classifications_count", "many"), (1, "tasks", "["), (2, "strings", "[]")]
)
def test_the_problems_of_a_workflow_have_an_order(
    project: RawProject, first: int, column: str, found: str
) -> None:
    bad = dict(list(BAD_WORKFLOW.items())[first:])
    rows = [workflow_row(3, 9), workflow_row(3, 10, **bad)]
    project.add(write_workflows(project.root.parent / "w.csv", rows))
    versions, quarantine = project.workflows()
    assert versions["version_minor"].to_list() == [9]
    assert quarantine.select("source_row", "column", "found", "stage", "kind").rows() == [
        (2, column, found, "parsed", "workflows")
    ]


@pytest.mark.parametrize(
    ("first", "column", "found"),
    [
        (0, "created_at", "once"),
        (1, "gold_standard", "perhaps"),
        (2, "annotations", "["),
    ],
)
def test_the_problems_of_a_classification_have_an_order(
    project: RawProject, first: int, column: str, found: str
) -> None:
    bad = dict(list(BAD_CLASSIFICATION.items())[first:])
    rows = [classification_row(1), classification_row(2, **bad)]
    project.add(write_classifications(project.root.parent / "c.csv", rows))
    classifications, quarantine = project.parsed()
    assert classifications["classification_id"].to_list() == [1001]
    assert quarantine.select("classification_id", "source_row", "column", "found", "stage", "kind").rows() == [
        (1002, 2, column, found, "parsed", "classifications")
    ]
