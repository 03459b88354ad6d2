"""Plots of consensus tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plots.samples import LABELS, caption, image, nothing, others, paths, rows, texts
from zoo_dag.plots import agreement
from zoo_dag.tables import TABLES
from zoo_dag.wording.markdown import shown_at_once


def question(subject: int, answer: str | None, share: float, task: str = "T0", **columns: object) -> dict:
    """The first answer of a subject."""
    return {
        "subject_id": subject,
        "subject_ids": str(subject),
        "task": task,
        "task_revision": f"{task}@1.1",
        "task_label": "What is it?",
        "answer": answer,
        "votes": 10 * share,
        "agreement": share,
        "fraction": share,
        "rank": 1,
        "tied": False,
        "n_answered": 10,
    } | columns


FOXES = [question(1, "Fox", 0.6), question(2, "Fox", 1.0), question(3, "Deer", 0.8)]


def test_agreement_is_told_for_every_subject_and_task_that_was_answered():
    second = question(1, "Deer", 0.4, rank=2)
    nobody = question(4, None, 0, rank=None, agreement=None, n_answered=0)
    found = agreement.questions(rows("question_consensus", [*FOXES, second, nobody]), nothing)
    assert caption(found["agreement"]) == (
        "Agreement on 3 pairs of subject and task, from 0 to 1: mean 0.80, least 0.60."
    )
    assert texts(image(found["agreement"])) == ["T0 What is it?", "0", "1"]


def test_what_wins_most_often_stands_first_and_ties_are_left_out():
    tie = question(5, "Hare", 0.5, tied=True)
    found = agreement.questions(rows("question_consensus", [*FOXES, tie]), nothing)
    assert texts(image(found["most frequent"])) == ["2 Fox", "1 Deer"]
    assert caption(found["most frequent"]) == "Subjects by what has most votes; 1 without a clear winner."


def test_tasks_are_told_apart_by_their_keys():
    found = agreement.questions(rows("question_consensus", [*FOXES, question(1, "Eating", 1.0, "T1")]), nothing)
    assert texts(image(found["agreement"]))[:2] == ["T0 What is it?", "T1 What is it?"]
    assert texts(image(found["most frequent"])) == ["2 T0 Fox", "1 T0 Deer", "1 T1 Eating"]


def test_revisions_of_a_task_are_told_apart_where_there_are_several():
    newer = question(9, "Fox", 0.9, task_revision="T0@4.1", workflow_id=5)
    found = agreement.questions(rows("pooled_question_consensus", [*FOXES, newer]), nothing)
    assert texts(image(found["agreement"]))[:2] == ["T0@1.1 What is it?", "T0@4.1 What is it?"]


def test_sample_subjects_lead_to_their_images():
    subjects = rows("subjects", [{"subject_id": 1, "locations": ["https://example.org/1.jpg"]}])
    found = agreement.questions(rows("question_consensus", FOXES), others(subjects=subjects))
    assert "- [1](https://example.org/1.jpg): `T0`, `Fox`, 60 % of 10" in found["example subjects"]


def test_many_tasks_are_drawn_as_far_as_there_is_room():
    many = [
        question(subject, "Fox", 0.05 * (subject % 20), f"T{task}") for task in range(12) for subject in range(20)
    ]
    found = agreement.questions(rows("question_consensus", many), nothing)
    assert shown_at_once(found["agreement"])
    drawn = len(texts(image(found["agreement"]))) - 2
    assert caption(found["agreement"]).endswith(f" {12 - drawn} more are not drawn.")
    assert drawn >= 4


def test_selects_are_tasks_of_their_own():
    select = {"select_index": 0, "select_label": "Sky", "option_label": "Rain"}
    found = agreement.dropdowns(
        rows("dropdown_consensus", [question(1, None, 0.7, **select) | {"answer": None}]), nothing
    )
    assert texts(image(found["agreement"]))[0] == "T0 Sky"
    assert texts(image(found["most frequent"])) == ["1 Rain"]


def test_of_surveys_the_share_is_of_those_who_named_anything():
    choice = {"choice_id": "FX", "choice_label": "Fox", "votes": 6, "n_answered": 8, "n_classifications": 12}
    known = TABLES["survey_consensus"].dtypes
    base = {name: value for name, value in question(1, None, 0).items() if name in known}
    found = agreement.surveys(rows("survey_consensus", [base | choice]), nothing)
    assert "mean 0.75" in caption(found["agreement"])
    assert texts(image(found["most frequent"])) == ["1 Fox"]


def test_lines_of_a_page_count_one_by_one():
    lines = [
        {
            "subject_id": 1,
            "task": "T2",
            "task_revision": "T2@1.1",
            "line_index": line,
            "text": "Dear Sir",
            "agreement": share,
            "n_answered": 5,
        }
        for line, share in enumerate((0.5, 1.0))
    ]
    blank = {"subject_id": 2, "task": "T2", "task_revision": "T2@1.1", "n_answered": 0}
    found = agreement.texts(rows("text_consensus", [*lines, blank]), nothing)
    assert caption(found["agreement"]).startswith("Agreement on 2 pairs")
    assert "- 1: `T2`, `Dear Sir`, 50 % of 5" in found["example subjects"]


def test_each_slider_is_drawn_over_its_own_range():
    means = [("T6", 6.0), ("T6", 78.0), ("T7", 5.0)]
    found = agreement.sliders(
        rows("slider_consensus", [{"task": task, "task_revision": task, "mean": mean} for task, mean in means]),
        nothing,
    )
    assert caption(found["means"]).endswith("T6 6 to 78; T7 5 to 5.")
    assert paths(image(found["means"])) == ["M150 28V4h14v24h242V4h14v24M150 58V34h14v24"]


@pytest.mark.parametrize(
    ("show", "table"),
    [
        (agreement.questions, "question_consensus"),
        (agreement.dropdowns, "dropdown_consensus"),
        (agreement.surveys, "pooled_survey_consensus"),
        (agreement.texts, "text_consensus"),
        (agreement.sliders, "pooled_slider_consensus"),
    ],
)
def test_an_empty_table_shows_nothing(show, table):
    assert show(rows(table, []), nothing) == {}


@given(st.lists(st.tuples(LABELS, LABELS, LABELS, st.floats(0, 1)), min_size=1, max_size=15))
def test_any_labels_give_texts_that_are_shown_at_once(found):
    consensus = [
        question(number, answer, share, task, task_label=label)
        for number, (answer, task, label, share) in enumerate(found)
    ]
    shown = agreement.questions(rows("question_consensus", consensus), nothing)
    assert {"agreement", "most frequent", "example subjects"} == set(shown)
    assert all(map(shown_at_once, shown.values()))
    for name in ("agreement", "most frequent"):
        assert image(shown[name]).tag.endswith("svg")
