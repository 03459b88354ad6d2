"""Texts, rows of `text_annotations`."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from tests.task_types.samples import NO_WORKFLOWS, flat


def texts(*values: Any) -> list[tuple[Any, ...]]:
    annotations = [[{"task": "T3", "value": value, "task_label": "Notes"}] for value in values]
    return flat(*annotations).tables["text_annotations"].select("status", "text").rows()


@pytest.mark.parametrize(
    "text", ["null", "[]", "3.10", "0", "false", "NA", " a ", "line one\n[unclear]two[/unclear]"]
)
def test_text_in_the_form_of_another_type_stays_text(text: str) -> None:
    assert texts(text) == [("answered", text)]


@pytest.mark.parametrize("text", ["", "  ", "\n\t", None])
def test_empty_text_is_a_blank_row(text: str | None) -> None:
    assert texts(text) == [("blank", text)]


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (5, "5"),
        (42.0, "42"),
        (-0.5, "-0.5"),
        (1e3, "1000"),
        (2**60, str(2**60)),
        ("42.0", "42.0"),
    ],
)
def test_a_number_is_its_shortest_text(found: Any, text: str) -> None:
    assert texts(found) == [("answered", text)]


@pytest.mark.parametrize(("found", "text"), [(True, "true"), ([{"text": "a"}], '[{"text":"a"}]')])
def test_what_is_no_text_is_kept_as_json(found: Any, text: str) -> None:
    assert texts(found) == [("malformed", text)]


def test_both_generations_give_the_same_row() -> None:
    first = {"task": "T3", "value": "two chicks", "task_label": "Notes"}
    second = {"task": "T3", "value": "two chicks", "taskType": "text"}
    table = flat([first], [second]).tables["text_annotations"]
    assert table.drop("classification_id", "user_key", "created_at").is_duplicated().all()


def test_a_corrected_subject_text_keeps_its_type() -> None:
    element = {"task": "T2", "value": "corrected OCR text", "taskType": "textFromSubject"}
    rows = flat([element], workflows=NO_WORKFLOWS).tables["text_annotations"]
    assert rows.select("task", "task_type", "status", "text").rows() == [
        ("T2", "textFromSubject", "answered", "corrected OCR text")
    ]


def test_texts_in_a_combo_say_whose_they_are() -> None:
    combo = {"task": "T9", "task_label": None, "value": [{"task": "T3", "value": "", "task_label": "Notes"}]}
    rows = flat([combo]).tables["text_annotations"]
    assert rows.select("task", "parent_task", "task_label", "status").rows() == [("T3", "T9", "Notes", "blank")]


def test_lines_of_a_custom_front_end_are_kept_completely() -> None:
    line = {"text": "Dear Sir", "type": "text", "endPoint": {"x": 1, "y": 2}, "variants": ["ina"]}
    sample = flat([{"task": "T2", "value": [line]}], workflows=NO_WORKFLOWS)
    (value,) = sample.tables["other_annotations"]["value"]
    assert pl.Series([value]).str.json_path_match("$[0].text").item() == "Dear Sir"


def test_golden_cases_give_the_text_that_was_stored(golden_rows: Callable[..., Any]) -> None:
    assert golden_rows("text_annotations", "T3", "status", "text", "task_label") == {
        "text": [("answered", 'a\nb "q" <x>', "Notes")],
        "text extra": [("blank", "", "Notes")],
    }


def test_a_text_of_invisible_characters_is_blank_and_kept_as_written() -> None:
    texts = ("\u200b", "\ufeff", "\xa0 ", "\u200bDear")
    sample = flat(*([{"task": "T3", "value": text, "task_label": "Notes"}] for text in texts))
    assert sample.tables["text_annotations"].select("status", "text").rows() == [
        ("blank", "\u200b"),
        ("blank", "\ufeff"),
        ("blank", "\xa0 "),
        ("answered", "\u200bDear"),
    ]
    assert sample.row_accounting()["balanced"]
