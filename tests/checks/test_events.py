"""Checks of events: what could not be read, what lacks a deployment, and that no subject is lost."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from tests.checks.inputs import check_input, table
from tests.events.samples import TASK, subjects
from zoo_dag.checks import events as checks
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.events.outside import Deployments, picture_table
from zoo_dag.events.workflow_events import WorkflowEvents
from zoo_dag.settings.events import Events

SETTINGS = Events(deployment="c", time="t")
DAY = "2020-06-01 12:00:00"


def found_in(*metadata: dict, deployments: Deployments | None = None) -> CheckInput:
    """What the step has of the events of subjects with these metadata."""
    events = WorkflowEvents.of_pictures(subjects(*metadata), SETTINGS, None, deployments)
    tables = {name: opened() for name, opened in checks.frames_of(lambda: events).items()}
    return check_input(**tables)


def test_a_time_that_is_not_read_is_shown_with_its_subject_and_the_setting():
    finding = checks.times_are_read(
        found_in(
            {"c": "A", "t": DAY}, *({"c": "A", "t": f"9/{n}/2013 1:02 PM"} for n in (26, 27, 28, 29)), {"c": "A"}
        )
    )
    assert not finding.passed
    assert finding.message.startswith(
        "With a time that cannot be read, or is before 1990 or after the upload: 4 of 6"
    )
    assert finding.message.count("(subject ") == 3
    assert "`9/26/2013 1:02 PM` (subject 2)" in finding.message
    assert finding.advice == 'Set events.time_format. "%m/%d/%Y %I:%M %p" fits.'
    assert finding.numbers == {"pictures": 6, "without a time": 1, "with a time that is not read": 4}
    assert (
        checks.times_are_read(found_in({"c": "A", "t": DAY}, {"c": "A"})).message
        == "Without a time: 1 of 2 pictures (50 %)."
    )


def test_pictures_without_a_deployment_are_counted():
    finding = checks.deployments_are_known(found_in({"c": "A", "t": DAY}, {"t": DAY}, {"c": "B", "t": DAY}))
    assert not finding.passed
    assert finding.message.startswith("3 events of 3 pictures in 2 deployments. Without a deployment")
    assert "1 of 3 pictures (33 %)" in finding.message
    assert (
        checks.deployments_are_known(found_in({"c": "A", "t": DAY})).message
        == "1 event of 1 picture in 1 deployment."
    )


def test_rows_from_outside_that_differ_are_named(tmp_path):
    assert checks.rows_from_outside_agree(found_in({"c": "A", "t": DAY})).passed
    file = tmp_path / "times.csv"
    file.write_text("subject_id,c\n1,A\n1,B\nx,A\n")
    events = WorkflowEvents.of_pictures(
        subjects({"c": "A", "t": DAY}), SETTINGS, picture_table(file, SETTINGS), None
    )
    inputs = check_input(**{name: opened() for name, opened in checks.frames_of(lambda: events).items()})
    finding = checks.rows_from_outside_agree(inputs)
    assert finding.message == (
        "In times.csv, 1 row without a subject_id that can be read: row 3 has `x`. In the table of events.table, "
        "subject_id `1` has several rows that differ: 2 rows. They count for no picture."
    )


def test_the_table_of_deployments_is_compared_with_the_pictures():
    june = datetime(2020, 6, 1)
    spans = pl.DataFrame({"deployment": ["A", "C"], "start": june, "end": june + timedelta(days=1)})
    told = Deployments(spans, ("Two rows overlap.",))
    finding = checks.deployments_are_clear(found_in({"c": "A", "t": DAY}, {"c": "B", "t": DAY}, deployments=told))
    assert finding.message == (
        "Two rows overlap. Without a row, so that effort is that of their pictures: B. Without pictures in this "
        "workflow, and so without a rate: C."
    )
    clear = checks.deployments_are_clear(
        found_in({"c": "A", "t": DAY}, deployments=Deployments(spans.head(1), ()))
    )
    assert (clear.passed, clear.message) == (True, "Each deployment has its time: 1.")
    late = found_in(
        {"c": "A", "t": DAY}, {"c": "A", "t": "2021-06-01 12:00:00"}, deployments=Deployments(spans[:1], ())
    )
    assert checks.deployments_are_clear(late).message == (
        "Taken while their camera did not stand there: 1 of 2 pictures (50 %), such as subject 2 at "
        "2021-06-01 12:00:00. Their events count, and their days do not."
    )


def test_without_events_every_check_passes():
    for check in (checks.times_are_read, checks.deployments_are_known, checks.rows_from_outside_agree):
        assert check(check_input()).passed
    assert checks.deployments_are_clear(check_input()).passed


EVENT = {**TASK, "event_id": "A/1", "n_subjects": 2, "n_classified": 2, "n_blank_subjects": 0, "is_blank": False}
CHOICE = {"choice_id": "zebra", "n_subjects_won": 2, "votes": 6, "share": 1.0, "rank": 1, "present": True}
CHOICE |= {"best_fraction": 1.0, "best_low": 0.4}


def consistent(*rows: dict, in_summary: int = 2, name: str = checks.CONSENSUS) -> Finding:
    units = [{**TASK, "subject_ids": str(number)} for number in range(in_summary)]
    summary = [{"subject_ids": str(number), "event_id": "A/1"} for number in range(in_summary)]
    tables = {
        name: table(name, *rows),
        "pooled_survey_consensus": table("pooled_survey_consensus", *units),
        "subject_summary": table("subject_summary", *summary),
    }
    return checks.is_consistent(name)(check_input(**tables))


def test_every_subject_with_a_consensus_is_in_one_event():
    assert consistent({**EVENT, **CHOICE}, {**EVENT, **CHOICE, "choice_id": "gnu", "rank": 2}).passed
    lost = consistent({**EVENT, **CHOICE}, in_summary=3)
    assert (lost.passed, lost.is_error) == (False, True)
    assert lost.message == "3 subjects with consensus, and 2 in events."


@pytest.mark.parametrize(
    ("broken", "statement"),
    [
        ({"share": 1.5}, "share is between 0 and 1"),
        ({"best_low": 1.0, "best_fraction": 0.9}, "best_low is at most best_fraction"),
        ({"n_classified": 3}, "n_classified is between 0 and n_subjects"),
        ({"is_blank": True}, "a blank event has no choice"),
        ({"present": False}, "an event that is not blank has a present choice"),
    ],
)
def test_a_broken_rule_is_named(broken, statement):
    finding = consistent({**EVENT, **CHOICE, **broken})
    assert finding.is_error
    assert statement in finding.message


def test_rates_inside_of_their_intervals_are_consistent():
    row = {"n_events": 3, "n_independent": 2, "n_days": 2, "rate_low": 1.0, "rate": 2.0, "rate_high": 3.0}
    assert consistent({**row, "effort_days": 1.0}, name=checks.RATES).passed
    assert not consistent({**row, "effort_days": 0.0}, name=checks.RATES).passed
