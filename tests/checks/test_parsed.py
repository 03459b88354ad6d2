"""Checks of the parsed stage."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.checks.inputs import NOW, check_input, table
from zoo_dag.checks import parsed


def test_ids_that_occur_once_are_unique():
    rows = table("classifications", {"classification_id": 1}, {"classification_id": 2})
    finding = parsed.classification_ids_are_unique(check_input(classifications=rows))
    assert finding.passed
    assert finding.message == "The ids of 2 rows are all different."


def test_an_id_that_occurs_twice_is_an_error_and_shown():
    rows = table("classifications", *({"classification_id": number} for number in (1, 2, 2, 2)))
    finding = parsed.classification_ids_are_unique(check_input(classifications=rows))
    assert (finding.passed, finding.is_error) == (False, True)
    assert finding.message == "2 of 4 rows (50 %) repeat the id of another row (classification_id)."
    assert finding.examples.rows() == [(2, 3)]


def test_a_subject_may_be_in_several_sets_and_workflows_but_once_in_each():
    subject = {"subject_id": 1, "workflow_id": 10, "subject_set_id": 5}
    unlinked = subject | {"workflow_id": None}
    good = table("subjects", subject, subject | {"subject_set_id": 6}, unlinked)
    assert parsed.subject_ids_are_unique(check_input(subjects=good)).passed
    bad = parsed.subject_ids_are_unique(check_input(subjects=table("subjects", unlinked, unlinked, subject)))
    assert bad.is_error
    assert bad.numbers == {"rows": 3, "rows with an id that occurs before": 1}
    assert bad.examples.rows() == [(1, None, 5, 2)]


def test_workflow_versions_differ_in_major_or_minor():
    version = {"workflow_id": 10, "version_major": 3, "version_minor": 1}
    good = table("workflow_versions", version, version | {"version_minor": 10})
    assert parsed.workflow_versions_are_unique(check_input(workflow_versions=good)).passed
    bad = table("workflow_versions", version, version)
    assert not parsed.workflow_versions_are_unique(check_input(workflow_versions=bad)).passed


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (NOW + timedelta(days=2), "1 in the future"),
        (datetime(2001, 1, 1, tzinfo=UTC), "1 before 2014"),
        (None, "1 without a time"),
    ],
)
def test_an_implausible_time_is_reported(time, said):
    good, bad = {"classification_id": 1, "created_at": NOW}, {"classification_id": 2, "created_at": time}
    finding = parsed.times_are_plausible(check_input(classifications=table("classifications", good, bad)))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == f"1 of 2 classifications (50 %) has an implausible time: {said}."
    assert finding.examples.rows() == [(2, time)]


def test_a_clock_that_is_an_hour_slow_is_no_reason_to_warn():
    rows = table("classifications", {"classification_id": 1, "created_at": NOW + timedelta(hours=1)})
    assert parsed.times_are_plausible(check_input(classifications=rows)).passed


def test_session_times_that_cannot_be_read_are_counted_for_their_workflow():
    read = {"started_at": NOW, "finished_at": NOW, "metadata": '{"started_at":"2026-03-01T12:00:00Z"}'}
    absent = {"metadata": "{}"}
    words = {"metadata": '{"started_at":"Tue, 29 Mar 2016 06:46:18 GMT"}'}
    number = {"started_at": NOW, "metadata": '{"started_at":"2026-03-01T12:00:00Z","finished_at":1459233978000}'}
    rows = table("classifications", *({"classification_id": n} | each for n, each in enumerate((read, absent), 1)))
    assert parsed.session_times_are_read(check_input("77-v3.2", classifications=rows)).passed
    rows = table(
        "classifications",
        *({"classification_id": n} | each for n, each in enumerate((read, absent, words, number), 1)),
    )
    finding = parsed.session_times_are_read(check_input("77-v3.2", classifications=rows))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "2 of 4 classifications (50 %) of workflow 77, version 3.2, have a time in their metadata that cannot be "
        "read: started_at, finished_at or duration_s is null."
    )
    assert finding.examples.rows() == [
        (3, "Tue, 29 Mar 2016 06:46:18 GMT", None),
        (4, "2026-03-01T12:00:00Z", "1459233978000"),
    ]


WORKFLOW = table("workflow_versions", {"workflow_id": 10, "workflow_version": "3.4"})


def test_a_version_in_the_workflows_export_is_defined():
    finding = parsed.version_is_defined(
        check_input("10-v3.4", tasks=table("tasks", {"version_match": "exact"}), workflow_versions=WORKFLOW)
    )
    assert finding.passed
    assert finding.numbers == {"versions": 1, "versions without their definition": 0}


def test_a_version_that_the_workflows_export_lacks_warns_with_those_that_it_has():
    finding = parsed.version_is_defined(
        check_input("10-v3.5", tasks=table("tasks", {"version_match": "fallback"}), workflow_versions=WORKFLOW)
    )
    assert (finding.passed, finding.is_error) == (False, False)
    assert "has no definition of this version, only of 3.4" in finding.message
    assert "Download the workflows export again" in finding.advice


def test_a_workflow_that_the_workflows_export_lacks_warns():
    finding = parsed.version_is_defined(check_input("11-v1.1", workflow_versions=WORKFLOW))
    assert not finding.passed
    assert "does not have workflow 11" in finding.message


def test_without_any_workflows_export_nothing_is_compared_and_nothing_warned():
    finding = parsed.version_is_defined(check_input("10-v3.5"))
    assert finding.passed
    assert finding.message.startswith("Not compared: no workflows export was imported.")


def test_unreadable_rows_are_reported_with_their_reasons():
    good = table("classifications", *({"classification_id": number} for number in range(8)))
    where = {"stage": "parsed", "kind": "classifications"}
    bad = {"column": "metadata", "reason": "not JSON", "found": "{", **where}
    other = {"column": "annotations", "reason": "not JSON", "found": "[", **where}
    rows = table("parsed_quarantine", bad, other, other)
    finding = parsed.few_rows_are_quarantined(check_input(classifications=good, parsed_quarantine=rows))
    assert finding.message == "In the quarantine: 3 of 11 rows (27 %), more than 1 %."
    # Where cells have slipped, any of them may be a name; Dagster keeps the examples.
    assert finding.examples.rows() == [("annotations", "not JSON", None, 2), ("metadata", "not JSON", None, 1)]
    assert parsed.few_rows_are_quarantined(check_input(classifications=good)).passed
