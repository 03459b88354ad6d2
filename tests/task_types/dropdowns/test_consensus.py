"""Consensus of dropdowns: each select is a separate question."""

from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from tests.builders import classification_row, workflow_row
from tests.task_types.consensus_samples import Row, chosen, consensus, dropdown_workflow
from tests.task_types.metamorphic import PROPERTY, counted
from tests.task_types.said import CASES
from tests.task_types.samples import NO_WORKFLOWS, aggregated, flat, sample
from zoo_dag.consensus.pooling import pool
from zoo_dag.consensus.units import POOLED
from zoo_dag.tables import TABLES
from zoo_dag.task_types.dropdowns import DROPDOWNS

WORKFLOW = dropdown_workflow()


def agreed(*answers: Row, workflow: Row | None = WORKFLOW) -> pl.DataFrame:
    sampled = flat(*([answer] for answer in answers), workflows=[workflow] if workflow else NO_WORKFLOWS)
    return consensus(DROPDOWNS, sampled)


def rows(found: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return found.select(columns).rows()


def test_the_columns_are_those_of_single_questions_with_select_option_and_text_in_place_of_the_answer() -> None:
    keys, measures = (
        TABLES["question_consensus"].dtypes.names()[:15],
        TABLES["question_consensus"].dtypes.names()[17:-3],
    )
    own = ["select_index", "select_label", "option_value", "option_label", "free_text"]
    assert agreed(chosen("pe")).columns == [*keys, *own, *measures, "whole_agreement"]


def test_every_column_of_two_contested_selects() -> None:
    found = agreed(chosen("pe", "n"), chosen("pe", None), chosen("cl", "*Andes"), chosen(None, None))
    shared = {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "parent_task": None,
        "task": "T0",
        "task_revision": "T0@3.10",
        "task_label": "Where?",
        "subject_id": 101,
        "subject_ids": "101",
        "n_classifications": 4,
        "n_seen": 4,
        "asked": 1.0,
        "n_volunteers": 4,
        "whole_agreement": 1 / 3,
        "n_anonymous": 0,
        "n_after_retirement": 0,
    }
    # Country has 3 options, of which 2 : 1 : 0 votes. Region has 4 different values, but 1 : 1 votes of which one
    # was typed: Regions given are 2, offered n, s and coast.
    country = {"n_blank": 1, "n_answered": 3, "select_index": 0, "select_label": "Country", "tied": False}
    country |= {"entropy": pytest.approx(0.5793801642856950), "agreement": 2 / 3, "free_text": None}
    region = {"n_blank": 2, "n_answered": 2, "select_index": 1, "select_label": "Region", "tied": True}
    region |= {"entropy": pytest.approx(0.6309297535714575), "agreement": 0.5}
    # Wilson for 2 of 3, 1 of 3 and 1 of 2, computed by hand.
    two = {"fraction_low": pytest.approx(0.2077, abs=6e-5), "fraction_high": pytest.approx(0.9385, abs=6e-5)}
    one = {"fraction_low": pytest.approx(0.0615, abs=6e-5), "fraction_high": pytest.approx(0.7923, abs=6e-5)}
    half = {"fraction_low": pytest.approx(0.0945, abs=6e-5), "fraction_high": pytest.approx(0.9055, abs=6e-5)}
    expected = [
        {**country, **two, "option_value": "pe", "option_label": "Peru", "votes": 2, "fraction": 2 / 3, "rank": 1},
        {
            **country,
            **one,
            "option_value": "cl",
            "option_label": "Chile",
            "votes": 1,
            "fraction": 1 / 3,
            "rank": 2,
        },
        {**region, **half, "option_value": "n", "option_label": "North", "free_text": None, "rank": 1},
        {**region, **half, "option_value": None, "option_label": None, "free_text": "Andes", "rank": 2},
    ]
    for row in expected[2:]:
        row |= {"votes": 1, "fraction": 0.5}
    expected = [{**shared, **row, "fraction_of_all": row["votes"] / 4} for row in expected]
    assert found.to_dicts() == [{name: row[name] for name in found.columns} for row in expected]


@pytest.mark.parametrize(
    ("answers", "whole"),
    [
        # Two of three agree on each select, no two on the whole answer.
        ([("pe", "n"), ("pe", "s"), ("cl", "s")], 1 / 3),
        ([("pe", "n"), ("pe", "n"), ("cl", "s")], 2 / 3),
        ([("pe", "n")], 1.0),
        # A select left blank is a part of the answer, a task left blank is none.
        ([("pe", None), ("pe", None), ("pe", "n"), (None, None)], 2 / 3),
        ([("pe", "*Andes"), ("pe", "*Andes"), ("pe", "n")], 2 / 3),
        ([(None, None)], None),
    ],
)
def test_agreement_on_all_selects_together_is_that_of_whole_answers(
    answers: list[tuple[str | None, str | None]], whole: float | None
) -> None:
    found = agreed(*(chosen(*answer) for answer in answers))
    assert set(found["whole_agreement"].to_list()) == {whole}


def test_a_typed_text_that_equals_a_label_is_the_same_whole_answer() -> None:
    assert set(agreed(chosen("pe", "n"), chosen("*peru ", "n"))["whole_agreement"]) == {1.0}


def test_edge_case_a_tie_is_flagged_and_in_the_order_of_the_options() -> None:
    found = agreed(chosen("pe"), chosen("cl"), chosen("*Chili"), chosen("bo"), chosen("bo"))
    assert rows(found.filter(select_index=0), "option_label", "free_text", "votes", "rank", "tied") == [
        ("Bolivia", None, 2, 1, False),
        ("Chile", None, 1, 2, True),
        ("Peru", None, 1, 3, True),
        (None, "Chili", 1, 4, True),
    ]


def test_edge_case_one_vote_has_an_interval() -> None:
    found = agreed(chosen("pe", "n"))
    assert found["fraction_low"].to_list() == [pytest.approx(0.2065, abs=6e-5)] * 2
    assert found["fraction_high"].to_list() == [1.0, 1.0]


def test_edge_case_zero_votes_keep_every_select() -> None:
    found = agreed(chosen(None, None), chosen(None, None))
    columns = (
        "select_index",
        "select_label",
        "option_value",
        "votes",
        "n_blank",
        "n_answered",
        "fraction",
        "rank",
    )
    assert rows(found, *columns) == [
        (0, "Country", None, 0, 2, 0, None, None),
        (1, "Region", None, 0, 2, 0, None, None),
    ]


def test_a_select_that_some_did_not_come_to_is_blank_for_them() -> None:
    # Without a definition the entries of a classification are all that is known.
    found = agreed(chosen("pe", "n"), chosen("pe"), chosen(None), workflow=None)
    columns = ("select_index", "option_value", "votes", "n_classifications", "n_answered", "n_blank")
    assert rows(found, *columns) == [(0, "pe", 2, 3, 2, 1), (1, "n", 1, 3, 1, 2)]


def test_a_task_left_blank_without_a_definition_is_one_row_without_a_select() -> None:
    blank = {"task": "T0", "task_type": "dropdown", "value": []}
    columns = ("select_index", "votes", "n_classifications", "n_answered", "n_blank")
    assert rows(agreed(blank, blank, workflow=None), *columns) == [(None, 0, 2, 0, 2)]
    # It gives way where others tell that there is a select.
    assert rows(agreed(blank, chosen("pe"), workflow=None), *columns) == [(0, 1, 2, 1, 1)]


def test_an_unreadable_entry_touches_its_select_alone() -> None:
    broken = {"task": "T0", "value": [{"select_label": "Country", "value": "pe", "label": "Peru"}, 7]}
    found = agreed(broken, chosen("pe", "n"))
    columns = ("select_index", "option_value", "votes", "n_answered", "n_blank", "fraction_of_all")
    assert rows(found, *columns) == [(0, "pe", 2, 2, 0, 1.0), (1, "n", 1, 1, 0, 0.5)]


def test_a_value_with_two_labels_is_two_options() -> None:
    given_label = {
        "task": "T0",
        "value": [{"select_label": "Country", "option": True, "value": "x", "label": "A"}],
    }
    other_label = {
        "task": "T0",
        "value": [{"select_label": "Country", "option": True, "value": "x", "label": "B"}],
    }
    found = agreed(given_label, other_label, given_label, workflow=None)
    assert rows(found, "option_value", "option_label", "votes") == [("x", "A", 2), ("x", "B", 1)]


def simple(value: Any) -> Row:
    return {"task": "T0", "taskType": "dropdown-simple", "value": value}


def test_a_simple_dropdown_goes_by_the_label_and_without_a_definition_by_the_position() -> None:
    second, third, typed = ({"option": True, "selection": 1}, {"option": True, "selection": 2}, None)
    typed = {"option": False, "selection": "Mauve"}
    answers = [simple(value) for value in (second, third, second, typed, None)]
    task = {"type": "dropdown-simple", "instruction": "T0.instruction", "options": ["Red", "Blue", "Green"]}
    workflow = workflow_row(tasks={"T0": task}, strings={"T0.instruction": "Which colour?"})
    columns = ("option_value", "option_label", "free_text", "votes", "n_answered", "n_blank", "entropy")
    measures = (4, 1, pytest.approx(0.9463946303571862))
    assert rows(agreed(*answers, workflow=workflow), *columns) == [
        (None, "Blue", None, 2, *measures),
        (None, "Green", None, 1, *measures),
        (None, None, "Mauve", 1, *measures),
    ]
    assert rows(agreed(*answers, workflow=None), *columns) == [
        ("1", None, None, 2, *measures),
        ("2", None, None, 1, *measures),
        (None, None, "Mauve", 1, *measures),
    ]


ROWS, CHECK = CASES["dropdown"]


@PROPERTY
@given(ROWS)
def test_counts_equal_a_plain_recount(given_rows: pl.DataFrame) -> None:
    expected = {}
    for subject, classifications in counted(given_rows, one="select_index").items():
        for select in (0, 1):
            entries = [row for own in classifications.values() for row in own if row["select_index"] == select]
            status = Counter(row["status"] for row in entries)
            counts = (len(classifications), status["blank"], status["answered"])
            votes = Counter(
                (row["option_value"], row["free_text"]) for row in entries if row["status"] == "answered"
            )
            for option in votes or [(None, None)]:
                expected[subject, select, *option] = (votes[option], *counts)
    columns = ["subject_ids", "select_index", "option_value", "free_text"]
    found = CHECK.of(given_rows).select(*columns, "votes", "n_classifications", "n_blank", "n_answered")
    assert {row[:4]: row[4:] for row in found.iter_rows()} == expected


def test_an_option_without_its_label_counts_with_the_same_value() -> None:
    peru = {"select_label": "Country", "option": True, "value": "pe", "label": "Peru"}
    stored = {"value": "pe", "option": True}
    found = agreed(*({"task": "T0", "value": [item]} for item in (peru, peru, stored)), workflow=None)
    assert rows(found, "select_label", "option_value", "option_label", "votes", "n_answered") == [
        ("Country", "pe", "Peru", 3, 3)
    ]


def test_a_position_without_its_label_counts_with_the_same_position() -> None:
    peru = {"select_label": "Country", "option": True, "value": 2, "label": "Peru"}
    stored, typed = {"option": True, "selection": 2}, {"option": False, "value": "Andes"}
    found = agreed(*({"task": "T0", "value": item} for item in (peru, peru, stored, typed)), workflow=None)
    assert rows(found, "option_value", "option_label", "free_text", "votes") == [
        (None, "Peru", None, 3),
        (None, None, "Andes", 1),
    ]


def test_a_value_with_two_labels_gives_none_to_an_unlabelled_option() -> None:
    labels = ("Peru", "Perú", None)
    entries = ({"option": True, "value": "pe"} | ({"label": label} if label else {}) for label in labels)
    found = agreed(*({"task": "T0", "value": [entry]} for entry in entries), workflow=None)
    assert Counter(rows(found, "option_label", "votes")) == Counter([("Peru", 1), ("Perú", 1), (None, 1)])


OPTION = ("option_value", "option_label", "free_text", "votes")


def test_a_value_that_the_definition_lacks_is_the_option_of_its_label() -> None:
    new = {"task": "T0", "value": [{"select_label": "Country", "option": True, "value": "9f", "label": "Peru"}]}
    assert rows(agreed(chosen("pe"), new, new, chosen("*PERU")).filter(select_index=0), *OPTION) == [
        ("pe", "Peru", None, 4)
    ]
    # Without a workflows export two values in one version are two options.
    assert rows(agreed(new, chosen("pe"), workflow=None), *OPTION[:2]) == [("9f", "Peru"), ("pe", "Peru")]


def test_a_typed_text_that_is_a_listed_option_is_that_option() -> None:
    typed = [
        chosen(text) for text in ("pe", "pe", "*Peru", "*  pERU\n", "*cHILE ", "*chile", "cl", "*Per", "*North")
    ]
    assert rows(agreed(*typed).filter(select_index=0), *OPTION) == [
        ("pe", "Peru", None, 4),
        ("cl", "Chile", None, 3),
        (None, None, "North", 1),
        (None, None, "Per", 1),
    ]


def test_without_a_workflows_export_a_typed_text_is_an_option_that_others_chose() -> None:
    found = agreed(chosen("pe"), chosen("*peru"), chosen("*chile"), workflow=None).filter(select_index=0)
    assert rows(found, *OPTION) == [("pe", "Peru", None, 2), (None, None, "chile", 1)]


def test_a_typed_text_that_is_the_label_of_two_options_stays_a_text() -> None:
    workflow = dropdown_workflow()
    workflow["strings"] |= {"T0.selects.0.options.*.1.label": "PERU"}
    found = agreed(chosen("pe"), chosen("*Peru"), workflow=workflow).filter(select_index=0)
    assert rows(found, *OPTION) == [("pe", "Peru", None, 1), (None, None, "Peru", 1)]


def test_an_option_of_a_list_without_values_can_be_typed_too() -> None:
    task = {"type": "dropdown-simple", "instruction": "Where?", "options": ["Chile", "Peru"], "allowCreate": True}

    def entry(**value: Any) -> Row:
        return {"task": "T0", "taskType": "dropdown-simple", "value": value}

    found = agreed(
        entry(selection=1, option=True),
        entry(selection="peru ", option=False),
        workflow=workflow_row(tasks={"T0": task}, strings={}),
    )
    assert rows(found, *OPTION) == [(None, "Peru", None, 2)]


def of_version(version: str, number: int, *entries: Row) -> Row:
    annotations = [{"task": "T0", "value": list(entries)}]
    return classification_row(number, workflow_version=version, annotations=annotations)


def pooled(*given_rows: Row) -> list[tuple[Any, ...]]:
    """Value, label, typed text and votes over all versions, without a workflows export."""
    versions = {row["workflow_version"] for row in given_rows}
    samples = [
        sample([row for row in given_rows if row["workflow_version"] == each], NO_WORKFLOWS) for each in versions
    ]
    flattened = pl.concat([each.tables["dropdown_annotations"] for each in samples])
    nothing = pl.lit([], pl.List(pl.String()))
    decided = flattened.select("classification_id", "excluded", repeated=nothing, changed=False).unique()
    tasks = samples[0].tables["tasks"]
    rows = pool(flattened.lazy(), tasks.lazy(), decided, DROPDOWNS.flattening.options).collect()
    found = aggregated(DROPDOWNS, {"dropdown_annotations": rows}, tasks, scope=POOLED)
    return found.select("option_value", "option_label", "free_text", "votes").rows()


def option(value: str | int, label: str | None = "Peru", **further: Any) -> Row:
    return {"select_label": "Where?", "option": True, "value": value, "label": label, **further}


def test_one_label_whose_value_was_made_anew_is_one_option() -> None:
    given_rows = [of_version("3.9", n, option("p1")) for n in (1, 2)]
    given_rows += [of_version("3.10", n, option("p2")) for n in (3, 4)]
    assert pooled(*given_rows, of_version("3.10", 5, option("c", "Chile"))) == [
        ("p2", "Peru", None, 4),
        ("c", "Chile", None, 1),
    ]


def test_an_option_that_old_rows_have_without_its_value_is_the_same_option() -> None:
    # The server wrote the position as value until 2026-04.
    def chose(number: int, entry: Row) -> Row:
        element = {"task": "T0", "task_type": "dropdown-simple", "value": entry}
        return classification_row(number, annotations=[element])

    old = [chose(n, option(1, "Chile")) for n in (1, 2, 3)]
    new = [chose(n, option("h2", "Chile", option_index=1)) for n in (4, 5)]
    new += [chose(n, option("h1", "Peru", option_index=0)) for n in (6, 7, 8, 9)]
    assert pooled(*old, *new) == [("h2", "Chile", None, 5), ("h1", "Peru", None, 4)]


def test_two_values_of_one_label_in_one_version_are_two_options() -> None:
    # Orange County is in two states: the lists of a select depend on another one.
    given_rows = [
        of_version("3.9", 1, option("ca")),
        of_version("3.10", 2, option("fl")),
        of_version("3.10", 3, option("ca")),
    ]
    assert pooled(*given_rows) == [("ca", "Peru", None, 2), ("fl", "Peru", None, 1)]


def test_entries_as_stored_are_options_and_typed_texts() -> None:
    stored = [
        {"option": True, "value": "a1"},
        {"option": True, "value": "a1"},
        {"option": False, "value": "Andes"},
    ]
    given_rows = [
        of_version("3.10", number, entry)
        for number, entry in enumerate([*stored, {"option": False, "value": None}], 1)
    ]
    assert pooled(*given_rows) == [("a1", None, None, 2), (None, None, "Andes", 1)]
