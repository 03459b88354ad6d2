"""Checks of the parsed stage."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.checks.given import NOW, given, table
from zoo_dag.checks import parsed


def test_ids_that_occur_once_are_unique():
    rows = table("classifications", {"classification_id": 1}, {"classification_id": 2})
    found = parsed.classification_ids_are_unique(given(classifications=rows))
    assert found.passed
    assert found.told == "The ids of 2 rows are all different."


def test_an_id_that_occurs_twice_is_an_error_and_shown():
    rows = table("classifications", *({"classification_id": number} for number in (1, 2, 2, 2)))
    found = parsed.classification_ids_are_unique(given(classifications=rows))
    assert (found.passed, found.grave) == (False, True)
    assert found.told == "2 of 4 rows (50 %) repeat the id of another row (classification_id)."
    assert found.examples.rows() == [(2, 3)]


def test_a_subject_may_be_in_several_sets_and_workflows_but_once_in_each():
    subject = {"subject_id": 1, "workflow_id": 10, "subject_set_id": 5}
    unlinked = subject | {"workflow_id": None}
    good = table("subjects", subject, subject | {"subject_set_id": 6}, unlinked)
    assert parsed.subject_ids_are_unique(given(subjects=good)).passed
    bad = parsed.subject_ids_are_unique(given(subjects=table("subjects", unlinked, unlinked, subject)))
    assert bad.grave
    assert bad.numbers == {"rows": 3, "rows with an id that occurs before": 1}
    assert bad.examples.rows() == [(1, None, 5, 2)]


def test_workflow_versions_differ_in_major_or_minor():
    version = {"workflow_id": 10, "version_major": 3, "version_minor": 1}
    good = table("workflow_versions", version, version | {"version_minor": 10})
    assert parsed.workflow_versions_are_unique(given(workflow_versions=good)).passed
    bad = table("workflow_versions", version, version)
    assert not parsed.workflow_versions_are_unique(given(workflow_versions=bad)).passed


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (NOW + timedelta(days=2), "1 in the future"),
        (datetime(2001, 1, 1, tzinfo=UTC), "1 before 2014"),
        (None, "1 without a time"),
    ],
)
def test_a_time_that_cannot_be_is_told(time, said):
    good, bad = {"classification_id": 1, "created_at": NOW}, {"classification_id": 2, "created_at": time}
    found = parsed.times_are_plausible(given(classifications=table("classifications", good, bad)))
    assert (found.passed, found.grave) == (False, False)
    assert found.told == f"1 of 2 classifications (50 %) have an implausible time: {said}."
    assert found.examples.rows() == [(2, time)]


def test_a_clock_that_is_an_hour_slow_is_no_reason_to_warn():
    rows = table("classifications", {"classification_id": 1, "created_at": NOW + timedelta(hours=1)})
    assert parsed.times_are_plausible(given(classifications=rows)).passed


WORKFLOW = table("workflow_versions", {"workflow_id": 10, "workflow_version": "3.4"})


def test_a_version_with_its_own_definition_is_defined():
    found = parsed.version_is_defined(
        given("10-v3.4", tasks=table("tasks", {"version_match": "exact"}), workflow_versions=WORKFLOW)
    )
    assert found.passed
    assert found.numbers == {"versions": 1, "versions without their definition": 0}


def test_a_version_that_the_workflows_export_lacks_warns_with_those_that_it_has():
    found = parsed.version_is_defined(
        given("10-v3.5", tasks=table("tasks", {"version_match": "fallback"}), workflow_versions=WORKFLOW)
    )
    assert (found.passed, found.grave) == (False, False)
    assert "does not have the version, but 3.4" in found.told
    assert "Download the workflows export again" in found.advice


def test_a_workflow_that_the_workflows_export_lacks_warns():
    found = parsed.version_is_defined(given("11-v1.1", workflow_versions=WORKFLOW))
    assert not found.passed
    assert "does not have workflow 11" in found.told


def test_without_any_workflows_export_nothing_is_compared_and_nothing_warned():
    found = parsed.version_is_defined(given("10-v3.5"))
    assert found.passed
    assert found.told.startswith("Not compared: no workflows export was imported.")


def test_rows_that_could_not_be_read_are_told_with_their_reasons():
    good = table("classifications", *({"classification_id": number} for number in range(8)))
    bad = {"column": "metadata", "reason": "not JSON", "found": "{"}
    other = {"column": "annotations", "reason": "not JSON", "found": "["}
    rows = table("parsed_quarantine", bad, other, other)
    found = parsed.few_rows_are_quarantined(given(classifications=good, parsed_quarantine=rows))
    assert found.told == "In the quarantine: 3 of 11 rows (27 %), more than 1 %."
    assert found.examples.rows() == [("annotations", "not JSON", "[", 2), ("metadata", "not JSON", "{", 1)]
    assert parsed.few_rows_are_quarantined(given(classifications=good)).passed
