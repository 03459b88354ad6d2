"""Answers on a branch that the volunteer left: found along the path of the answers, where that is certain."""

from typing import Any

import pytest

from tests.builders import answer, question, workflow_row
from tests.task_types.samples import NO_WORKFLOWS, flat

LABELS = {"T0": ("Featured", "Smooth"), "T1": ("Bar", "No bar"), "T2": ("Round", "Flat"), "T3": ("Odd", "Normal")}


def branching(task: str, *following: str | None, **overrides: Any) -> dict[str, Any]:
    """A question whose answers lead to these tasks."""
    answers = [
        {"label": label} | ({"next": task} if task else {})
        for label, task in zip(LABELS[task], following, strict=True)
    ]
    return question(task) | {"answers": answers, "question": "?"} | overrides


TREE = {
    "T0": branching("T0", "T1", "T2"),
    "T1": branching("T1", "T3", "T3"),
    "T2": branching("T2", "T3", None),
    "T3": branching("T3", None, None),
    "T9": {"type": "text", "instruction": "Notes"},
}


def left(given: list[Any], tasks: dict[str, Any], **workflow: Any) -> list[str]:
    """The tasks of an annotation that are excluded."""
    definition = workflow_row(**{"tasks": tasks, "strings": {}, "first_task": "T0", **workflow})
    tables = flat(given, workflows=[definition]).tables
    rows = [
        row
        for name in ("question_annotations", "text_annotations", "drawing_annotations")
        for row in tables[name].select("task", "excluded").unique().rows()
    ]
    assert {reason for _, reason in rows} <= {None, "left_branch"}
    return sorted(task for task, reason in rows if reason)


def answers(**values: Any) -> list[dict[str, Any]]:
    return [answer(task, value, "?") for task, value in values.items()]


NOTES = {"task": "T9", "value": "hm", "task_label": "Notes"}


@pytest.mark.parametrize(
    ("given", "tasks"),
    [
        (answers(T0="Featured", T1="Bar", T3="Odd"), []),
        (answers(T0="Smooth", T1="Bar", T2="Round", T3="Odd"), ["T1"]),
        (answers(T0="Featured", T2="Round", T1="Bar", T3="Odd"), ["T2"]),
        # Where branches join, and a task that no other leads to.
        ([*answers(T0="Smooth", T1="Bar", T2="Round", T3="Odd"), NOTES], ["T1"]),
        # T2 ends the path, so that T3 was left as well.
        (answers(T0="Smooth", T1="Bar", T2="Flat", T3="Odd"), ["T1", "T3"]),
        # The server did not label every answer.
        (answers(T0=1, T1="Bar", T2="Flat"), ["T1"]),
        # A task that was done again may lead either way.
        ([*answers(T0="Smooth", T1="Bar", T2="Flat"), answer("T0", "Featured", "?"), *answers(T3="Odd")], []),
    ],
)
def test_what_is_not_on_the_path_was_left(given: list[Any], tasks: list[str]) -> None:
    assert left(given, TREE) == tasks


@pytest.mark.parametrize(
    "given",
    [
        answers(T0=None, T1="Bar", T2="Round"),
        answers(T0="unknown answer label", T1="Bar", T2="Round"),
        answers(T0="Else", T1="Bar", T2="Round"),
        answers(T1="Bar", T2="Round"),
        answers(T0="Smooth", T1="Bar", T3="Odd"),
    ],
    ids=["blank", "lost", "unknown", "first is missing", "missing on the way"],
)
def test_everything_counts_where_the_path_is_not_certain(given: list[Any]) -> None:
    assert left(given, TREE) == []


LEFT_OVER = answers(T0="Smooth", T1="Bar", T2="Flat")


@pytest.mark.parametrize(
    ("tasks", "workflow"),
    [
        (TREE, {"first_task": None}),
        (TREE, {"first_task": "T7"}),
        (TREE, {"minor_version": 9}),
        (TREE | {"T0": branching("T0", "T1", "S2")}, {}),
        ({task: branching(task, None, None) for task in LABELS}, {}),
        (TREE | {"T0": branching("T0", "T1", "T2", answers=[{"label": "Smooth"}] * 2)}, {}),
    ],
    ids=["no first task", "first task unknown", "another version", "a step", "no next", "equal labels"],
)
def test_everything_counts_where_the_definition_does_not_say_the_way(
    tasks: dict[str, Any], workflow: dict[str, Any]
) -> None:
    assert left(LEFT_OVER, TREE) == ["T1"]
    assert left(LEFT_OVER, tasks, **workflow) == []


def test_without_a_workflows_export_everything_counts() -> None:
    rows = flat(LEFT_OVER, workflows=NO_WORKFLOWS).questions
    assert rows["excluded"].to_list() == [None, None, None]


def test_a_clicked_shortcut_makes_the_path_uncertain() -> None:
    shortcut = {"type": "shortcut", "answers": [{"label": "Fire"}]}
    tasks = TREE | {"T0": branching("T0", "T1", "T2", unlinkedTask="T5"), "T5": shortcut}
    assert left(LEFT_OVER, tasks) == ["T1"]
    assert left([*LEFT_OVER, answer("T5", ["Fire"], None)], tasks) == []


COMBO = TREE | {"T0": branching("T0", "T8", "T2"), "T8": {"type": "combo", "tasks": ["T1", "T9"], "next": "T3"}}


@pytest.mark.parametrize("generation", ["first", "second"])
def test_the_children_of_a_combo_are_left_with_it(generation: str) -> None:
    children = [*answers(T1="Bar"), NOTES]
    combo = [{"task": "T8", "task_label": None, "value": children}] if generation == "first" else children
    assert left([*answers(T0="Smooth"), *combo, *answers(T2="Flat")], COMBO) == ["T1", "T9"]
    assert left([*answers(T0="Featured"), *combo, *answers(T3="Odd", T2="Flat")], COMBO) == ["T2"]


def test_marks_on_a_branch_that_was_left_do_not_count() -> None:
    drawing = {"type": "drawing", "instruction": "Mark", "tools": [{"type": "point", "label": "Bar"}]}
    marks = {"task": "T1", "task_label": "Mark", "value": [{"x": 1, "y": 1, "tool": 0, "frame": 0}]}
    given = [*answers(T0="Smooth"), marks, *answers(T2="Flat")]
    assert left(given, TREE | {"T1": drawing | {"next": "T3"}}) == ["T1"]


def test_left_answers_have_no_vote_and_unbalance_nothing() -> None:
    given = flat(LEFT_OVER, answers(T0="Featured", T1="No bar", T3="Odd"), workflows=[
        workflow_row(tasks=TREE, strings={}, first_task="T0")])  # fmt: skip
    votes = given.consensus().filter(task="T1").select("answer", "votes", "n_classifications").rows()
    assert votes == [("No bar", 1, 1)]
