"""Plots of events: a bar for each choice of each task."""

from typing import Any

from tests.plots.samples import caption, image, nothing, rows, texts
from zoo_dag.plots.events import present, rates


def rate(deployment: str, choice: str, n: int, task: str = "T0", label: str | None = None) -> dict[str, Any]:
    of_task = {"task": task, "task_revision": f"{task}@1.1"}
    return {
        **of_task,
        "deployment": deployment,
        "choice_id": choice,
        "choice_label": label,
        "n_independent": n,
        "effort_days": 50.0,
    }


def event(name: str, choice: str, task: str = "T0") -> dict[str, Any]:
    of_task = {"task": task, "task_revision": f"{task}@1.1"}
    return {**of_task, "event_id": name, "choice_id": choice, "present": True, "is_blank": False}


def bars(markdown: str, *choices: str) -> list[str]:
    return [text for text in texts(image(markdown)) if any(choice in text for choice in choices)]


def test_rates_are_over_all_deployments():
    plot = rates(rows("deployment_rates", [rate("A", "deer", 3), rate("B", "deer", 0)]), nothing)["rates"]
    assert bars(plot, "deer") == ["deer 3"]
    assert "2 deployments together" in caption(plot)


def test_choices_of_one_label_do_not_share_their_effort():
    found = [rate("A", "deer", 3, label="Deer"), rate("A", "fawn", 1, label="Deer")]
    plot = rates(rows("deployment_rates", found), nothing)["rates"]
    assert bars(plot, "Deer") == ["Deer (deer) 6", "Deer (fawn) 2"]


def test_a_choice_of_two_tasks_has_two_bars():
    found = [rate("A", "deer", 3), rate("A", "deer", 1, "T1")]
    plot = rates(rows("deployment_rates", found), nothing)["rates"]
    assert bars(plot, "deer") == ["T0: deer 6", "T1: deer 2"]
    assert "1 deployment together" in caption(plot)
    of_events = [event("1", "deer"), event("2", "deer"), event("1", "deer", "T1")]
    plot = present(rows("event_consensus", of_events), nothing)["events by choice"]
    assert bars(plot, "deer") == ["T0: deer 2", "T1: deer 1"]
