"""Plots of a consensus of votes."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.plots.samples import LABELS, caption, image, nothing, others, question, rows, texts
from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import of_votes, winners
from zoo_dag.wording.markdown import shown_at_once


def shown(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """What is shown of a consensus table of questions."""
    return of_votes(winners(consensus, pl.col("answer"), pl.col("agreement")), other)


FOXES = [question(1, "Fox", 0.6), question(2, "Fox", 1.0), question(3, "Deer", 0.8)]


def test_every_answered_subject_and_task_has_an_agreement():
    second = question(1, "Deer", 0.4, rank=2)
    nobody = question(4, None, 0, rank=None, agreement=None, n_answered=0)
    found = shown(rows("question_consensus", [*FOXES, second, nobody]), nothing)
    assert caption(found["agreement"]) == (
        "Agreement on 3 pairs of subject and task, from 0 to 1: mean 0.80, least 0.60."
    )
    assert texts(image(found["agreement"])) == ["T0 What is it?", "0", "1"]


def test_what_wins_most_often_stands_first_and_ties_are_left_out():
    tie = question(5, "Hare", 0.5, tied=True)
    found = shown(rows("question_consensus", [*FOXES, tie]), nothing)
    assert texts(image(found["most frequent"])) == ["2 Fox", "1 Deer"]
    assert caption(found["most frequent"]) == "Subjects by what has most votes; 1 without a clear winner."


def test_tasks_are_named_by_their_keys():
    found = shown(rows("question_consensus", [*FOXES, question(1, "Eating", 1.0, "T1")]), nothing)
    assert texts(image(found["agreement"]))[:2] == ["T0 What is it?", "T1 What is it?"]
    assert texts(image(found["most frequent"])) == ["2 T0 Fox", "1 T0 Deer", "1 T1 Eating"]


def test_a_task_with_several_revisions_is_named_by_revision():
    newer = question(9, "Fox", 0.9, task_revision="T0@4.1", workflow_id=5)
    found = shown(rows("pooled_question_consensus", [*FOXES, newer]), nothing)
    assert texts(image(found["agreement"]))[:2] == ["T0@1.1 What is it?", "T0@4.1 What is it?"]


def test_a_task_in_several_combos_is_named_with_its_combo():
    several = [question(number, "Fox", 0.9, parent_task=combo) for number, combo in enumerate(("A", "B", None))]
    found = shown(rows("question_consensus", several), nothing)
    assert texts(image(found["agreement"]))[:3] == ["A.T0 What is it?", "B.T0 What is it?", "T0 What is it?"]


def test_sample_subjects_lead_to_their_images():
    subjects = rows("subjects", [{"subject_id": 1, "locations": ["https://example.org/1.jpg"]}])
    found = shown(rows("question_consensus", FOXES), others(subjects=subjects))
    assert "- [1](https://example.org/1.jpg): `T0`, `Fox`, 60 % of 10" in found["example subjects"]


def test_many_tasks_are_drawn_as_far_as_there_is_room():
    many = [
        question(subject, "Fox", 0.05 * (subject % 20), f"T{task}") for task in range(12) for subject in range(20)
    ]
    found = shown(rows("question_consensus", many), nothing)
    assert shown_at_once(found["agreement"])
    drawn = len(texts(image(found["agreement"]))) - 2
    assert caption(found["agreement"]).endswith(f" {12 - drawn} more are not drawn.")
    assert drawn >= 4


@given(st.lists(st.tuples(LABELS, LABELS, LABELS, st.floats(0, 1)), min_size=1, max_size=15))
def test_any_labels_give_texts_that_are_shown_at_once(found):
    consensus = [
        question(number, answer, share, task, task_label=label)
        for number, (answer, task, label, share) in enumerate(found)
    ]
    plots = shown(rows("question_consensus", consensus), nothing)
    assert {"agreement", "most frequent", "example subjects"} == set(plots)
    assert all(map(shown_at_once, plots.values()))
    for name in ("agreement", "most frequent"):
        assert image(plots[name]).tag.endswith("svg")
