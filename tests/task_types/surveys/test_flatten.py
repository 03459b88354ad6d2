"""Surveys, rows of `survey_annotations`."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from tests.builders import workflow_row
from tests.task_types.samples import NO_WORKFLOWS, flat

WORKFLOW = workflow_row(
    tasks={
        "T0": {
            "type": "survey",
            "choicesOrder": ["LION", "GRFF", "GIRAFFE", "NOTHINGHERE"],
            "choices": {
                "LION": {"label": "T0.choices.LION.label"},
                "GRFF": {"label": "T0.choices.GRFF.label"},
                "GIRAFFE": {"label": "T0.choices.GIRAFFE.label"},
                "NOTHINGHERE": {"label": "T0.choices.NOTHINGHERE.label"},
            },
            "questionsOrder": ["HOWMANY", "WHATDOING"],
            "questions": {
                "HOWMANY": {
                    "label": "T0.questions.HOWMANY.label",
                    "answersOrder": ["1", "2"],
                    "answers": {
                        "1": {"label": "T0.questions.HOWMANY.answers.1.label"},
                        "2": {"label": "T0.questions.HOWMANY.answers.2.label"},
                    },
                },
                "WHATDOING": {
                    "label": "T0.questions.WHATDOING.label",
                    "multiple": True,
                    "answersOrder": ["RESTING", "EATING"],
                    "answers": {
                        "RESTING": {"label": "T0.questions.WHATDOING.answers.RESTING.label"},
                        "EATING": {"label": "T0.questions.WHATDOING.answers.EATING.label"},
                    },
                },
            },
        }
    },
    strings={
        "T0.choices.LION.label": "Lion",
        "T0.choices.GRFF.label": "Giraffe",
        "T0.choices.GIRAFFE.label": "Giraffe",
        "T0.choices.NOTHINGHERE.label": "Nothing here",
        "T0.questions.HOWMANY.label": "How many?",
        "T0.questions.HOWMANY.answers.1.label": "One",
        "T0.questions.HOWMANY.answers.2.label": "Two",
        "T0.questions.WHATDOING.label": "What do they do?",
        "T0.questions.WHATDOING.answers.RESTING.label": "Resting",
        "T0.questions.WHATDOING.answers.EATING.label": "Eating",
    },
)
LION = {"choice": "LION", "answers": {"HOWMANY": "2", "WHATDOING": ["RESTING", "EATING"]}, "filters": {}}


def survey(value: Any, **element: Any) -> pl.DataFrame:
    return flat([{"task": "T0", "value": value, **element}], workflows=[WORKFLOW]).tables["survey_annotations"]


def choices(value: Any) -> list[tuple[Any, ...]]:
    return survey(value).select("status", "identification_index", "choice_id", "choice_label").rows()


def answers(found: Any) -> list[tuple[Any, ...]]:
    """Question, its label, answer and its label of a lion with these answers."""
    item = {"choice": "LION"} if found is ... else {"choice": "LION", "answers": found}
    (structs,) = survey([item])["answers"].to_list()
    return [tuple(struct.values()) for struct in structs]


def filters(found: Any) -> list[tuple[Any, ...]]:
    (structs,) = survey([{"choice": "LION", "filters": found}])["filters"].to_list()
    return [tuple(struct.values()) for struct in structs]


def test_an_identification_gets_the_labels_of_its_version() -> None:
    assert choices([LION]) == [("answered", 0, "LION", "Lion")]
    assert answers(LION["answers"]) == [
        ("HOWMANY", "How many?", "2", "Two"),
        ("WHATDOING", "What do they do?", "RESTING", "Resting"),
        ("WHATDOING", "What do they do?", "EATING", "Eating"),
    ]


def test_old_and_new_ids_of_one_animal_are_not_merged() -> None:
    assert choices([{"choice": "GRFF"}, {"choice": "GIRAFFE"}]) == [
        ("answered", 0, "GRFF", "Giraffe"),
        ("answered", 1, "GIRAFFE", "Giraffe"),
    ]


def test_an_unknown_id_is_kept_without_a_label() -> None:
    assert choices([{"choice": "NTHNGHR"}]) == [("answered", 0, "NTHNGHR", None)]


def test_without_a_definition_ids_are_kept_without_labels() -> None:
    table = flat([{"task": "T0", "value": [LION]}], workflows=NO_WORKFLOWS).tables["survey_annotations"]
    assert table.select("choice_id", "choice_label").rows() == [("LION", None)]
    assert [struct["answer_id"] for struct in table["answers"].item()] == ["2", "RESTING", "EATING"]


def test_without_a_definition_an_empty_id_is_a_choice() -> None:
    value = [{"choice": "", "answers": {}, "filters": {}}]
    table = flat([{"task": "T0", "value": value}], workflows=NO_WORKFLOWS).tables["survey_annotations"]
    assert table.select("status", "choice_id", "choice_label").rows() == [("answered", "", None)]
    # With one, no choice has this id.
    assert survey(value)["status"].to_list() == ["malformed"]


@pytest.mark.parametrize("found", [{}, {"WHATDOING": []}, {"HOWMANY": None}, [], None, "", 0, ...])
def test_an_unanswered_question_gives_no_answer(found: Any) -> None:
    assert answers(found) == []


def test_a_text_is_one_answer_and_a_list_several() -> None:
    assert answers({"HOWMANY": "1"}) == [("HOWMANY", "How many?", "1", "One")]
    assert [row[2] for row in answers({"WHATDOING": ["EATING", None, "RESTING"]})] == ["EATING", "RESTING"]


def test_questions_and_answers_that_the_version_lacks_are_kept() -> None:
    assert answers({"AGE": "YOUNG", "HOWMANY": "51+"}) == [
        ("AGE", None, "YOUNG", None),
        ("HOWMANY", "How many?", "51+", None),
    ]


def test_an_answer_that_is_no_text_is_kept_as_json() -> None:
    assert [row[2] for row in answers({"HOWMANY": 2, "AGE": {"years": 3}})] == ["2", '{"years":3}']


def test_filters_are_kept_as_exported() -> None:
    assert filters({"COLOUR": "TAN", "SHAPE": ["CAT", "DOG"], "SIZE": None}) == [
        ("COLOUR", "TAN"),
        ("SHAPE", '["CAT","DOG"]'),
    ]
    assert filters({}) == []


def test_every_identification_is_a_row_also_the_same_choice_twice() -> None:
    zebra = {"choice": "ZEBRA", "answers": {}, "filters": {}}
    assert [row[1:3] for row in choices([LION, zebra, LION])] == [(0, "LION"), (1, "ZEBRA"), (2, "LION")]


@pytest.mark.parametrize("nothing", [[], None, ""])
def test_no_identification_is_a_blank_row_and_not_the_choice_nothing_here(nothing: Any) -> None:
    assert choices(nothing) == [("blank", None, None, None)]
    assert survey(nothing).select("answers", "filters").row(0) == ([], [])
    assert choices([{"choice": "NOTHINGHERE", "answers": {}}])[0][0] == "answered"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"answers": {"HOWMANY": "2"}}, '{"answers":{"HOWMANY":"2"}}'),
        ({"choice": None}, '{"choice":null}'),
        ({"choice": ""}, '{"choice":""}'),
        ({"choice": ["LION"]}, '{"choice":["LION"]}'),
        ("LION", '"LION"'),
        (None, "null"),
    ],
)
def test_an_identification_without_a_choice_is_kept_as_json(item: Any, text: str) -> None:
    assert choices([LION, item]) == [("answered", 0, "LION", "Lion"), ("malformed", 1, text, None)]


def test_answers_and_filters_of_another_shape_are_kept_as_json() -> None:
    table = survey([{"choice": "LION", "answers": ["2"], "filters": "TAN"}])
    assert table.select("status", "choice_id").row(0) == ("malformed", "LION")
    assert [struct["answer_id"] for struct in table["answers"].item()] == ['["2"]']
    assert [struct["value"] for struct in table["filters"].item()] == ['"TAN"']


def test_both_generations_give_the_same_row() -> None:
    first = {"task": "T0", "value": [LION]}
    second = first | {"taskType": "survey"}
    table = flat([first], [second], workflows=[WORKFLOW]).tables["survey_annotations"]
    assert table.height == 2
    assert table.drop("classification_id", "user_key", "created_at").is_duplicated().all()


def test_golden_cases_give_the_ids_that_were_stored(golden_rows: Callable[..., Any]) -> None:
    columns = ("status", "choice_id", "answers", "filters")
    answer = {"question_id": "HWMN", "question_label": None, "answer_id": "1", "answer_label": None}
    assert golden_rows("survey_annotations", "T7", *columns) == {"survey": [("answered", "LN", [answer], [])]}


def test_with_a_workflows_export_of_before_2019_ids_are_kept_without_labels() -> None:
    old = WORKFLOW | {"minor_version": None, "strings": None}
    sample = flat([{"task": "T0", "value": [LION]}], workflows=[old])
    table = sample.tables["survey_annotations"]
    assert table.select("task_type", "status", "choice_id", "choice_label").rows() == [
        ("survey", "answered", "LION", None)
    ]
    assert [struct["answer_label"] for struct in table["answers"].item()] == [None, None, None]
    assert sample.tables["classifications"]["version_match"].to_list() == ["fallback"]


def test_a_flexible_survey_is_a_survey() -> None:
    tasks = {"T0": WORKFLOW["tasks"]["T0"] | {"type": "flexibleSurvey"}}
    items = ([LION], {"choice": "GRFF"}, [])
    sample = flat(
        *([{"task": "T0", "value": item}] for item in items),
        [{"task": "T0", "value": [LION], "taskType": "flexibleSurvey"}],
        workflows=[WORKFLOW | {"tasks": tasks}],
    )
    table = sample.tables["survey_annotations"]
    assert table.select("task_type", "status", "choice_label").rows() == [
        ("survey", "answered", "Lion"),
        ("survey", "answered", "Giraffe"),
        ("survey", "blank", None),
        ("survey", "answered", "Lion"),
    ]
    assert sample.row_accounting()["balanced"]
