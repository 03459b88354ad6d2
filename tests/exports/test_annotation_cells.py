"""The annotations cell: is it a JSON array, and how many elements has it."""

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import answer, classification_row, json_text, write_classifications
from tests.exports.raw_project import RawProject
from tests.task_types.samples import NO_WORKFLOWS, tasks_of
from tests.task_types.test_flatten_all import damaged
from zoo_dag.annotations.definitions import read_definitions
from zoo_dag.annotations.elements import elements
from zoo_dag.exports.annotation_cells import annotation_columns, count_elements
from zoo_dag.exports.cells import load_json

TASK_TYPES = {"T0": "single", "T1": "multiple", "T9": "combo"}
CHILDREN = [answer(), answer("T1", ["Red"])]


@pytest.mark.parametrize(
    ("annotations", "known", "unknown"),
    [
        ([], 0, 0),
        ([answer(), None, 3, "x", [1, 2], {"value": [1, 2]}], 6, 6),
        ([answer("T1", ["Red", "Blue"])], 1, 1),
        ([answer("T9", CHILDREN), answer()], 3, 3),
        ([answer("T9", []), answer("T9", None), answer("T9", 0)], 3, 3),
        ([answer("T9", [0, None])], 2, 1),
        ([answer("T9", [answer("T9", CHILDREN), answer()])], 2, 2),
        ([answer("T7", CHILDREN)], 2, 2),
        ([{**answer("T0", CHILDREN), "taskType": "combo"}], 2, 2),
        ([{**answer("T9", CHILDREN), "taskType": "other"}], 1, 1),
        ([answer("T0", CHILDREN)], 1, 2),
        ([answer("T7", [{"task": "T0", "tool": 0}, {"task": "T0"}])], 1, 1),
        ([{"task": None, "value": CHILDREN}], 1, 1),
    ],
)
def test_each_item_is_an_element_and_of_a_combo_each_child(
    annotations: list[Any], known: int, unknown: int
) -> None:
    assert count_elements(annotations, TASK_TYPES) == known
    assert count_elements(annotations, {}) == unknown


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(damaged(), st.booleans())
def test_flattening_meets_as_many_elements_as_are_counted(annotations: list[Any], defined: bool) -> None:
    definitions = read_definitions(tasks_of("3.10", None if defined else NO_WORKFLOWS))
    task_types = {task: definition.task_type for task, definition in definitions.tasks.items()}
    read = load_json(json_text(annotations))
    assert count_elements(read, task_types) == len(list(elements(read, definitions)))


def test_every_cell_has_a_problem_or_a_count() -> None:
    cells = ["[]", "[1,2]", "[", None, "{}", "[1,2]", '[{"task":"T9","value":[1,2,3]}]', "[" * 300 + "]" * 300]
    read = annotation_columns(pl.Series("annotations", cells, pl.String), TASK_TYPES)
    assert read.schema == {"annotations_problem": pl.String, "n_elements": pl.Int64}
    assert read["n_elements"].to_list() == [0, 2, None, None, None, 2, 3, None]
    assert [problem is None for problem in read["annotations_problem"]] == [
        n is not None for n in read["n_elements"]
    ]
    assert annotation_columns(pl.Series("annotations", [], pl.String), {}).height == 0


def test_only_the_elements_of_rows_that_are_kept_are_counted(project: RawProject) -> None:
    rows = [
        classification_row(1, annotations=[answer(), answer()]),
        classification_row(2, annotations=[answer("T9", CHILDREN)]),
        classification_row(3, annotations=[answer()], created_at="yesterday"),
        classification_row(4, annotations="[1,2,"),
    ]
    project.add(write_classifications(project.root.parent / "c.csv", rows))
    assert project.n_elements() == 4
