"""The rules for the numbers of every consensus table, and the message where one is broken."""

import math

import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks import consensus, pooled
from zoo_dag.task_types.catalogue import consensus_types

UNIT = {
    "workflow_id": 10, "workflow_version": "3.2", "task": "T0", "task_revision": "T0@3.2", "subject_id": 1,
    "subject_ids": "1", "n_classifications": 4, "n_blank": 1, "n_volunteers": 3, "n_seen": 5, "asked": 0.8,
    "n_anonymous": 1, "n_after_retirement": 1,
}  # fmt: skip
VOTES = {
    "votes": 2, "n_answered": 3, "fraction": 2 / 3, "fraction_of_all": 0.5, "fraction_low": 0.2,
    "fraction_high": 0.9, "rank": 1, "tied": False, "entropy": 0.9, "agreement": 2 / 3,
}  # fmt: skip
MEASURES = {
    "question_consensus": VOTES | {"answer": "Yes"},
    "dropdown_consensus": VOTES | {"select_index": 0},
    "survey_consensus": {
        "choice_id": "LION", "votes": 2, "n_answered": 3, "fraction_of_all": 0.5, "fraction_low": 0.2,
        "fraction_high": 0.9, "rank": 1, "evenness": 0.5, "n_choices": 1.0,
        "answers": [{"question_id": "HOWMANY", "answer_id": "1", "votes": 2, "fraction": 1.0}],
    },
    "slider_consensus": {
        "min": 0.1, "q25": 0.2, "median": 0.3, "q75": 0.3, "max": 0.9, "mean": 0.4, "std": 0.1, "mean_low": -0.2,
        "mean_high": 1.2, "n_answered": 3, "n_untouched": 1,
    },
    "text_consensus": {
        "text": "a", "n_answered": 3, "agreement": 1.0, "tokens": [{"token": "a", "votes": 3, "n": 3}],
    },
    "drawing_consensus": {
        "n_marks": 4, "n_members": 3, "detection": 0.75, "iou": 0.8,
        "details": [{"detail_index": 0, "votes": 2, "fraction": 0.5}],
    },
    "contour_consensus": {"n_members": 3, "k": 2, "share": 2 / 3, "k_detection": 0.5, "area": 90.0},
    "mark_counts": {
        "n_none": 1, "min": 0, "q25": 0.75, "median": 1.0, "q75": 1.5, "max": 3, "mean": 1.25, "mode": 1,
        "std": 1.26,
    },
    "highlight_consensus": {
        "start": 3, "end": 9, "n_marks": 4, "n_members": 3, "n_any_label": 3, "detection": 0.75,
        "detection_low": 0.3, "detection_high": 0.95, "iou": 0.8,
    },
    "correction_consensus": {
        "start": 3, "end": 3, "votes": 2, "n_answered": 3, "n_changed": 3, "fraction": 2 / 3, "fraction_low": 0.2,
        "fraction_high": 0.9,
    },
}  # fmt: skip
TYPES = {each.table: each for each in consensus_types()}
ANSWER = {
    "classification_id": 1,
    "workflow_version": "3.2",
    "task": "T0",
    "task_revision": "T0@3.2",
    "subject_ids": "1",
    "status": "answered",
}


def evaluate(name: str, *rows: dict, answers: tuple[dict, ...] = (ANSWER,)):
    source = TYPES[name].sources[0]
    tables = {name: table(name, *rows), source: table(source, *answers)}
    return consensus.is_consistent(TYPES[name])(check_input("10-v3.2", **tables))


def test_every_consensus_table_is_tested():
    assert set(MEASURES) == set(TYPES)


@pytest.mark.parametrize("name", MEASURES)
def test_consistent_numbers_pass(name):
    finding = evaluate(name, UNIT | MEASURES[name])
    assert finding.message == "All rules hold in 1 row, and no answered subject is missing."
    assert finding.passed


BROKEN = [
    (
        "question_consensus",
        {"fraction": 1.5, "agreement": 1.5, "fraction_high": 1.5},
        "fraction is between 0 and 1",
    ),
    ("question_consensus", {"fraction": math.nan}, "fraction is between 0 and 1"),
    ("question_consensus", {"fraction_low": 0.7}, "fraction_low is at most fraction"),
    ("question_consensus", {"fraction_high": 0.5}, "fraction is at most fraction_high"),
    ("question_consensus", {"votes": 4}, "votes is between 0 and n_answered"),
    ("question_consensus", {"votes": -1}, "votes is between 0 and n_answered"),
    ("question_consensus", {"n_answered": 5}, "n_answered is between 0 and n_classifications"),
    ("question_consensus", {"n_blank": 5}, "n_blank is between 0 and n_classifications"),
    ("question_consensus", {"n_volunteers": 5}, "n_volunteers is between 0 and n_classifications"),
    ("question_consensus", {"n_anonymous": 5}, "n_anonymous is between 0 and n_classifications"),
    ("question_consensus", {"n_after_retirement": -1}, "n_after_retirement is between 0 and n_classifications"),
    ("question_consensus", {"n_seen": 3, "asked": 4 / 3}, "n_classifications is between 0 and n_seen"),
    ("question_consensus", {"asked": 0.75}, "asked is n_classifications / n_seen"),
    ("question_consensus", {"agreement": 0.1}, "fraction is at most agreement"),
    ("question_consensus", {"entropy": -0.1}, "entropy is between 0 and 1"),
    ("question_consensus", {"rank": 0}, "rank is 1 or more"),
    ("question_consensus", {"n_classifications": 0}, "a subject and task was classified"),
    ("dropdown_consensus", {"fraction_of_all": 0.9}, "fraction_of_all is at most fraction"),
    ("survey_consensus", {"evenness": 1.1}, "evenness is between 0 and 1"),
    ("survey_consensus", {"fraction_of_all": 0.95}, "fraction_of_all is at most fraction_high"),
    ("survey_consensus", {"answers": [{"fraction": 0.1}, {"fraction": 1.2}]}, "in answers, fraction is between"),
    ("slider_consensus", {"median": 0.95}, "median is at most q75"),
    ("slider_consensus", {"mean": 1.0}, "mean is at most max"),
    ("slider_consensus", {"mean_low": 0.5}, "mean_low is at most mean"),
    ("slider_consensus", {"std": -1.0}, "std is not negative"),
    ("text_consensus", {"agreement": 2.0}, "agreement is between 0 and 1"),
    ("text_consensus", {"tokens": [{"votes": 4, "n": 3}]}, "in tokens, votes are at most n"),
    ("drawing_consensus", {"detection": 1.25}, "detection is between 0 and 1"),
    ("drawing_consensus", {"n_members": 4, "n_marks": 3}, "n_members is between 0 and n_marks"),
    ("drawing_consensus", {"n_members": 4}, "n_members is between 0 and n_volunteers"),
    ("drawing_consensus", {"iou": -0.5}, "iou is between 0 and 1"),
    ("contour_consensus", {"k_detection": 0.9}, "k_detection is at most share"),
    ("contour_consensus", {"area": -1.0}, "area is not negative"),
    ("mark_counts", {"n_none": 5}, "n_none is between 0 and n_classifications"),
    ("mark_counts", {"median": 1.75}, "median is at most q75"),
    ("mark_counts", {"mean": 3.5}, "mean is at most max"),
    ("mark_counts", {"mode": 4}, "mode is at most max"),
    ("mark_counts", {"min": -1}, "min is not negative"),
    ("mark_counts", {"std": -1.0}, "std is not negative"),
]


@pytest.mark.parametrize(("name", "wrong", "statement"), BROKEN)
def test_a_wrong_number_is_an_error_that_names_the_rule_and_shows_the_row(name, wrong, statement):
    good = UNIT | MEASURES[name]
    finding = evaluate(name, good, good | wrong | {"subject_ids": "2"})
    assert (finding.passed, finding.is_error) == (False, True)
    assert statement in finding.message
    assert "false in 1 row" in finding.message
    assert "please report it" in finding.advice
    assert finding.examples["subject_ids"].to_list() == ["2"]


@pytest.mark.parametrize("name", MEASURES)
def test_nulls_break_no_rule(name):
    """Nobody answered: a unit keeps a row, in which nothing is measured."""
    assert evaluate(name, UNIT).passed


def test_transcribed_lines_must_be_in_the_text_consensus_as_well():
    """Only transcription tools of drawings have text; other marks have none."""
    line = ANSWER | {
        "subject_ids": "2",
        "task": "T1",
        "task_type": "transcription",
        "tool_type": "transcriptionLine",
    }
    mark = ANSWER | {"subject_ids": "3", "task": "T2", "task_type": "drawing", "tool_type": "point"}
    tables = {
        "text_consensus": table("text_consensus", UNIT | MEASURES["text_consensus"]),
        "text_annotations": table("text_annotations", ANSWER),
        "drawing_annotations": table("drawing_annotations", line, mark),
    }
    finding = consensus.is_consistent(TYPES["text_consensus"])(check_input("10-v3.2", **tables))
    assert (finding.passed, finding.is_error) == (False, True)
    assert finding.message == "Missing although answered: 1 pair of a subject and a task."
    assert finding.examples.rows() == [(None, "T1", "T0@3.2", "2")]
    of_line = UNIT | MEASURES["text_consensus"] | {"task": "T1", "subject_ids": "2"}
    tables["text_consensus"] = table("text_consensus", UNIT | MEASURES["text_consensus"], of_line)
    assert consensus.is_consistent(TYPES["text_consensus"])(check_input("10-v3.2", **tables)).passed


def test_rounding_breaks_no_rule():
    numbers = {"min": 0.1 + 0.2, "q25": 0.3, "median": 0.3, "q75": 0.3, "max": 0.3, "mean": 0.3}
    assert evaluate("slider_consensus", UNIT | numbers).passed


# What the settings ask for need not be there.
@pytest.mark.parametrize("name", sorted(MEASURES.keys() - {"contour_consensus"}))
def test_a_subject_that_was_answered_and_has_no_row_is_an_error(name):
    other = ANSWER | {"subject_ids": "2"}
    if name == "correction_consensus":
        # Other texts are no corrections.
        other |= {"task_type": "textFromSubject"}
    finding = evaluate(name, UNIT | MEASURES[name], answers=(ANSWER, other, other))
    assert (finding.passed, finding.is_error) == (False, True)
    assert finding.message == "Missing although answered: 1 pair of a subject and a task."
    assert finding.examples.rows() == [(None, "T0", "T0@3.2", "2")]


def test_a_subject_whose_answers_are_all_excluded_needs_no_row():
    other = ANSWER | {"subject_ids": "2", "excluded": "gold_standard"}
    assert evaluate("question_consensus", UNIT | VOTES, answers=(ANSWER, other)).passed


def test_a_task_without_a_definition_has_no_revision_and_still_matches():
    answers = (ANSWER | {"task_revision": None},)
    assert evaluate("question_consensus", UNIT | VOTES | {"task_revision": None}, answers=answers).passed


@pytest.mark.parametrize("name", MEASURES)
def test_pooled_tables_have_the_same_rules(name):
    row = {key: value for key, value in (UNIT | MEASURES[name]).items() if key != "workflow_version"}
    check = pooled.is_consistent(TYPES[name])
    assert check(check_input("10", **{f"pooled_{name}": table(f"pooled_{name}", row)})).passed
    wrong = check(check_input("10", **{f"pooled_{name}": table(f"pooled_{name}", row | {"n_volunteers": 9})}))
    assert wrong.is_error
    assert "n_volunteers is between 0 and n_classifications (false in 1 row)" in wrong.message


def test_a_subject_has_one_row_in_the_summary_and_its_fractions_are_fractions():
    row = {"workflow_id": 10, "subject_ids": "1", "n_classifications": 3, "n_volunteers": 3, "T0_fraction": 0.5}
    good = table("subject_summary", row, row | {"subject_ids": "2"})
    assert pooled.summary_is_consistent(check_input("10", subject_summary=good)).passed
    twice = pooled.summary_is_consistent(check_input("10", subject_summary=table("subject_summary", row, row)))
    assert "a subject has one row (false in 2 rows)" in twice.message
    large = table("subject_summary", row | {"T0_fraction": 1.5, "T1@3.2_detection": 0.1})
    assert (
        "T0_fraction is between 0 and 1"
        in pooled.summary_is_consistent(check_input("10", subject_summary=large)).message
    )


def test_an_empty_table_passes():
    finding = consensus.is_consistent(TYPES["question_consensus"])(check_input("10-v3.2"))
    assert finding.message == "No rows, and no answered subject is missing."
    assert isinstance(finding.numbers["rows"], int)
