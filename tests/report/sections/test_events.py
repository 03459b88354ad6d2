"""Events: what is present, when, and how often."""

from datetime import datetime
from typing import Any

from tests.plots.samples import rows
from zoo_dag.report.parts import Chart, Section
from zoo_dag.report.sections.events import events

TASK = {"workflow_id": 7, "task": "T0", "task_revision": "T0@1.1", "task_label": "What do you **see**?"}


def event(name: str, hour: int | None, choice: str | None, **fields: Any) -> dict[str, Any]:
    start = None if hour is None else datetime(2020, 6, 1, hour, 30)
    is_there = {"choice_id": choice, "present": choice is not None, "is_blank": choice is None, "complete": True}
    return {**TASK, "event_id": name, "deployment": "A", "event_start": start, **is_there, **fields}


def rate(deployment: str, choice: str, n: int | None, days: float = 50) -> dict[str, Any]:
    known = {} if n is None else {"rate": 100 * n / days, "rate_low": 0.0, "rate_high": 400.0}
    return {
        **TASK,
        "deployment": deployment,
        "choice_id": choice,
        "n_independent": n,
        "effort_days": days,
        "effort_source": "deployments",
        **known,
    }


EVENTS = [
    event("1", 4, "deer"),
    event("1", 4, "fox", present=False),
    event("2", 23, "deer", deployment="B", complete=False),
    event("3", 12, None),
    event("4", None, "fox", deployment=None),
    event("5", 5, None, is_blank=None, complete=False),
]


def of(*found: dict[str, Any], rates: Any = ()) -> Section:
    return events(rows("event_consensus", list(found)), rows("deployment_rates", list(rates)))


def charts(section: Section) -> dict[str, list[tuple[Any, ...]]]:
    (group,) = section.parts
    return {part.title: part.numbers.rows() for part in group.parts if isinstance(part, Chart)}


def test_events_by_choice_hour_and_deployment():
    section = of(*EVENTS)
    (group,) = section.parts
    assert group.title == "T0: What do you see?"
    assert group.sentences == (
        "5 events of 2 deployments; 1 is blank (20 %). 1 has no answer. 1 has no time. 2 wait for "
        "classifications: more may be found there.",
    )
    found = charts(section)
    assert found["T0: events by choice"] == [("deer", 2, 0), ("fox", 1, 1)]
    assert {hour: n for hour, n in found["T0: time of day"] if n} == {"04:00": 1, "23:00": 1}
    assert len(found["T0: time of day"]) == 24
    assert found["T0: events by deployment"] == [("A", 1, 1), ("B", 1, 0)]


def test_rates_are_those_of_all_effort_and_the_largest_of_single_deployments():
    of_rates = [rate("A", "deer", 3), rate("B", "deer", 0), rate("A", "fox", 0), rate("B", "fox", None)]
    section = of(*EVENTS, rates=of_rates)
    assert [row[:2] + row[4:] for row in charts(section)["T0: rates"]] == [
        ("deer", 3.0, 3, 100.0),
        ("fox", 0.0, 0, 50.0),
    ]
    (group,) = section.parts
    # Zeros are of no interest one by one.
    assert [row[:3] for row in group.parts[-1].rows.rows()] == [("A", "deer", 6.0)]


def test_choices_of_one_label_do_not_share_their_effort():
    same = {"choice_label": "Deer"}
    of_rates = [rate("A", "deer", 3) | same, rate("A", "fawn", 1) | same]
    section = of(event("1", 4, "deer", **same), event("1", 4, "fawn", **same), rates=of_rates)
    assert [row[:2] for row in charts(section)["T0: rates"]] == [("Deer (deer)", 6.0), ("Deer (fawn)", 2.0)]
    assert charts(section)["T0: events by choice"] == [("Deer (deer)", 1, 0), ("Deer (fawn)", 1, 0)]


def test_deployments_about_which_nobody_answered_are_not_drawn():
    section = of(*EVENTS, event("6", 5, None, deployment="C", is_blank=None))
    assert charts(section)["T0: events by deployment"] == [("A", 1, 1), ("B", 1, 0)]


def test_rates_stand_by_their_revision_also_where_another_one_has_none():
    newer = {**EVENTS[3], "task_revision": "T0@2.1"}
    section = of(EVENTS[0], newer, rates=[rate("A", "deer", 3)])
    assert [group.title for group in section.parts] == [
        "T0@1.1: What do you see?",
        "T0@2.1: What do you see?",
    ]
    drawn = [[part.title for part in group.parts if isinstance(part, Chart)] for group in section.parts]
    assert "T0@1.1: rates" in drawn[0]
    assert drawn[1] == ["T0@2.1: events by deployment"]


def test_long_lists_are_cut_and_say_so():
    many = [event(str(n), 4, f"species {n:02}", deployment=f"camera {n:02}") for n in range(20)]
    section = of(*many)
    (group,) = section.parts
    by_choice, _, by_deployment = group.parts
    assert by_choice.numbers.height == by_deployment.numbers.height == 16
    assert by_choice.description.endswith("The first 16 of 20 choices.")
    assert by_deployment.description.endswith("The first 16 of 20 deployments.")


def test_without_events_there_is_no_section():
    assert of().parts == []
