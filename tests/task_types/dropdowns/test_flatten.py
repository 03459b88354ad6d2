"""Dropdowns of both generations of the classifier, rows of `dropdown_annotations`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import workflow_row
from tests.task_types.samples import NO_WORKFLOWS, flat


def select(title: str, *lists: tuple[str, tuple[str, ...]], number: int = 0, task: str = "T5") -> dict[str, Any]:
    """A select with lists of option values, each shown for a value of the select before it."""
    options = {
        parent: [
            {"label": f"{task}.selects.{number}.options.{parent}.{position}.label", "value": value}
            for position, value in enumerate(values)
        ]
        for parent, values in lists
    }
    return {"id": title.lower(), "title": title, "allowCreate": True, "options": options}


WORKFLOW = workflow_row(
    tasks={
        "T5": {
            "type": "dropdown",
            "instruction": "T5.instruction",
            "selects": [
                select("Country", ("*", ("aa", "bb", "3f9c"))),
                select("Region", ("aa", ("n", "s")), ("bb", ("x", "n", "all")), ("3f9c", ("w", "all")), number=1),
            ],
        },
        "T6": {
            "type": "dropdown",
            "instruction": "T6.instruction",
            "selects": [select("Country", ("*", ("aa", "bb", "3f9c")), task="T6")],
        },
        "T11": {
            "type": "dropdown-simple",
            "instruction": "T11.instruction",
            "options": ["Red", "Blue", "Green"],
        },
    },
    strings={
        "T5.instruction": "Where?",
        "T5.selects.0.options.*.0.label": "Chile",
        "T5.selects.0.options.*.1.label": "Bolivia",
        "T5.selects.0.options.*.2.label": "Peru",
        "T5.selects.1.options.aa.0.label": "North",
        "T5.selects.1.options.aa.1.label": "South",
        "T5.selects.1.options.bb.1.label": "North",
        "T5.selects.1.options.bb.2.label": "All of it",
        "T5.selects.1.options.3f9c.1.label": "Everywhere",
        "T6.instruction": "Where?",
        "T6.selects.0.options.*.0.label": "Chile",
        "T6.selects.0.options.*.1.label": "Bolivia",
        "T6.selects.0.options.*.2.label": "Peru",
        "T11.instruction": "Which colour?",
    },
)
Golden = Callable[..., Any]
COLUMNS = ("status", "select_index", "select_label", "option_index", "option_value", "option_label", "free_text")
BLANK = (None, None, None, None)


def dropdown(value: Any, task: str = "T5", *, defined: bool = True, **element: Any) -> list[tuple[Any, ...]]:
    body = {"task": task, "value": value, **element}
    sample = flat([body], workflows=[WORKFLOW] if defined else NO_WORKFLOWS)
    return sample.tables["dropdown_annotations"].select(COLUMNS).rows()


def simple(value: Any, *, defined: bool = True, task: str = "T11") -> list[tuple[Any, ...]]:
    return dropdown(value, task, defined=defined, taskType="dropdown-simple")


PERU = ("answered", 0, "Country", 2, "3f9c", "Peru", None)


def test_each_select_of_the_first_generation_is_a_row() -> None:
    value = [
        {"select_label": "Country", "option": True, "value": "3f9c", "label": "Peru"},
        {"select_label": "Region", "option": False, "value": "typed text"},
    ]
    assert dropdown(value) == [PERU, ("answered", 1, "Region", None, None, None, "typed text")]
    assert dropdown(value, defined=False) == [
        ("answered", 0, "Country", None, "3f9c", "Peru", None),
        ("answered", 1, "Region", None, None, None, "typed text"),
    ]


def test_a_select_left_blank_is_a_blank_row() -> None:
    value = [{"select_label": "Country"}, {"select_label": "Region", "option": False, "value": None}]
    for defined in (True, False):
        assert dropdown(value, defined=defined) == [
            ("blank", 0, "Country", *BLANK),
            ("blank", 1, "Region", *BLANK),
        ]


def test_a_number_is_the_text_of_an_option() -> None:
    year = [{"select_label": "Year", "option": True, "value": 1982, "label": "1982"}]
    assert dropdown(year, defined=False) == [("answered", 0, "Year", None, "1982", "1982", None)]


def test_selects_that_an_export_does_not_mention_are_blank_rows() -> None:
    blank = [("blank", 0, "Country", *BLANK), ("blank", 1, "Region", *BLANK)]
    for nothing in ([], None, "", [None]):
        assert dropdown(nothing) == blank
    assert dropdown([{"select_label": "Country", "option": True, "value": "3f9c"}]) == [PERU, blank[1]]


def test_a_dropdown_left_blank_is_one_row_where_nobody_knows_its_selects() -> None:
    answered = {"task": "T5", "value": [{"select_label": "Country", "option": True, "value": "aa"}]}
    table = flat([answered], [{"task": "T5", "value": []}], workflows=NO_WORKFLOWS).tables["dropdown_annotations"]
    assert table.select(COLUMNS).rows()[1:] == [("blank", None, None, *BLANK)]
    assert simple(None, defined=False) == [("blank", 0, None, *BLANK)]


def test_both_eras_of_the_second_generation_give_the_same_row() -> None:
    before = {"select_label": "Country", "option": True, "value": 2, "label": "Peru"}
    since = {"select_label": "Country", "option": True, "option_index": 2, "value": "3f9c", "label": "Peru"}
    first = [{"select_label": "Country", "option": True, "value": "3f9c", "label": "Peru"}]
    assert dropdown(first, "T6") == [PERU]
    for entry in (before, since, {"option": True, "selection": 2}):
        assert dropdown(entry, "T6", task_type="dropdown-simple") == [PERU]


def test_without_a_definition_the_index_is_as_exported() -> None:
    before = {"select_label": "Country", "option": True, "value": 2, "label": "Peru"}
    since = {"select_label": "Country", "option": True, "option_index": 2, "value": "3f9c", "label": "Peru"}
    assert simple(before, defined=False) == [("answered", 0, "Country", 2, None, "Peru", None)]
    assert simple(since, defined=False) == [("answered", 0, "Country", 2, "3f9c", "Peru", None)]


def test_free_text_and_blank_of_the_second_generation() -> None:
    typed = {"select_label": "Country", "option": False, "value": "my text"}
    assert simple(typed, task="T6") == [("answered", 0, "Country", None, None, None, "my text")]
    assert simple({"select_label": "Country"}, task="T6") == [("blank", 0, "Country", *BLANK)]


@pytest.mark.parametrize("key", ["selection", "value"])
def test_dropdown_simple_has_the_position_under_either_key(key: str) -> None:
    assert simple({key: 1, "option": True}) == [("answered", 0, None, 1, None, "Blue", None)]
    assert simple({key: 1, "option": True}, defined=False) == [("answered", 0, None, 1, None, None, None)]


def test_position_zero_is_an_answer() -> None:
    assert simple({"selection": 0, "option": True}) == [("answered", 0, None, 0, None, "Red", None)]


def test_text_was_typed_and_null_is_blank() -> None:
    assert simple({"selection": "typed", "option": False}) == [("answered", 0, None, None, None, None, "typed")]
    assert simple(None) == [("blank", 0, None, *BLANK)]
    assert simple({"selection": " ", "option": False}) == [("blank", 0, None, *BLANK)]


def test_a_position_that_the_definition_lacks_is_a_lost_label() -> None:
    assert simple({"selection": 9, "option": True}) == [("unknown_label", 0, None, 9, None, None, None)]
    labelled = {"option": True, "option_index": 9, "value": "zz", "label": "Cuba"}
    assert simple(labelled, task="T6") == [("answered", 0, "Country", 9, "zz", "Cuba", None)]


def test_a_position_whose_option_has_another_value_keeps_what_was_exported() -> None:
    entry = {"option": True, "option_index": 0, "value": "zz", "label": "Cuba"}
    assert simple(entry, task="T6") == [("answered", 0, "Country", 0, "zz", "Cuba", None)]


@pytest.mark.parametrize(
    ("value", "index", "label"),
    [
        ("s", 1, "South"),
        ("n", None, "North"),
        ("all", None, "as exported"),
        ("gone", None, "as exported"),
    ],
)
def test_an_option_of_several_lists_has_the_index_and_label_that_all_lists_agree_on(
    value: str, index: int | None, label: str
) -> None:
    entries = [{"select_label": "Country"}, {"option": True, "value": value, "label": "as exported"}]
    assert dropdown(entries)[1] == ("answered", 1, "Region", index, value, label, None)


def test_text_that_nothing_calls_an_option_was_typed() -> None:
    assert dropdown([{"value": "aa"}, {"value": "Somewhere"}]) == [
        ("answered", 0, "Country", 0, "aa", "Chile", None),
        ("answered", 1, "Region", None, None, None, "Somewhere"),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        {"option": True, "value": ["aa"]},
        {"option": True, "value": True},
        {"option": False, "value": {"a": 1}},
        {"option": True, "label": "Peru"},
        {"option": True, "selection": -1},
        {"option": True, "option_index": "2", "value": "3f9c"},
        {"option": True, "option_index": 1 << 31, "value": "3f9c"},
    ],
)
def test_an_entry_that_says_no_option_is_kept_as_json(entry: dict[str, Any]) -> None:
    for rows in (dropdown([entry]), simple(entry, task="T6")):
        assert rows[0][0] == "malformed"
        assert rows[0][-1].startswith("{")
        assert rows[0][3:6] == (None, None, None)


def test_what_is_no_entry_is_kept_as_json() -> None:
    assert dropdown(["Peru", 3], defined=False, taskType="dropdown") == [
        ("malformed", 0, None, None, None, None, '"Peru"'),
        ("malformed", 1, None, None, None, None, "3"),
    ]
    assert simple("Peru")[0] == ("malformed", 0, None, None, None, None, '"Peru"')


def test_dropdowns_in_a_combo_are_the_rows_of_the_combo_and_of_the_top_level() -> None:
    child = {
        "task": "T6",
        "value": [{"select_label": "Country", "option": True, "value": "3f9c", "label": "Peru"}],
    }
    workflow = WORKFLOW | {"tasks": WORKFLOW["tasks"] | {"T9": {"type": "combo", "tasks": ["T6"]}}}
    combo = {"task": "T9", "task_label": None, "value": [child]}
    second = {
        "task": "T6",
        "task_type": "dropdown-simple",
        "value": {"select_label": "Country", "option": True, "option_index": 2, "value": "3f9c", "label": "Peru"},
    }
    table = flat([combo], [second], workflows=[workflow]).tables["dropdown_annotations"]
    assert table["parent_task"].to_list() == ["T9", None]
    assert table.select(COLUMNS).rows() == [PERU, PERU]


def test_golden_cases_of_many_selects_give_what_was_stored_or_say_that_it_is_lost(
    golden_rows: Callable[..., Any],
) -> None:
    country, state = ("blank", 0, "Country", *BLANK), ("blank", 1, "State", *BLANK)
    assert golden_rows("dropdown_annotations", "T4", *COLUMNS) == {
        "dropdown": [
            ("answered", 0, "Country", 0, "c6e0", "Oceania", None),
            ("answered", 1, "State", None, None, None, "Free"),
        ],
        "dropdown empty": [country, state],
        "dropdown nulls": [country, state],
        # The exporter leaves out a value that it does not know.
        "dropdown unknown hash": [country, state],
    }


def test_golden_cases_of_one_select_give_what_was_stored_or_say_that_it_is_lost(
    golden_rows: Callable[..., Any],
) -> None:
    blank = ("blank", 0, "Colour", *BLANK)
    assert golden_rows("dropdown_annotations", "T8", *COLUMNS) == {
        "dd simple": [("answered", 0, "Colour", 1, "bbb", "Blue", None)],
        "dd simple 0 (label missing)": [("answered", 0, "Colour", 0, "aaa", None, None)],
        "dd simple null": [blank],
        # The exporter leaves out what is no position of an option.
        "dd simple oob": [blank],
        "dd simple str no create": [blank],
    }
    assert golden_rows("dropdown_annotations", "T10", *COLUMNS) == {
        "dd real simple task": [("answered", 0, None, 1, None, "Blue", None)]
    }
