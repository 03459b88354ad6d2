"""Our counts compared with those of the server."""

import polars as pl
import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks.server_counts import server_counts_agree


def classifications(*counts: int, **columns):
    """Classifications of the subjects 1, 2 …, so many of each."""
    return table(
        "classifications",
        *(
            {"subject_id": subject, "subject_ids": str(subject), "n_subjects": 1, "live_project": True} | columns
            for subject, count in enumerate(counts, 1)
            for _ in range(count)
        ),
    )


def subjects(*counts: int | None, **columns):
    """Subjects 1, 2 … of workflow 10 with the server's counts."""
    return table(
        "subjects",
        *(
            {"subject_id": subject, "workflow_id": 10, "subject_set_id": 5, "classifications_count": count}
            | columns
            for subject, count in enumerate(counts, 1)
        ),
    )


def test_equal_counts_agree():
    finding = server_counts_agree(
        check_input("10", classifications=classifications(10, 20), subjects=subjects(10, 20))
    )
    assert finding.passed
    assert finding.message == (
        "The server counted 30 classifications of 2 subjects; by the same rules 30 are here."
    )
    assert finding.numbers["difference / server"] == 0.0


def test_too_few_classifications_mean_that_the_export_is_old_or_a_part():
    finding = server_counts_agree(
        check_input("10", classifications=classifications(10, 5), subjects=subjects(10, 20, 7))
    )
    assert (finding.passed, finding.is_error) == (False, False)
    assert "they differ in 2 subjects (22 too few, 0 too many)" in finding.message
    assert finding.advice.startswith("The classifications export is older")
    assert finding.examples.rows() == [(2, 20, 5), (3, 7, 0), (1, 10, 10)]
    assert finding.numbers["difference / server"] == pytest.approx(22 / 37)


def test_too_many_mean_that_the_subjects_export_is_old():
    finding = server_counts_agree(
        check_input("10", classifications=classifications(30, 20), subjects=subjects(10, 20))
    )
    assert "they differ in 1 subject (0 too few, 20 too many)" in finding.message
    assert finding.advice.startswith("The subjects export or the workflows export is older")


def test_differences_that_cancel_out_are_differences():
    finding = server_counts_agree(
        check_input("10", classifications=classifications(10, 30), subjects=subjects(30, 10))
    )
    assert not finding.passed
    assert finding.numbers["subjects that differ"] == 2


@pytest.mark.parametrize("column", [{"gold_standard": True}, {"seen_before": True}, {"live_project": False}])
def test_what_the_server_does_not_count_is_not_counted_here(column):
    extra = classifications(50, **column).collect()
    rows = classifications(20).collect().vstack(extra).lazy()
    assert server_counts_agree(check_input("10", classifications=rows, subjects=subjects(20))).passed


def test_classifications_excluded_only_by_the_settings_are_counted_as_the_server_does():
    rows = classifications(20, excluded="repeat")
    assert server_counts_agree(check_input("10", classifications=rows, subjects=subjects(20))).passed


def test_a_project_that_never_launched_has_no_counts_on_the_server():
    rows = classifications(20, live_project=False)
    assert server_counts_agree(check_input("10", classifications=rows, subjects=subjects(0))).passed


def test_subjects_shown_together_count_each():
    rows = classifications(20, subject_id=None, subject_ids="1;2", n_subjects=2)
    assert server_counts_agree(check_input("10", classifications=rows, subjects=subjects(20, 20))).passed


def test_a_subject_in_two_sets_is_counted_once():
    both = subjects(20).collect().vstack(subjects(20, subject_set_id=6).collect()).lazy()
    finding = server_counts_agree(check_input("10", classifications=classifications(20), subjects=both))
    assert finding.numbers["counted by the server"] == 20


def test_counts_in_other_workflows_are_no_counts():
    rows = subjects(20, workflow_id=11)
    finding = server_counts_agree(check_input("10", classifications=classifications(2), subjects=rows))
    assert finding.message == "Not compared: no export with the server's counts was imported."


def test_a_handful_and_a_small_share_are_no_difference():
    few = check_input("10", classifications=classifications(1), subjects=subjects(10))
    assert server_counts_agree(few).passed
    many = check_input("10", classifications=classifications(960), subjects=subjects(1000))
    assert server_counts_agree(many).passed
    strict = check_input(
        "10", {"checks": {"count_difference": 0.01}}, classifications=classifications(960), subjects=subjects(1000)
    )
    assert not server_counts_agree(strict).passed


def test_retired_subjects_with_too_few_classifications_here_are_reported():
    rule = table(
        "workflow_versions",
        {"workflow_id": 10, "retirement_criteria": "classification_count", "retirement_count": 15},
    )
    retired = subjects(15, 15, retirement_reason="classification_count")
    finding = server_counts_agree(
        check_input("10", classifications=classifications(15, 14), subjects=retired, workflow_versions=rule)
    )
    assert finding.passed
    assert "retired at 15 classifications, with fewer here: 1 subject." in finding.message
    assert finding.numbers["retired subjects with fewer than the limit here"] == 1


def test_without_a_subjects_export_the_count_of_the_workflow_is_compared():
    count = table("workflow_versions", {"workflow_id": 10, "classifications_count": 100})
    agrees = server_counts_agree(check_input("10", classifications=classifications(97), workflow_versions=count))
    assert agrees.passed
    assert agrees.message.endswith("100 classifications of the workflow; by the same rules 97 are here.")
    part = server_counts_agree(check_input("10", classifications=classifications(40), workflow_versions=count))
    assert not part.passed
    assert "Subjects in several sets are counted several times by the server" in part.advice


def test_a_set_that_a_subject_has_left_counts_no_more():
    older = subjects(50, is_current=False, subject_set_id=6)
    both = pl.concat([older, subjects(10, 20, is_current=True)])
    finding = server_counts_agree(check_input("10", classifications=classifications(10, 20), subjects=both))
    assert finding.passed
    assert finding.message.startswith("The server counted 30 classifications of 2 subjects")
