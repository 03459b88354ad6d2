"""Checks of the ledger."""

from tests.checks.given import given, table
from zoo_dag.checks import ledger

BOOK = {
    "workflow_id": 10, "workflow_version": "3.2", "stage": "raw", "unit": "rows", "rows_in": 5, "rows_out": 5,
    "quarantined": 0, "merged": 0, "balanced": True,
}  # fmt: skip


def test_books_that_add_up_pass():
    assert ledger.sums_match(given(accounting=table("accounting", BOOK))).told == "The sums of 1 book match."


def test_books_that_do_not_are_an_error_with_the_sums():
    bad = BOOK | {
        "workflow_id": None,
        "workflow_version": None,
        "unit": "subjects rows",
        "rows_out": 3,
        "balanced": False,
    }
    found = ledger.sums_match(given(accounting=table("accounting", BOOK, bad)))
    assert (found.passed, found.grave) == (False, True)
    assert found.told == (
        "The sums of 1 of 2 books do not match: subjects rows, raw: 5 in, 3 out, 0 quarantined, 0 merged."
    )


def test_rows_of_subjects_and_workflows_that_could_not_be_read_are_told():
    subjects = table("raw_subjects", *[{"subject_id": "1"}] * 9)
    workflows = table("raw_workflows", {"workflow_id": "x"})
    bad = {"stage": "parsed", "kind": "workflows", "column": "workflow_id", "reason": "no number", "found": "x"}
    other = bad | {"kind": "classifications"}
    found = ledger.few_rows_are_quarantined(
        given(raw_subjects=subjects, raw_workflows=workflows, quarantine=table("quarantine", bad, other, other))
    )
    assert found.told == "In the quarantine of subjects and workflows: 1 of 10 rows (10 %), more than 1 %."
    assert found.examples.rows() == [("workflow_id", "no number", "x", 1)]
