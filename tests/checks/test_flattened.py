"""Checks of the flattened stage."""

import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks import flattened
from zoo_dag.task_types.catalogue import TASK_TYPES

ANSWER = {"classification_id": 1, "task": "T0", "status": "answered", "answer": "Yes"}


# The tables that are checked.
READ = {each.flattening.table: each.flattening for each in TASK_TYPES if each.flattening.example is not None}


def evaluate(name: str, *rows: dict, **settings: float):
    check = flattened.answers_are_known(READ[name])
    return check(check_input(None, {"checks": settings}, **{name: table(name, *rows)}))


def test_known_answers_pass_and_blank_ones_are_no_answers():
    finding = evaluate("question_annotations", ANSWER, ANSWER | {"status": "blank"})
    assert finding.passed
    assert finding.numbers == {
        "answers": 1, "with an unknown label": 0, "malformed": 0, "share unknown or malformed": 0.0,
    }  # fmt: skip


def test_a_task_with_unknown_and_malformed_answers_is_named_with_an_example():
    lost = ANSWER | {"status": "unknown_label", "answer": None}
    malformed = ANSWER | {"status": "malformed", "answer": '{"a":1}'}
    other = [ANSWER | {"task": "T1"}] * 500
    finding = evaluate("question_annotations", ANSWER, lost, lost, malformed, *other)
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        'More than 1 % of the answers cannot be read: task `T0` 2 unknown and 1 malformed of 4, such as `{"a":1}`.'
    )
    assert finding.numbers["answers"] == 504
    assert finding.examples.rows() == [("T0", 4, 2, 1, '{"a":1}')]


def test_the_share_is_that_of_the_task_and_a_setting():
    rows = [ANSWER] * 9 + [ANSWER | {"status": "unknown_label"}]
    assert not evaluate("question_annotations", *rows).passed
    assert evaluate("question_annotations", *rows, unknown_answers=0.1).passed


def test_of_many_tasks_the_first_are_named():
    rows = [ANSWER | {"task": f"T{number}", "status": "unknown_label", "answer": None} for number in range(9)]
    assert named_tasks(evaluate("question_annotations", *rows).message) == ["`T0`", "`T1`", "`T2`"]
    assert "and 6 tasks more" in evaluate("question_annotations", *rows).message


def named_tasks(message: str) -> list[str]:
    return [word for word in message.split() if word.startswith("`T")]


def test_a_choice_without_a_label_is_unknown_only_where_the_workflow_knows_others():
    lion = {
        "classification_id": 1,
        "task": "T0",
        "status": "answered",
        "choice_id": "LION",
        "choice_label": "Lion",
    }
    old = lion | {"choice_id": "NTHNGHR", "choice_label": None}
    finding = evaluate("survey_annotations", lion, old)
    assert not finding.passed
    assert "such as `NTHNGHR`" in finding.message
    assert evaluate("survey_annotations", old, old).passed


@pytest.mark.parametrize(
    ("name", "values", "example"),
    [
        ("dropdown_annotations", {"status": "unknown_label", "option_index": 7}, "`option 7`"),
        ("drawing_annotations", {"status": "unknown_label", "tool_index": 99}, "`tool 99`"),
        ("text_annotations", {"status": "malformed", "text": "[1]"}, "`[1]`"),
    ],
)
def test_examples_are_what_the_volunteer_wrote(name, values, example):
    finding = evaluate(name, {"classification_id": 1, "task": "T0", **values})
    assert not finding.passed
    assert finding.message.endswith(f"such as {example}.")


def test_a_slider_that_cannot_be_read_has_no_example():
    finding = evaluate("slider_annotations", {"classification_id": 1, "task": "T0", "status": "malformed"})
    assert finding.message == "More than 1 % of the answers cannot be read: task `T0` 1 malformed of 1."


def test_labels_are_data_not_markup():
    bad = ANSWER | {"status": "malformed", "answer": "`](x)<img src=x>" * 9, "task": "T`0"}
    finding = evaluate("question_annotations", bad)
    assert finding.message.count("`") == 4
    assert len(finding.message) < 200


@pytest.mark.parametrize("name", READ)
def test_an_empty_table_passes(name):
    assert evaluate(name).message == "No answers."


def test_classifications_that_lose_an_element_are_counted_once():
    classifications = table("classifications", *({"classification_id": number} for number in range(10)))
    rejected = {"classification_id": 3, "column": "annotations", "reason": "no task", "found": "0"}
    rejected |= {"stage": "flattened", "kind": "classifications"}
    rows = table("flattened_quarantine", rejected, rejected)
    finding = flattened.few_classifications_lose_an_element(
        check_input(classifications=classifications, flattened_quarantine=rows)
    )
    assert finding.message == "With an element in the quarantine: 1 of 10 classifications (10 %), more than 1 %."
    assert finding.examples.rows() == [("annotations", "no task", "0", 2)]
    assert flattened.few_classifications_lose_an_element(check_input(classifications=classifications)).passed
