"""When a combo tells tasks apart, by definitions and by rows."""

from typing import Any

import polars as pl
import pytest

from zoo_dag.consensus.parents import told_apart
from zoo_dag.consensus.units import POOLED, VERSION, Scope
from zoo_dag.tables import TABLES

NO_TASKS = TABLES["tasks"].empty()


def answers(
    *given: tuple[int, str, str | None], task: str = "T0", revision: str | None = "T0@3.1"
) -> pl.DataFrame:
    """Rows of a flattened table: classification, workflow version and combo."""
    shared = {"workflow_id": 11, "task": task, "task_revision": revision, "status": "answered"}
    rows = [
        shared | {"classification_id": number, "workflow_version": version, "parent_task": parent}
        for number, version, parent in given
    ]
    return pl.DataFrame(rows, schema=TABLES["question_annotations"].dtypes)


def defined(version: str, match: str = "exact", **tasks: dict[str, Any]) -> pl.DataFrame:
    """The table `tasks` of a version, its first task first: where each leads to, or the children of a combo."""
    rows = []
    for task, body in tasks.items():
        head = {"task": task, "task_revision": f"{task}@3.1", "next": body.get("next")}
        children = [{"option_kind": "task", "option_id": child} for child in body.get("children", ())]
        branches = [{"option_kind": "answer", "option_next": each} for each in body.get("answers", ())]
        rows += [head | option for option in (*children, *branches)] or [head]
    shared = {"workflow_id": 11, "workflow_version": version, "version_match": match}
    return pl.DataFrame([shared | row for row in rows], schema=TABLES["tasks"].dtypes)


def parents(rows: pl.DataFrame, tasks: pl.DataFrame = NO_TASKS, scope: Scope = VERSION) -> list[str | None]:
    found = told_apart(rows.lazy(), tasks.lazy(), scope).collect()
    assert found.drop("parent_task").equals(rows.drop("parent_task"))
    return found["parent_task"].to_list()


def test_without_combos_nothing_is_told_apart() -> None:
    assert parents(answers((1, "3.1", None), (1, "3.1", None))) == [None, None]
    assert parents(answers()) == []


def test_one_combo_says_nothing_also_beside_rows_of_a_classifier_without_combos() -> None:
    assert parents(answers((1, "3.1", "A"), (2, "3.1", "A"), (3, "3.1", None))) == [None, None, None]


def test_several_combos_are_told_apart_also_where_no_classification_has_both() -> None:
    assert parents(answers((1, "3.1", "A"), (2, "3.1", "B"), (3, "3.1", None))) == ["A", "B", None]


def test_a_child_that_one_classification_has_by_itself_as_well_is_told_apart() -> None:
    assert parents(answers((1, "3.1", "A"), (1, "3.1", None), (2, "3.1", "A"))) == ["A", None, "A"]


def test_only_the_task_in_question_is_told_apart() -> None:
    rows = pl.concat([answers((1, "3.1", "A"), (1, "3.1", "B")), answers((1, "3.1", "A"), task="T1")])
    assert parents(rows) == ["A", "B", None]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ({"A": {"children": ["T0"]}}, None),
        ({"A": {"children": ["T0"], "next": "B"}, "B": {"children": ["T0"]}}, "A"),
        # A combo that nothing leads to is left over.
        ({"A": {"children": ["T0"]}, "B": {"children": ["T0"]}}, None),
        ({"Q": {"answers": ["A", "B"]}, "A": {"children": ["T0"]}, "B": {"children": ["T0"]}}, "A"),
        # By itself: as the first task, or behind an answer.
        ({"T0": {"next": "A"}, "A": {"children": ["T0"]}}, "A"),
        ({"Q": {"answers": ["A", "T0"]}, "A": {"children": ["T0"]}, "T0": {}}, "A"),
        # Where a child of a combo leads does not matter.
        ({"A": {"children": ["T1", "T0"]}, "T1": {"next": "T0"}, "T0": {}}, None),
        ({"A": {"children": ["T1"], "next": "A"}, "B": {"children": ["T0"]}}, None),
    ],
)
def test_the_definition_of_the_version_decides_where_rows_name_one_combo(tasks: Any, expected: str | None) -> None:
    rows = answers((1, "3.1", "A"), (2, "3.1", "A"))
    complete = {**tasks, "T0": tasks.get("T0", {}), "T1": tasks.get("T1", {})}
    assert parents(rows, defined("3.1", **complete)) == [expected] * 2


def test_the_definition_of_another_version_does_not_decide() -> None:
    tasks = {"A": {"children": ["T0"], "next": "B"}, "B": {"children": ["T0"]}, "T0": {}}
    assert parents(answers((1, "3.1", "A")), defined("3.1", match="fallback", **tasks)) == [None]


def test_a_combo_that_has_another_key_in_another_version_tells_nothing_apart() -> None:
    rows = answers((1, "3.1", "A"), (2, "3.2", "B"))
    assert parents(rows, scope=POOLED) == [None, None]
    of_versions = [
        defined(version, **{key: {"children": ["T0"]}, "T0": {}}) for version, key in (("3.1", "A"), ("3.2", "B"))
    ]
    assert parents(rows, pl.concat(of_versions), POOLED) == [None, None]


def test_what_is_told_apart_in_one_version_is_told_apart_in_the_pool() -> None:
    rows = answers((1, "3.1", "A"), (2, "3.2", "A"), (2, "3.2", "B"), (3, "3.3", None))
    assert parents(rows) == [None, "A", "B", None]
    assert parents(rows, scope=POOLED) == ["A", "A", "B", None]
    other = rows.with_columns(
        task_revision=pl.when(workflow_version="3.1").then(pl.lit("T0@1.1")).otherwise("task_revision")
    )
    assert parents(other, scope=POOLED) == [None, "A", "B", None]


def test_a_version_of_the_pool_may_tell_apart_by_its_definition_alone() -> None:
    rows = answers((1, "3.1", "A"), (2, "3.2", "B"))
    both = defined("3.2", A={"children": ["T0"], "next": "B"}, B={"children": ["T0"]}, T0={})
    assert parents(rows, both, POOLED) == ["A", "B"]


def test_tasks_without_a_revision_are_told_apart_as_well() -> None:
    assert parents(answers((1, "3.1", "A"), (1, "3.1", "B"), revision=None)) == ["A", "B"]
