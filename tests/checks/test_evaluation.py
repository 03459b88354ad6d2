"""Evaluating a check: its faults, and shares of too few classifications, and tables without rows."""

import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks.evaluation import EmptyFindings, StoredTables, evaluate
from zoo_dag.checks.finding import Check, CheckInput, Finding
from zoo_dag.checks.registry import CHECKS
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.row_count import row_count

WRONG = Finding("Half of it.", {"rows": 2}, passed=False, advice="Do something.")


def result(n: int, finding: Finding, *, is_of_a_share: bool = True) -> Finding:
    check = Check("tasks", "some_are_right", "Some are.", lambda _: finding, is_of_a_share=is_of_a_share)
    rows = table("raw_classifications", *[{}] * n)
    return evaluate(check, check_input("10-v1.1", raw_classifications=rows), lambda _: None)


def test_a_share_of_fewer_than_twenty_classifications_is_no_warning():
    assert result(20, WRONG) == WRONG
    few = result(19, WRONG)
    assert (few.passed, few.message, few.numbers) == (True, "Half of it.", {"rows": 2})
    assert result(19, WRONG, is_of_a_share=False) == WRONG


def test_an_error_stays_an_error():
    error = Finding("All of it.", passed=False, is_error=True)
    assert result(3, error) == error


@pytest.mark.parametrize(
    "name",
    [
        "few_rows_are_quarantined",
        "answers_are_known",
        "few_are_left_out",
        "subjects_are_known",
        "most_subjects_have_enough",
    ],
)
def test_the_checks_of_shares_are_declared(name):
    of_name = [check for check in CHECKS if check.name == name]
    assert of_name
    assert all(check.is_of_a_share for check in of_name)


def test_tables_without_rows_are_checked_once_for_all_partitions(tmp_path):
    files = TableFiles(tmp_path / "tables")
    rows = {"11-v1.1": 0, "11-v1.2": 0, "11-v1.3": 2, "11-v1.4": 0}
    for key, n in rows.items():
        frame = table("tasks", *[{"task": "T0"}] * n)
        files.publish(TABLES["tasks"], frame, {}, key)
    read: list[str] = []

    def count(inputs: CheckInput) -> Finding:
        read.append(inputs.key or "")
        return Finding("Counted.", {"rows": row_count(inputs.tables["tasks"])})

    check, empty = Check("tasks", "are_counted", "They are.", count), EmptyFindings()
    found = {}
    for key in rows:
        tables = StoredTables(files, [key], {})
        found[key] = empty.evaluate(check, tables, CheckInput(tables, key=key), lambda _: None).numbers["rows"]
    assert found == rows
    assert read == ["11-v1.1", "11-v1.3"]
