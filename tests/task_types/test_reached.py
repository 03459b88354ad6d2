"""When the consensus of a subject on a task is reached, and what share left it blank, for all task types."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import answer, question_strings, workflow_row
from tests.builders import question as asked
from tests.task_types.consensus_samples import (
    chosen,
    consensus,
    dropdown_workflow,
    named,
    slid,
    slider_workflow,
    survey_workflow,
    text_workflow,
)
from tests.task_types.drawings.builders import defined, drawing
from tests.task_types.metamorphic import PROPERTY
from tests.task_types.said import CASES
from tests.task_types.samples import NO_WORKFLOWS, flat, one_question
from zoo_dag.settings.results import Agreement
from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.task_types.declaration import TaskType

Row = dict[str, Any]
TYPES = {each.name: each for each in TASK_TYPES}
COLOURS = one_question("Red", "Blue", "Green", kind="multiple")


def summary(task_type: str, answers: list[Row], workflow: Row | None, agreement: Agreement | None = None) -> Row:
    """The columns of task T0 in the summary of a subject, without `T0_`."""
    sampled = flat(*([each] for each in answers), workflows=[workflow] if workflow else NO_WORKFLOWS)
    rows = consensus(TYPES[task_type], sampled)
    (row,) = columns(TYPES[task_type], rows, agreement).to_dicts()
    return {name.removeprefix("T0_"): value for name, value in row.items()}


def columns(task_type: TaskType, rows: pl.DataFrame, agreement: Agreement | None = None) -> pl.DataFrame:
    assert task_type.consensus is not None
    return task_type.consensus.task_columns.named(rows, "T0", agreement or Agreement())


def votes(*values: Any) -> list[Row]:
    return [answer(value=value) for value in values]


def page(*lines: tuple[float, str]) -> Row:
    """Lines of a transcribed page, each with its height and its text."""
    marks = [
        {"x1": 10, "y1": y, "x2": 400, "y2": y, "frame": 0, "toolType": "transcriptionLine", "toolIndex": 0}
        | {"details": [{"value": text}]}
        for y, text in lines
    ]
    return {"task": "T0", "value": marks, "taskType": "transcription"}


NEST = defined({"type": "point", "label": "Nest", "details": []})
HERE = {"tool": 0, "frame": 0, "x": 100, "y": 200, "details": []}
# By the name of the task type: a workflow, an answer, and a blank one; and what stands before `reached`.
ONE_OF_TEN = {
    "question": (one_question("Yes", "No"), answer(value="Yes"), answer(value=None), ""),
    "dropdown": (dropdown_workflow(), chosen("pe", "n"), chosen(None, None), "1_"),
    "survey": (survey_workflow(), named("LION"), named(), ""),
    "text": (text_workflow(), answer(value="a text"), answer(value=""), ""),
    "slider": (slider_workflow(), slid(4), slid(None), ""),
}


@pytest.mark.parametrize("name", ONE_OF_TEN)
def test_one_answer_of_ten_is_no_consensus_and_the_share_of_blanks_shows(name: str) -> None:
    workflow, given_answer, blank, prefix = ONE_OF_TEN[name]
    row = summary(name, [given_answer, *[blank] * 9], workflow)
    assert (row[f"{prefix}n_answered"], row[f"{prefix}fraction_blank"]) == (1, 0.9)
    assert row[f"{prefix}reached"] is False


@pytest.mark.parametrize("name", ONE_OF_TEN)
def test_as_many_answers_as_asked_for_are_enough_whatever_the_number_of_blanks(name: str) -> None:
    workflow, given_answer, blank, prefix = ONE_OF_TEN[name]
    answers = [*[given_answer] * 3, *[blank] * 7]
    assert summary(name, answers, workflow)[f"{prefix}reached"] is True
    assert summary(name, answers, workflow, Agreement(min_classifications=4))[f"{prefix}reached"] is False
    nobody = summary(name, [blank] * 3, workflow)
    assert (nobody[f"{prefix}n_answered"], nobody[f"{prefix}fraction_blank"]) == (0, 1.0)
    assert nobody[f"{prefix}reached"] is False


def test_each_select_is_reached_by_its_own_answers() -> None:
    row = summary("dropdown", [*[chosen("pe", None)] * 2, chosen("pe", "n")], dropdown_workflow())
    assert (row["0_reached"], row["1_reached"]) == (True, False)
    assert (row["0_fraction_blank"], row["1_fraction_blank"]) == (0.0, 2 / 3)


def test_a_slider_is_reached_by_values_that_count_not_by_unreadable_ones() -> None:
    row = summary("slider", [slid(4), slid([4]), slid({"a": 1})], slider_workflow())
    assert (row["n_answered"], row["fraction_blank"], row["reached"]) == (1, 0.0, False)


@pytest.mark.parametrize("empty", [None, []])
def test_volunteers_may_agree_on_none_of_several_answers(empty: Any) -> None:
    row = summary("question", votes(["Red"], *[empty] * 9), COLOURS)
    assert row == {
        "subject_ids": "101",
        "answer": None,
        "fraction": 0.1,
        "agreement": pytest.approx((0.9 + 1 + 1) / 3),
        "n_answered": 10,
        "answer_set": "",
        "fraction_blank": 0.9,
        "reached": True,
    }
    nothing = summary("question", votes(*[empty] * 10), COLOURS)
    assert (nothing["answer"], nothing["answer_set"], nothing["agreement"]) == (None, "", 1.0)
    assert (nothing["fraction"], nothing["fraction_blank"], nothing["reached"]) == (0.0, 1.0, True)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        # How many of ten mark the same point, then the clusters, the share that marked nothing, and reached.
        (0, (0, 1.0, True)),
        (3, (1, 0.7, True)),
        (5, (1, 0.5, False)),
        (6, (1, 0.4, True)),
        (10, (1, 0.0, True)),
    ],
)
def test_volunteers_may_agree_that_there_is_nothing_to_mark(marked: int, expected: tuple[Any, ...]) -> None:
    row = summary("drawing", [*[drawing([HERE])] * marked, *[drawing([])] * (10 - marked)], NEST)
    assert (row["marks"], row["fraction_blank"], row["reached"]) == expected
    few = summary("drawing", [drawing([])] * 2, NEST)
    assert (few["fraction_blank"], few["reached"]) == (1.0, False)


def test_marks_that_nobody_can_read_are_not_nothing() -> None:
    row = summary("drawing", [drawing([{"tool": 0, "x": "left"}])] * 10, NEST)
    assert (row["fraction_blank"], row["reached"]) == (0.0, False)


def test_a_page_is_reached_where_each_line_has_enough_readers_or_all_find_it_empty() -> None:
    both, first = page((10, "Dear Sir"), (90, "Yours")), page((10, "Dear Sir"))
    row = summary("text", [both, both, both, page()], None)
    assert (row["text"], row["n_answered"], row["reached"]) == ("Dear Sir\nYours", 3, True)
    row = summary("text", [first, first, both], None)
    assert (row["agreement"], row["n_answered"], row["reached"]) == (1.0, 1, False)
    empty = summary("text", [page()] * 4, None)
    assert (empty["text"], empty["n_answered"], empty["agreement"]) == (None, 0, 1.0)
    assert (empty["fraction_blank"], empty["reached"]) == (1.0, True)
    assert summary("text", [page()] * 2, None)["reached"] is False


def test_ties_show_for_every_task_type() -> None:
    assert summary("question", votes("No", "Yes"), one_question("Yes", "No"))["answer"] == "Yes; No"
    assert summary("dropdown", [chosen("pe"), chosen("cl")], dropdown_workflow())["0_answer"] == "Chile; Peru"
    survey = summary("survey", [named("LION"), named("ZEBRA")], survey_workflow())
    assert (survey["choices"], survey["fraction"], survey["reached"]) == ("Zebra; Lion", 0.5, False)
    three = summary("survey", [named("LION"), named("NOTHINGHERE"), named("ANTELOPE")], survey_workflow())
    assert (three["choices"], three["is_blank"]) == ("Lion; Antelope", False)
    several = summary("question", votes(["Red"], ["Blue"]), COLOURS)
    assert (several["answer"], several["fraction"], several["answer_set"]) == (None, 0.5, "Blue | Red")


@pytest.mark.parametrize(
    ("n_clicked", "expected"),
    [(1, (None, 0.05, True)), (19, ("Nothing here", 0.95, True)), (10, (None, 0.5, False))],
)
def test_a_shortcut_is_decided_by_all_who_saw_its_page(n_clicked: int, expected: tuple[Any, ...]) -> None:
    workflow = workflow_row(
        tasks={"T4": asked(unlinkedTask="T0"), "T0": asked("T0", answers=1, kind="shortcut")},
        strings=question_strings("T4") | question_strings("T0", "Shortcut", ["Nothing here"]),
    )
    clicked = [answer("T4", None), answer("T0", ["Nothing here"], None)]
    sampled = flat(*[clicked] * n_clicked, *[[answer("T4")]] * (20 - n_clicked), workflows=[workflow])
    (row,) = columns(TYPES["question"], consensus(TYPES["question"], sampled).filter(task="T0")).to_dicts()
    assert (row["T0_answer"], row["T0_fraction"], row["T0_reached"]) == expected
    assert row["T0_agreement"] == pytest.approx(max(n_clicked, 20 - n_clicked) / 20)


def test_whether_several_answers_are_allowed_is_decided_by_the_task_not_by_other_subjects() -> None:
    # Nobody ticks two: a single question would have a winner, and this one has none with more than half.
    given_answers = votes(*[["Red"]] * 4, *[["Blue"]] * 3, *[["Green"]] * 3)
    row = summary("question", given_answers, COLOURS)
    assert (row["answer"], row["answer_set"]) == (None, "Red")
    assert row["agreement"] == pytest.approx((0.6 + 0.7 + 0.7) / 3)
    assert summary("question", votes(["Red", "Blue"], ["Red"], ["Red"]), COLOURS)["answer"] == "Red"
    assert "answer_set" not in summary("question", votes("Yes"), one_question("Yes", "No"))


def test_each_choice_that_is_listed_has_its_count_and_its_answers() -> None:
    lion = {"HOWMANY": "1150", "WHATDOING": ["RESTING", "EATING"]}
    answers = [
        named(("LION", lion), "ZEBRA"),
        named(("LION", {"HOWMANY": "1150", "WHATDOING": ["EATING"]}), "ZEBRA"),
        named(("ZEBRA", {"HOWMANY": "2"}), "NOTHINGHERE"),
    ]
    row = summary("survey", answers, survey_workflow())
    assert row["choices"] == "Zebra; Lion"
    assert row["counts"] == "2; 11-50"
    assert row["answers"] == "How many? 2 (1); What are they doing? Resting (1), Eating (2) | How many? 11-50 (2)"
    without = summary("survey", [named(("LION", {"HOWMANY": "2"}), "ZEBRA")], survey_workflow())
    assert (without["choices"], without["counts"], without["answers"]) == (
        "Zebra; Lion",
        "-; 2",
        "-; How many? 2 (1)",
    )
    none = summary("survey", [named("LION")], survey_workflow())
    assert (none["counts"], none["answers"]) == (None, None)


def test_choices_that_tie_with_the_last_listed_one_are_listed_and_rarer_ones_are_not() -> None:
    answers = [named("LION", "ZEBRA"), named("LION", "ANTELOPE"), named("LION"), named("LION", "NOTHINGHERE")]
    assert summary("survey", answers, survey_workflow())["choices"] == "Lion; Zebra; Antelope"
    assert summary("survey", [*answers, named("NOTHINGHERE")], survey_workflow())["choices"] == (
        "Lion; Zebra; Antelope"
    )
    assert (
        summary("survey", [named("LION"), named("LION"), named("ZEBRA")], survey_workflow())["choices"] == "Lion"
    )


def test_two_blank_choices_say_the_same() -> None:
    workflow = survey_workflow(choices={"LION": "Lion", "NTHNGHR": "Nothing here", "EMPTY": "Empty"})
    answers = [*[named("NTHNGHR")] * 4, *[named("EMPTY")] * 4, *[named("LION")] * 2]
    row = summary("survey", answers, workflow)
    assert (row["choices"], row["is_blank"], row["fraction"]) == ("Nothing here; Empty", True, 0.4)
    assert (row["fraction_blank"], row["reached"]) == (0.8, True)
    half = summary("survey", [*[named("NTHNGHR")] * 5, *[named("LION")] * 5], workflow)
    assert (half["choices"], half["is_blank"], half["reached"]) == ("Nothing here", True, False)


def test_how_many_animals_are_listed_does_not_depend_on_those_who_saw_nothing() -> None:
    both, nothing = named("LION", "ZEBRA"), named("NOTHINGHERE")
    for blanks in (0, 2, 4):
        row = summary("survey", [*[both] * 5, *[nothing] * blanks], survey_workflow())
        assert (row["choices"], row["is_blank"]) == ("Zebra; Lion", False)
    row = summary("survey", [*[nothing] * 4, *[named("LION")] * 3, *[named("ZEBRA")] * 3], survey_workflow())
    assert (row["choices"], row["fraction"], row["is_blank"]) == ("Zebra; Lion", 0.3, False)
    beside = summary("survey", [named("LION", "NOTHINGHERE")] * 3, survey_workflow())
    assert (beside["choices"], beside["fraction_blank"], beside["reached"]) == ("Lion", 0.0, True)


def test_each_question_that_counts_has_its_own_column_in_the_order_of_the_choices() -> None:
    number = {"1": "1", "2": "2", "UNSURE": "Unsure"}
    questions = {"YOUNG": ("How many young?", number), "ADULTS": ("Adults", number)}
    answers = [
        named(("LION", {"ADULTS": "1", "YOUNG": "2"}), ("ZEBRA", {"ADULTS": "2", "YOUNG": "UNSURE"})),
        named(("LION", {"ADULTS": "1", "YOUNG": "UNSURE"}), "ZEBRA"),
    ]
    row = summary("survey", answers, survey_workflow(questions))
    assert (row["choices"], row["counts_ADULTS"], row["counts_YOUNG"]) == ("Zebra; Lion", "2; 1", "-; 2")
    assert "counts" not in row
    adults = [named(("LION", {"ADULTS": "1"}), ("ZEBRA", {"ADULTS": "2"}))]
    assert summary("survey", adults, survey_workflow({"ADULTS": questions["ADULTS"]}))["counts"] == "2; 1"


def test_the_number_of_sliders_that_nobody_moved_stands_beside_their_median() -> None:
    row = summary("slider", [*[slid("5")] * 6, slid(5), slid(1), slid(2), slid(3)], slider_workflow())
    assert (row["untouched"], row["n_answered"], row["median"]) == (6, 10, 5.0)


def test_a_page_whose_lines_were_each_read_by_another_person_is_not_reached() -> None:
    pages = [page((10 + 80 * place, f"Line {place}")) for place in range(5)]
    row = summary("text", pages, None)
    assert (row["text"].count("\n"), row["n_answered"], row["reached"]) == (4, 1, False)


# Of these, nothing is an answer as well, or the text says what is reached.
_OTHERS = ("drawing", "highlight", "text, corrections")


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith(_OTHERS)])
@PROPERTY
@given(st.data(), st.integers(1, 5))
def test_what_is_reached_has_enough_answers_and_a_share_of_blanks(
    name: str, data: st.DataObject, least: int
) -> None:
    case, task_type = CASES[name], TYPES[name.partition(",")[0]]
    found = case.check.of(data.draw(case.rows)).filter(task="T0")
    if found.is_empty():
        return
    for row in columns(task_type, found, Agreement(min_classifications=least)).to_dicts():
        for prefix in ("T0_0_", "T0_1_") if name == "dropdown" else ("T0_",):
            if row.get(f"{prefix}reached") is None:
                continue
            assert not row[f"{prefix}reached"] or row[f"{prefix}n_answered"] >= least
            assert 0 <= row[f"{prefix}fraction_blank"] <= 1
