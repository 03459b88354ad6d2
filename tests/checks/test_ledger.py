"""Checks of the ledger."""

from tests.checks.inputs import check_input, table
from zoo_dag.checks import ledger

SUM = {
    "workflow_id": 10, "workflow_version": "3.2", "stage": "raw", "unit": "rows", "rows_in": 5, "rows_out": 5,
    "quarantined": 0, "merged": 0, "balanced": True,
}  # fmt: skip


def test_sums_that_match_pass():
    assert (
        ledger.sums_match(check_input(accounting=table("accounting", SUM))).message
        == "Every row is accounted for (1 sum)."
    )


def test_sums_that_do_not_match_are_an_error_with_the_numbers():
    bad = SUM | {
        "workflow_id": None,
        "workflow_version": None,
        "unit": "subjects rows",
        "rows_out": 3,
        "balanced": False,
    }
    finding = ledger.sums_match(check_input(accounting=table("accounting", SUM, bad)))
    assert (finding.passed, finding.is_error) == (False, True)
    assert finding.message == (
        "Rows are not accounted for: 1 of 2 sums do not match: "
        "subjects rows, raw: 5 in, 3 out, 0 quarantined, 0 merged."
    )


def test_unreadable_rows_of_subjects_and_workflows_are_reported():
    subjects = table("raw_subjects", *[{"subject_id": "1"}] * 9)
    workflows = table("raw_workflows", {"workflow_id": "x"})
    bad = {"stage": "parsed", "kind": "workflows", "column": "workflow_id", "reason": "no number", "found": "x"}
    other = bad | {"kind": "classifications"}
    finding = ledger.few_rows_are_quarantined(
        check_input(
            raw_subjects=subjects, raw_workflows=workflows, quarantine=table("quarantine", bad, other, other)
        )
    )
    assert finding.message == "In the quarantine of subjects and workflows: 1 of 10 rows (10 %), more than 1 %."
    assert finding.examples.rows() == [("workflow_id", "no number", "x", 1)]
