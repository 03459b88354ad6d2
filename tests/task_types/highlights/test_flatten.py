"""Highlights, rows of `highlight_annotations`."""

from typing import Any

import pytest

from tests.builders import workflow_row
from tests.task_types.samples import NO_WORKFLOWS, flat

WORKFLOW = workflow_row(
    tasks={
        "T7": {
            "type": "highlighter",
            "instruction": "T7.instruction",
            "highlighterLabels": [
                {"color": "#00FF7F", "label": "T7.highlighterLabels.0.label"},
                {"color": "#E65252", "label": "T7.highlighterLabels.1.label"},
                {"color": "#E65252", "label": "T7.highlighterLabels.2.label"},
            ],
        }
    },
    strings={
        "T7.instruction": "Mark the names",
        "T7.highlighterLabels.0.label": "Species",
        "T7.highlighterLabels.1.label": "Place",
        "T7.highlighterLabels.2.label": "Person",
    },
)
SPECIES = {"color": "#00FF7F", "label": "Species"}
ALLIUM = {"end": 41, "text": "Allium vineale", "start": 27, "labelInformation": SPECIES}


def highlights(value: Any) -> list[tuple[Any, ...]]:
    table = flat([{"task": "T7", "value": value}], workflows=[WORKFLOW]).tables["highlight_annotations"]
    return table.select("status", "start", "end", "text", "label", "color").rows()


@pytest.mark.parametrize("end", [40, 41])
def test_the_end_of_a_highlight_is_kept_as_exported(end: int) -> None:
    (row,) = highlights([ALLIUM | {"end": end}])
    assert row == ("answered", 27, end, "Allium vineale", "Species", "#00FF7F")
    assert len(row[3]) == 14, "the length is that of the text, whatever the end"


def test_each_highlight_is_a_row_and_none_is_a_blank_one() -> None:
    assert len(highlights([ALLIUM, ALLIUM | {"start": 60, "end": 73}])) == 2
    for nothing in ([], None, ""):
        assert highlights(nothing) == [("blank", None, None, None, None, None)]


def test_both_generations_give_the_same_row() -> None:
    first = {"task": "T7", "value": [ALLIUM]}
    second = first | {"taskType": "highlighter"}
    for workflows in ([WORKFLOW], NO_WORKFLOWS):
        table = flat([first], [second], workflows=workflows).tables["highlight_annotations"]
        assert table.height == 2
        assert table.drop("classification_id", "user_key", "created_at").is_duplicated().all()


@pytest.mark.parametrize(
    ("information", "label"),
    [
        ({"color": "#00FF7F"}, "Species"),
        ({"color": "#E65252"}, None),
        ({"color": "#000000"}, None),
        ({"color": "#E65252", "label": "Ort"}, "Ort"),
    ],
)
def test_a_missing_label_comes_from_the_one_label_with_that_color(information: Any, label: str | None) -> None:
    assert highlights([ALLIUM | {"labelInformation": information}])[0][4] == label


@pytest.mark.parametrize(
    "item",
    [
        ALLIUM | {"start": None},
        ALLIUM | {"end": "41"},
        ALLIUM | {"text": None},
        ALLIUM | {"start": 1 << 63},
        {"labelInformation": SPECIES},
    ],
)
def test_a_highlight_without_place_or_text_is_kept_as_json(item: dict[str, Any]) -> None:
    (row,) = highlights([item])
    assert row[0] == "malformed"
    assert row[3].startswith("{")
    assert row[4:] == ("Species", "#00FF7F")


def test_what_is_no_highlight_is_kept_as_json() -> None:
    assert highlights([7, None])[0] == ("malformed", None, None, "7", None, None)
    assert highlights("Allium")[0][3] == '"Allium"'
