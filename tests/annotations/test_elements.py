"""The elements of an annotation and the task type of each."""

from typing import Any

import pytest

from tests.builders import answer, classification_row, metadata
from tests.task_types.samples import FIRST_OF_REPEATED, NO_WORKFLOWS, TASKS, birds, flat, sample, tasks_of
from zoo_dag.annotations.definitions import Definitions, read_definitions
from zoo_dag.annotations.element_types import task_type
from zoo_dag.annotations.elements import Element, Merged, Rejected, elements

POINT = {"x": 1.5, "y": 2, "tool": 0, "frame": 0, "tool_label": "Nest"}
NOTHING_KNOWN = Definitions()


def drawing(*marks: dict[str, Any], task: str = "T2") -> dict[str, Any]:
    return {"task": task, "task_label": "Mark the nests", "value": list(marks)}


def test_both_classifiers_in_one_version_give_the_same_rows() -> None:
    generations = (..., "1.0", "2.0", "2.1")
    given = sample(
        [
            classification_row(
                number, metadata=metadata(classifier_version=said), annotations=[answer(value="No")]
            )
            for number, said in enumerate(generations, 1)
        ]
    )
    assert given.tables["classifications"]["classifier_version"].to_list() == [None, "1.0", "2.0", "2.1"]
    assert given.answers() == [("T0", "answered", 1, "No")] * 4


def test_dispatch_is_by_row_and_not_by_version() -> None:
    first = [answer("T9", [answer("T0"), answer("T1", ["Red"], "Which colours?")], None)]
    second = [answer("T0"), {"task": "T1", "value": [0], "taskType": "multiple"}]
    assert flat(first, second).answers() == [("T0", "answered", 0, "Yes"), ("T1", "answered", 0, "Red")] * 2


def test_a_repeated_task_keeps_both_elements_with_their_index() -> None:
    given = flat([answer(), answer("T1", ["Red"], "Which colours?"), answer(value="No")])
    assert given.answers("annotation_index", "task", "answer") == [
        (0, "T0", "Yes"),
        (1, "T1", "Red"),
        (2, "T0", "No"),
    ]


def test_consensus_uses_the_last_element_of_a_repeated_task() -> None:
    given = flat([answer(), answer(value="No")])
    columns = ["answer", "votes", "n_classifications"]
    assert given.consensus().select(columns).rows() == [("No", 1, 1)]
    assert given.consensus(FIRST_OF_REPEATED).select(columns).rows() == [("Yes", 1, 1)]


def test_exact_duplicates_of_a_drawing_element_become_one_and_the_accounting_balances() -> None:
    given = flat([drawing(POINT), drawing(POINT), drawing(POINT), answer()])
    assert [row[1:3] for row in given.elements()] == [(0, "T2"), (3, "T0")]
    accounting = given.row_accounting()
    assert (accounting["rows_in"], accounting["rows_out"], accounting["merged"], accounting["balanced"]) == (
        4,
        2,
        2,
        True,
    )


def test_drawing_elements_that_differ_stay_apart() -> None:
    given = flat([drawing(POINT), drawing(POINT | {"x": 1.6})])
    assert [row[1] for row in given.elements()] == [0, 1]
    assert given.row_accounting()["merged"] == 0


def test_equal_answers_to_a_repeated_question_are_both_kept() -> None:
    given = flat([answer(), answer()])
    assert given.answers("annotation_index", "answer") == [(0, "Yes"), (1, "Yes")]
    assert given.row_accounting()["merged"] == 0


@pytest.mark.parametrize(
    ("element", "reason", "found"),
    [
        (
            {"error": "task cannot be exported"},
            "exported with the error: task cannot be exported; expected an object with a task",
            '{"error":"task cannot be exported"}',
        ),
        (
            {"error": "combo tasks cannot be nested"},
            "exported with the error: combo tasks cannot be nested; expected an object with a task",
            '{"error":"combo tasks cannot be nested"}',
        ),
        (0, "expected an object with a task, found a bare value", "0"),
        (None, "expected an object with a task, found a bare value", "null"),
        ([], "expected an object with a task, found a bare value", "[]"),
        ({"task": None, "value": 1}, "no task key; expected an object with a task", '{"task":null,"value":1}'),
        ({"value": "Yes"}, "no task key; expected an object with a task", '{"value":"Yes"}'),
    ],
)
def test_an_element_without_task_is_rejected_and_the_others_survive(element: Any, reason: str, found: str) -> None:
    given = flat([answer(), element, answer("T1", ["Red"], "Which colours?")])
    assert given.answers("annotation_index", "answer") == [(0, "Yes"), (2, "Red")]
    columns = ["classification_id", "stage", "column", "annotation_index", "reason", "found"]
    assert given.quarantine.select(columns).rows() == [(1001, "flattened", "annotations", 1, reason, found)]
    assert given.row_accounting()["balanced"]


def test_an_unknown_task_key_is_read_by_its_shape() -> None:
    given = flat([{"task": "T7", "value": [{"choice": "LION", "answers": {}, "filters": {}}]}])
    assert given.elements() == [(1001, 0, "T7", "survey", "answered")]
    assert given.quarantine.is_empty()


LION = {"choice": "LION", "answers": {}, "filters": {}}


@pytest.mark.parametrize("value", [LION, [LION]])
def test_a_task_named_by_its_type_is_the_only_task_of_that_type(value: Any) -> None:
    given = flat([{"task": "survey", "value": value}, {"task": "slider", "value": 4}])
    assert given.elements() == [(1001, 0, "T5", "survey", "answered"), (1001, 1, "T6", "slider", "answered")]
    assert given.tables["survey_annotations"]["choice_label"].to_list() == ["Lion"]
    assert given.row_accounting()["balanced"]


def test_a_type_of_several_tasks_names_none_of_them() -> None:
    two = birds(tasks={"T5": TASKS["T5"], "T7": TASKS["T5"]})
    given = flat([{"task": "survey", "value": LION}], workflows=[two])
    assert given.elements() == [(1001, 0, "survey", "survey", "answered")]


def test_an_identification_alone_is_a_survey_without_a_definition() -> None:
    given = flat([{"task": "survey", "value": LION}], workflows=NO_WORKFLOWS)
    assert given.elements() == [(1001, 0, "survey", "survey", "answered")]


def test_tasks_of_another_workflow_are_set_aside() -> None:
    given = flat([answer("T7", "Whale", "Which animal?"), answer()])
    assert given.answers() == [("T0", "answered", 0, "Yes")]
    assert given.quarantine["reason"].to_list() == ["task_not_in_version: the workflow version has no task T7"]
    assert given.consensus()["task"].to_list() == ["T0"]


def test_without_the_exact_definition_a_foreign_task_is_not_recognised() -> None:
    for workflows in (NO_WORKFLOWS, [birds(minor_version=11)]):
        given = flat([answer("T7", "Whale", "Which animal?")], workflows=workflows)
        assert given.answers() == [("T7", "answered", None, "Whale")]


def test_children_of_a_combo_are_rows_of_their_own() -> None:
    combo = answer("T9", [answer("T0"), {"task": "T4", "value": [1]}, {"task": "T3", "value": "two chicks"}], None)
    given = flat([combo])
    assert given.answers("annotation_index", "task", "parent_task", "task_label", "answer_index", "answer") == [
        (0, "T0", "T9", "Is there a bird?", 0, "Yes"),
        (1, "T4", "T9", "Quick exit", 1, "Fire"),
    ]
    assert given.elements()[2] == (1001, 2, "T3", "text", "answered")


def test_a_combo_and_its_children_at_top_level_give_the_same_rows() -> None:
    children = [
        answer("T0", "No"),
        answer("T1", ["Blue", "Red"], "Which colours?"),
        {"task": "T3", "value": "two chicks", "task_label": "Notes"},
    ]
    nested, plain = flat([answer("T9", children, None)]), flat(children)
    assert nested.questions["parent_task"].to_list() == ["T9", "T9", "T9"]
    assert plain.questions["parent_task"].null_count() == 3
    assert nested.questions.drop("parent_task").equals(plain.questions.drop("parent_task"))
    assert nested.elements() == plain.elements()
    # T0 is the first task of the workflow as well, so that the combo tells it apart.
    assert nested.consensus()["parent_task"].to_list() == ["T9", "T9", "T9"]
    assert nested.consensus().drop("parent_task").equals(plain.consensus().drop("parent_task"))


@pytest.mark.parametrize("value", [0, None, []])
def test_a_combo_without_children_is_blank(value: Any) -> None:
    given = flat([answer("T9", value, None)])
    assert given.elements() == [(1001, 0, "T9", "combo", "blank")]
    assert given.row_accounting()["balanced"]


def test_a_child_that_is_no_object_is_rejected_and_the_others_survive() -> None:
    given = flat([answer("T9", [0, answer("T0"), "x", None], None)])
    assert given.answers("annotation_index", "answer") == [(1, "Yes")]
    assert given.quarantine["found"].to_list() == ["0", '"x"', "null"]
    assert given.row_accounting()["rows_in"] == 4


def test_a_combo_inside_a_combo_stays_one_element() -> None:
    given = flat([answer("T9", [answer("T9", [answer()], None), answer()], None)])
    assert [row[1:4] for row in given.elements()] == [(0, "T9", "combo"), (1, "T0", "single")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"value": 1, "taskType": "single"}, "single"),
        ({"value": {"select_label": "Country"}, "task_type": "dropdown-simple"}, "dropdown-simple"),
        ({"value": {"select_label": "Country"}, "task_type": "dropdown"}, "dropdown-simple"),
        ({"value": [{"choice": "LION"}]}, "survey"),
        ({"value": [{"select_label": "Country"}]}, "dropdown"),
        ({"value": [{"tool": 0, "x": 1}]}, "drawing"),
        ({"value": [{"toolIndex": 0, "x": 1}]}, "drawing"),
        ({"value": [{"start": 1, "labelInformation": {}}]}, "highlighter"),
        ({"value": [{"task": "T1", "value": "Red"}]}, "combo"),
        ({"value": [{"index": 6, "subject": "134853"}]}, "subjectGroupComparison"),
        ({"value": {"selection": 0, "option": True}}, "dropdown-simple"),
        ({"value": {"value": "3f9c", "option": True}}, "dropdown-simple"),
        ({"value": [{"value": "3f9c", "option": True}]}, "dropdown"),
        ({"value": {"type": "FeatureCollection", "features": []}}, "geoDrawing"),
        ({"value": {"x": 1, "y": 2, "width": 3, "height": 4}}, "crop"),
        ({"value": ["Red", "Blue"]}, "multiple"),
        ({"value": ["Red", None]}, "multiple"),
        ({"task_label": "Is there a bird?", "value": "Yes"}, "single"),
        ({"value": "two chicks", "task_label": "Notes"}, "text"),
        ({"value": 0.4}, "unknown"),
        ({"value": []}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_without_a_definition_the_element_or_its_shape_determines_the_type(
    body: dict[str, Any], found: str
) -> None:
    assert task_type({"task": "T0", **body}, None, NOTHING_KNOWN) == found


def test_what_the_element_says_goes_before_the_definition_and_that_before_the_shape() -> None:
    definitions = read_definitions(tasks_of("3.10"))
    question = definitions.of("T0")
    assert task_type({"task": "T0", "value": ["Yes"], "taskType": "text"}, question, definitions) == "text"
    assert task_type({"task": "T0", "value": ["Yes"]}, question, definitions) == "single"


def test_elements_are_numbered_in_the_order_of_the_export_whatever_becomes_of_them() -> None:
    annotations = [drawing(POINT), None, drawing(POINT), answer("T9", [answer(), 0], None), answer()]
    found = list(elements(annotations, read_definitions(tasks_of("3.10"))))
    assert [type(item) for item in found] == [Element, Rejected, Merged, Element, Rejected, Element]
    assert [item.position for item in found] == [0, 1, 2, 3, 4, 5]
