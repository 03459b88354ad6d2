"""Checks of the raw stage."""

import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks.raw import (
    columns_are_known,
    few_rows_are_quarantined,
    newest_classification_is_recent,
    rows_fit_the_header,
)

CLASSIFICATION = {
    "classification_id": "1", "user_name": "ada", "workflow_id": "10", "metadata": "{}",
    "created_at": "2026-02-20 10:00:00 UTC",
}  # fmt: skip


def test_the_columns_of_an_export_are_known():
    finding = columns_are_known("classifications")(
        check_input(raw_classifications=table("raw_classifications", CLASSIFICATION))
    )
    assert finding.passed
    assert finding.numbers == {"unknown columns": 0, "missing columns": 0}


def test_columns_that_no_export_has_are_named_without_their_markup():
    row = CLASSIFICATION | {"my `notes`": "x", "cohort": "y"}
    finding = columns_are_known("classifications")(
        check_input(raw_classifications=table("raw_classifications", row))
    )
    assert not finding.passed
    assert not finding.is_error
    assert finding.message == "2 columns that no classifications export has today: `my 'notes'`, `cohort`."
    assert "Columns that you added do no harm" in finding.advice


def test_columns_that_are_missing_are_named_with_what_is_lost():
    row = CLASSIFICATION | {"metadata": None, "user_name": None}
    finding = columns_are_known("classifications")(
        check_input(raw_classifications=table("raw_classifications", row))
    )
    assert not finding.passed
    assert "without user_name or user_id, repeats by the same volunteer are not recognised" in finding.message
    assert "without metadata, sessions" in finding.message
    assert finding.numbers["missing columns"] == 2


def test_one_of_two_columns_that_say_the_same_is_enough():
    row = CLASSIFICATION | {"user_name": None, "user_id": "5"}
    finding = columns_are_known("classifications")(
        check_input(raw_classifications=table("raw_classifications", row))
    )
    assert finding.passed


def test_a_column_that_only_the_first_thousand_rows_lack_is_not_missing():
    rows = [CLASSIFICATION | {"metadata": None}] * 1001 + [CLASSIFICATION]
    finding = columns_are_known("classifications")(
        check_input(raw_classifications=table("raw_classifications", *rows))
    )
    assert finding.passed


@pytest.mark.parametrize("kind", ["classifications", "subjects", "workflows"])
def test_nothing_is_missing_where_nothing_was_imported(kind):
    assert columns_are_known(kind)(check_input()).passed


def test_a_workflows_export_from_before_2019_is_reported():
    row = {"workflow_id": "10", "version": "3", "tasks": "{}"}
    finding = columns_are_known("workflows")(check_input(raw_workflows=table("raw_workflows", row)))
    assert "without minor_version, versions are matched by their major number alone" in finding.message


def test_a_subjects_export_of_2016_has_its_columns_under_other_names():
    row = {"subject_id": "1", "locations": "{}", "workflow_ids": "[10]", "classifications_by_workflow": "{}"}
    assert columns_are_known("subjects")(check_input(raw_subjects=table("raw_subjects", row))).passed


def test_the_age_of_the_newest_classification_is_reported_and_passes_without_a_limit():
    old = CLASSIFICATION | {"created_at": "2016-01-01 00:00:00 UTC"}
    raw = table("raw_classifications", old, CLASSIFICATION)
    finding = newest_classification_is_recent(check_input(raw_classifications=raw))
    assert finding.passed
    assert finding.message == "The newest classification is from 2026-02-20, 9 days ago."
    assert finding.numbers == {"days since the newest classification": 9.08}


def test_a_newest_classification_older_than_the_limit_does_not_pass():
    raw = table("raw_classifications", CLASSIFICATION)
    finding = newest_classification_is_recent(
        check_input(settings={"checks": {"quiet_after_days": 7}}, raw_classifications=raw)
    )
    assert not finding.passed
    assert not finding.is_error
    assert "That is more than 7 days." in finding.advice
    recent = check_input(settings={"checks": {"quiet_after_days": 10}}, raw_classifications=raw)
    assert newest_classification_is_recent(recent).passed


def test_without_a_time_there_is_nothing_to_be_recent():
    raw = table("raw_classifications", CLASSIFICATION | {"created_at": None})
    finding = newest_classification_is_recent(check_input(raw_classifications=raw))
    assert (finding.passed, finding.message) == (True, "No classification has a time.")


def test_rows_without_a_version_are_reported_with_their_reasons():
    raw = table("raw_classifications", *[CLASSIFICATION] * 97)
    bad = {"kind": "classifications", "column": "workflow_version", "reason": "no version", "found": "abc"}
    finding = few_rows_are_quarantined(
        check_input(raw_classifications=raw, raw_quarantine=table("raw_quarantine", bad, bad, bad))
    )
    assert not finding.passed
    assert not finding.is_error
    assert finding.message == "In the quarantine: 3 of 100 rows (3 %), more than 1 %."
    # Where cells have slipped, any of them may be a name.
    assert finding.examples.rows() == [("workflow_version", "no version", None, 3)]


def test_rows_that_a_spreadsheet_padded_are_reported_with_their_file():
    old = {"source_file": "old.csv", "n_rows": 5, "n_padded": None}
    good = {"source_file": "good.csv", "n_rows": 5, "n_padded": 0}
    assert rows_fit_the_header(check_input(imports=table("imports", old, good))).passed
    bad = {"source_file": "padded.csv", "n_rows": 97, "n_padded": 48}
    finding = rows_fit_the_header(check_input(imports=table("imports", old, good, bad)))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "48 of 97 rows (49 %) of padded.csv had empty cells beyond the header, which were dropped."
    )
    assert finding.numbers == {"files": 3, "rows with cells beyond the header": 48}


def test_the_newest_time_is_the_latest_in_any_form():
    times = ["2026-02-20 10:00:00 UTC", "2026-02-20T23:30:00-07:00", "soon"]
    rows = table("raw_classifications", *(CLASSIFICATION | {"created_at": time} for time in times))
    finding = newest_classification_is_recent(check_input(raw_classifications=rows))
    assert finding.message.startswith("The newest classification is from 2026-02-21,")
