"""Consensus of questions: counts, fractions, denominators, ties, and edge cases."""

from typing import Any

import pytest

from tests.builders import (
    anonymous,
    answer,
    classification_row,
    metadata,
    question,
    question_strings,
    workflow_row,
)
from tests.task_types.samples import FIRST_OF_REPEATED, NO_WORKFLOWS, flat, one_question, sample, votes
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Exclusion
from zoo_dag.tables import TABLES

COLUMNS = [
    "workflow_id",
    "workflow_version",
    "parent_task",
    "task",
    "task_revision",
    "task_label",
    "subject_id",
    "subject_ids",
    "n_classifications",
    "n_seen",
    "asked",
    "n_blank",
    "n_volunteers",
    "n_anonymous",
    "n_after_retirement",
    "answer_index",
    "answer",
    "votes",
    "fraction",
    "fraction_of_all",
    "fraction_low",
    "fraction_high",
    "rank",
    "tied",
    "n_answered",
    "entropy",
    "agreement",
    "answer_set",
    "answer_set_votes",
    "mean_selected",
]


def colours(*chosen: str) -> dict[str, Any]:
    return answer("T1", list(chosen), "Which colours?")


def repeats(repeat: Any) -> Settings:
    return Settings(exclusion=Exclusion(repeat=repeat))


def test_the_columns_are_those_of_the_design_in_its_order() -> None:
    consensus = votes("Yes").consensus()
    assert consensus.columns == COLUMNS
    assert consensus.schema == TABLES["question_consensus"].dtypes


def test_every_column_of_a_contested_subject() -> None:
    rows = votes("No", "Yes", "Yes", "Yes", None).consensus().to_dicts()
    shared = {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "parent_task": None,
        "task": "T0",
        "task_revision": "T0@3.10",
        "task_label": "Is there a bird?",
        "subject_id": 101,
        "subject_ids": "101",
        "n_classifications": 5,
        "n_seen": 5,
        "asked": 1.0,
        "n_blank": 1,
        "n_volunteers": 5,
        "n_anonymous": 0,
        "n_after_retirement": 0,
        "tied": False,
        "n_answered": 4,
        "entropy": pytest.approx(0.8112781244591328),
        "agreement": 0.75,
        "answer_set": None,
        "answer_set_votes": None,
        "mean_selected": None,
    }
    # Wilson for 3 of 4 and 1 of 4, computed by hand.
    assert rows == [
        {
            **shared,
            "answer_index": 0,
            "answer": "Yes",
            "votes": 3,
            "fraction": 0.75,
            "fraction_of_all": 0.6,
            "fraction_low": pytest.approx(0.3006, abs=6e-5),
            "fraction_high": pytest.approx(0.9544, abs=6e-5),
            "rank": 1,
        },
        {
            **shared,
            "answer_index": 1,
            "answer": "No",
            "votes": 1,
            "fraction": 0.25,
            "fraction_of_all": 0.2,
            "fraction_low": pytest.approx(0.0456, abs=6e-5),
            "fraction_high": pytest.approx(0.6994, abs=6e-5),
            "rank": 2,
        },
    ]


def test_no_annotations_give_an_empty_table_with_the_full_schema() -> None:
    for workflows in (None, NO_WORKFLOWS):
        consensus = sample([], workflows).consensus()
        assert consensus.is_empty()
        assert consensus.schema == TABLES["question_consensus"].dtypes


def test_a_blank_counts_in_the_denominator_of_all_and_not_in_that_of_the_answered() -> None:
    consensus = votes("Yes", None, None).consensus()
    columns = ["fraction", "fraction_of_all", "n_answered", "n_blank", "n_classifications"]
    assert consensus.select(columns).rows() == [(1.0, 1 / 3, 1, 2, 3)]


@pytest.mark.parametrize("lost", ["unknown answer label", {"a": 1}, True])
def test_an_answer_that_was_lost_reached_the_task_but_is_neither_vote_nor_blank(lost: Any) -> None:
    consensus = votes("Yes", "No", "Yes", lost).consensus()
    columns = ["answer", "votes", "fraction", "fraction_of_all", "n_answered", "n_blank", "n_classifications"]
    assert consensus.select(columns).rows() == [("Yes", 2, 2 / 3, 0.5, 3, 0, 4), ("No", 1, 1 / 3, 0.25, 3, 0, 4)]


def test_a_task_not_reached_is_in_no_denominator() -> None:
    given = flat([answer(), colours("Red")], [answer(value="No")], [answer(), colours()])
    columns = ["task", "answer", "votes", "fraction", "n_classifications", "n_blank", "n_volunteers"]
    assert given.consensus().select(columns).rows() == [
        ("T0", "Yes", 2, 2 / 3, 3, 0, 3),
        ("T0", "No", 1, 1 / 3, 3, 0, 3),
        ("T1", "Red", 1, 0.5, 2, 1, 2),
    ]


def test_of_multiple_answers_each_fraction_is_of_the_volunteers_not_of_the_ticks() -> None:
    given = flat([colours("Red")], [colours("Red", "Green")], [colours("Blue", "Red")])
    columns = ["answer", "votes", "fraction", "n_answered", "mean_selected"]
    assert given.consensus().select(columns).rows() == [
        ("Red", 3, 1.0, 3, 5 / 3),
        ("Green", 1, 1 / 3, 3, 5 / 3),
        ("Blue", 1, 1 / 3, 3, 5 / 3),
    ]


@pytest.mark.parametrize("empty", [None, []])
def test_an_empty_answer_is_a_no_to_every_option_of_a_multiple_question(empty: Any) -> None:
    given = flat([colours("Red")], *([answer("T1", empty, "Which colours?")] for _ in range(9)))
    (row,) = given.consensus().to_dicts()
    counts = ("answer", "votes", "n_answered", "n_blank", "fraction", "mean_selected")
    assert [row[name] for name in counts] == ["Red", 1, 10, 9, 0.1, 0.1]
    # Wilson for 1 of 10.
    assert (row["fraction_low"], row["fraction_high"]) == pytest.approx((0.0179, 0.4042), abs=6e-5)
    assert (row["answer_set"], row["answer_set_votes"]) == ("", 9)
    assert row["agreement"] == pytest.approx((0.9 + 1 + 1) / 3)


def test_a_multiple_question_of_which_all_choose_nothing_is_agreed() -> None:
    (row,) = flat(*([colours()] for _ in range(4))).consensus().to_dicts()
    assert (row["answer_index"], row["answer"]) == (None, None)
    numbers = ("votes", "fraction", "fraction_low", "n_answered", "n_blank", "rank", "tied", "mean_selected")
    assert [row[name] for name in (*numbers, "entropy")] == [0, 0.0, 0.0, 4, 4, 1, False, 0.0, 0.0]
    assert row["fraction_high"] == pytest.approx(0.4899, abs=6e-5)
    assert (row["answer_set"], row["answer_set_votes"], row["agreement"]) == ("", 4, 1.0)


def test_the_commonest_set_of_answers_is_in_the_order_of_the_workflow() -> None:
    given = flat([colours("Blue", "Red")], [colours("Red", "Blue")], [colours("Red")], [colours()])
    columns = ["answer", "fraction", "answer_set", "answer_set_votes", "mean_selected"]
    assert given.consensus().select(columns).rows() == [
        ("Red", 0.75, "Red; Blue", 2, 1.25),
        ("Blue", 0.5, "Red; Blue", 2, 1.25),
    ]


def test_sets_of_more_answers_than_a_number_has_bits_are_told_apart() -> None:
    others = [f"Colour {number:03}" for number in range(200)]
    given = flat([colours(*others)], *([colours(*others[64:66])] for _ in range(2)), [colours(*others[:2])])
    rows = given.consensus().select("answer_set", "answer_set_votes").unique().rows()
    assert rows == [("Colour 064; Colour 065", 2)]


@pytest.mark.parametrize(
    ("ticked", "agreement", "entropy", "tied"),
    [
        # All agree on all three answers.
        ([("Red", "Blue")] * 4, 1.0, 0.0, [False, False]),
        ([("Red", "Green", "Blue")], 1.0, 0.0, [False, False, False]),
        ([("Red", "Blue")] * 2 + [("Red",)] * 2, (1 + 0.5 + 1) / 3, 1 / 3, [False, False]),
        # Entropy of 1 in 4, and of 3 in 4: 0.811 bits.
        ([("Red",)] * 3 + [("Blue",)], (0.75 + 0.75 + 1) / 3, 2 * 0.8112781244591328 / 3, [False, False]),
        ([("Red",)] * 2 + [("Blue",)] * 2, (0.5 + 0.5 + 1) / 3, 2 / 3, [True, True]),
    ],
)
def test_each_of_several_answers_is_a_yes_or_no_of_its_own(
    ticked: list[tuple[str, ...]], agreement: float, entropy: float, tied: list[bool]
) -> None:
    found = flat(*([colours(*chosen)] for chosen in ticked)).consensus()
    assert found["agreement"].to_list() == [pytest.approx(agreement)] * len(tied)
    assert found["entropy"].to_list() == [pytest.approx(entropy)] * len(tied)
    assert found["tied"].to_list() == tied


def test_without_a_definition_agreement_is_over_the_answers_given_to_the_task() -> None:
    rows = [
        classification_row(number, subject_ids=subject, annotations=[colours(*chosen)])
        for number, (subject, chosen) in enumerate(
            [("1", ("Red", "Blue")), ("1", ("Red",)), ("2", ("Green",)), ("2", ("Yellow",)), ("3", ())], 1
        )
    ]
    found = sample(rows, NO_WORKFLOWS).consensus()
    assert found.filter(subject_ids="1")["agreement"].to_list() == [pytest.approx((1 + 0.5 + 1 + 1) / 4)] * 2
    assert found.filter(subject_ids="3").select("agreement", "entropy").rows() == [(1.0, 0.0)]


def test_sets_of_answers_that_tie_are_all_named() -> None:
    given = flat([colours("Green", "Red")], [colours()], [colours("Blue")])
    assert given.consensus()["answer_set"].unique().to_list() == ["(none) | Blue | Red; Green"]
    assert given.consensus()["answer_set_votes"].unique().to_list() == [1]


@pytest.mark.parametrize("lost", ["unknown answer label", {"a": 1}])
def test_an_answer_that_was_lost_is_no_no(lost: Any) -> None:
    # The first is a vote for Red and no known set, the second is neither a vote nor a no.
    given = flat([colours("Red", lost)], [colours(lost)], [colours("Red")], [colours()])
    (row,) = given.consensus().to_dicts()
    counts = ("votes", "n_classifications", "n_answered", "n_blank", "answer_set_votes", "mean_selected")
    assert [row[name] for name in counts] == [2, 4, 3, 1, 1, 2 / 3]
    assert (row["answer_set"], row["agreement"]) == ("(none) | Red", pytest.approx((2 / 3 + 1 + 1) / 3))


def test_a_multiple_question_of_which_no_answer_is_complete_has_no_set() -> None:
    (row,) = flat([colours("Red", "unknown answer label")]).consensus().to_dicts()
    assert (row["n_answered"], row["answer_set"], row["answer_set_votes"], row["agreement"]) == (1, None, 0, 1.0)
    (row,) = flat([colours("unknown answer label")]).consensus().to_dicts()
    assert (row["n_answered"], row["answer_set_votes"], row["agreement"]) == (0, None, None)


def test_positions_without_labels_make_sets_too() -> None:
    rows = [
        classification_row(number, annotations=[{"task": "T1", "taskType": "multiple", "value": value}])
        for number, value in enumerate(([2, 10], [10, 2], [1]), 1)
    ]
    consensus = sample(rows, NO_WORKFLOWS).consensus()
    assert set(consensus["answer_set"]) == {"answer 2; answer 10"}
    assert set(consensus["answer_set_votes"]) == {2}


def test_the_entropy_is_over_the_answers_offered() -> None:
    offered = [one_question("Yes", "No", "Maybe", "Never")]
    assert votes("Yes", "No", workflows=offered).consensus()["entropy"].to_list() == [pytest.approx(0.5)] * 2


def test_without_a_definition_the_entropy_is_over_the_answers_to_the_task() -> None:
    rows = [
        classification_row(number, subject_ids=subject, annotations=[answer(value=value)])
        for number, (subject, value) in enumerate([("1", "A"), ("1", "B"), ("2", "C"), ("3", "D")], 1)
    ]
    consensus = sample(rows, NO_WORKFLOWS).consensus()
    assert consensus.filter(subject_ids="1")["entropy"].to_list() == [pytest.approx(0.5)] * 2


def test_without_a_definition_labels_are_counted_as_they_are() -> None:
    consensus = votes("Yes", "No", "Yes", workflows=NO_WORKFLOWS).consensus()
    columns = ["task_revision", "task_label", "answer_index", "answer", "votes", "rank"]
    assert consensus.select(columns).rows() == [
        (None, "Is there a bird?", None, "Yes", 2, 1),
        (None, "Is there a bird?", None, "No", 1, 2),
    ]


def test_the_last_element_of_a_repeated_task_counts_or_the_first() -> None:
    given = flat([answer(value="Yes"), answer(value=None)], [answer(value="No"), answer(value="Yes")])
    columns = ["answer", "votes", "n_blank", "n_classifications"]
    assert given.consensus().select(columns).rows() == [("Yes", 2, 0, 2)]
    first = given.consensus(FIRST_OF_REPEATED).select(columns)
    assert first.rows() == [("Yes", 1, 0, 2), ("No", 1, 0, 2)]


def test_the_ticks_of_all_elements_are_votes_each_option_once() -> None:
    given = flat([colours("Red", "Blue"), colours(), colours("Green", "Blue")], [colours("Blue")], [colours()])
    found = given.consensus().select("answer", "votes", "n_answered", "n_blank", "n_classifications")
    assert found.rows() == [("Blue", 2, 3, 1, 3), ("Red", 1, 3, 1, 3), ("Green", 1, 3, 1, 3)]


@pytest.mark.parametrize("nothing", [[], None])
def test_an_empty_answer_is_a_no_to_every_option_without_a_workflows_export_too(nothing: Any) -> None:
    empty = answer("T1", nothing, "Which colours?")
    found = flat([colours("Red")], *[[empty]] * 3, workflows=NO_WORKFLOWS).consensus()
    columns = ["answer", "fraction", "n_answered", "answer_set", "agreement"]
    assert found.select(columns).rows() == [("Red", 0.25, 4, "", 0.75)]


def test_rows_left_out_give_neither_votes_nor_subjects() -> None:
    rows = [
        classification_row(1),
        classification_row(2, gold_standard=True),
        classification_row(3, gold_standard=True, subject_ids="102"),
    ]
    consensus = sample(rows).consensus()
    assert consensus.select("subject_ids", "votes", "n_classifications").rows() == [("101", 1, 1)]


def test_subjects_shown_together_are_one_unit_whatever_their_order() -> None:
    rows = [
        classification_row(1, subject_ids="101;102"),
        classification_row(2, subject_ids="102;101"),
        classification_row(3, subject_ids="101"),
    ]
    consensus = sample(rows).consensus()
    assert consensus.select("subject_id", "subject_ids", "votes").rows() == [(101, "101", 1), (None, "101;102", 2)]


def test_answers_with_the_same_label_are_voted_for_by_label_and_come_last_in_a_tie() -> None:
    consensus = votes("Other", "Bird", workflows=[one_question("Other", "Bird", "Other")]).consensus()
    columns = ["answer_index", "answer", "votes", "rank", "tied"]
    assert consensus.select(columns).rows() == [(1, "Bird", 1, 1, True), (None, "Other", 1, 2, True)]


def test_an_answer_unknown_to_the_definition_is_still_a_vote() -> None:
    consensus = votes("Maybe", "Maybe", "Yes").consensus()
    assert consensus.select("answer_index", "answer", "votes").rows() == [(None, "Maybe", 2), (0, "Yes", 1)]
    assert all(0 <= value <= 1 for value in consensus["entropy"])


def test_edge_case_a_tie_is_flagged_and_in_the_order_of_the_answers() -> None:
    offered = [one_question("Zebra", "Ant", "Bear")]
    for order in (("Ant", "Zebra", "Bear"), ("Bear", "Ant", "Zebra")):
        consensus = votes(*order, "Bear", "Zebra", workflows=offered).consensus()
        columns = ["answer", "votes", "rank", "tied", "agreement"]
        assert consensus.select(columns).rows() == [
            ("Zebra", 2, 1, True, 0.4),
            ("Bear", 2, 2, True, 0.4),
            ("Ant", 1, 3, False, 0.4),
        ]


def test_edge_case_one_vote_has_a_wide_interval() -> None:
    consensus = votes("Yes").consensus()
    columns = ["votes", "fraction", "fraction_low", "fraction_high", "agreement", "entropy", "tied"]
    low = pytest.approx(0.2065, abs=6e-5)
    assert consensus.select(columns).rows() == [(1, 1.0, low, 1.0, 1.0, 0.0, False)]


def test_edge_case_a_task_that_nobody_answered_keeps_its_subject() -> None:
    (row,) = votes(None, None, "unknown answer label").consensus().to_dicts()
    counts = {name: row[name] for name in ("votes", "n_classifications", "n_blank", "n_answered", "n_volunteers")}
    assert counts == {"votes": 0, "n_classifications": 3, "n_blank": 2, "n_answered": 0, "n_volunteers": 3}
    nothing = (
        "answer_index",
        "answer",
        "fraction",
        "fraction_low",
        "fraction_high",
        "rank",
        "tied",
        "entropy",
        "agreement",
    )
    assert {name: row[name] for name in nothing} == dict.fromkeys(nothing)
    assert (row["subject_id"], row["task_label"]) == (101, "Is there a bird?")


def test_edge_case_a_blank_is_counted_apart_and_is_no_answer() -> None:
    consensus = votes("Yes", None, "").consensus()
    assert consensus.select("answer", "votes", "n_blank").rows() == [("Yes", 1, 2)]


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ("first", [("Yes", 2, 2, 2)]),
        ("last", [("Yes", 1, 2, 2), ("No", 1, 2, 2)]),
        ("all", [("Yes", 2, 4, 2), ("No", 2, 4, 2)]),
    ],
)
def test_edge_case_the_same_volunteer_again(repeat: str, expected: list[Any]) -> None:
    # Ann says yes, no, no and Bob yes.
    rows = [
        classification_row(number, user_id=user, annotations=[answer(value=value)])
        for number, (user, value) in enumerate([(1, "Yes"), (1, "No"), (1, "No"), (2, "Yes")], 1)
    ]
    consensus = sample(rows, settings=repeats(repeat)).consensus()
    assert consensus.select("answer", "votes", "n_classifications", "n_volunteers").rows() == expected


def test_edge_case_anonymous_people_are_volunteers_distinguished_by_session() -> None:
    rows = [
        anonymous(1, metadata=metadata(session="a")),
        anonymous(2, metadata=metadata(session="b")),
        anonymous(3, metadata=metadata(session="a")),
        classification_row(4),
    ]
    consensus = sample(rows).consensus()
    assert consensus.select("votes", "n_classifications", "n_volunteers").rows() == [(3, 3, 3)]


def test_edge_case_gold_standard_answers_are_no_votes_unless_asked_for() -> None:
    rows = [classification_row(1), classification_row(2, gold_standard=True, expert="expert")]
    assert sample(rows).consensus()["votes"].to_list() == [1]
    asked = Settings(exclusion=Exclusion(gold_standard=False))
    assert sample(rows, settings=asked).consensus()["votes"].to_list() == [2]


def test_edge_case_classifications_of_a_retired_subject_count() -> None:
    retired = metadata(subject_selection_state={"retired": True, "already_seen": False})
    rows = [
        classification_row(1),
        classification_row(2, metadata=retired, subject_data={"101": {"retired": {"retired_at": "2024-01-01"}}}),
    ]
    given = sample(rows)
    assert given.tables["classifications"]["retired_when_shown"].to_list() == [False, True]
    assert given.consensus()["votes"].to_list() == [2]


def test_edge_case_votes_go_by_the_text_of_the_answer_not_by_its_place() -> None:
    # The same position means another answer in the next version; each version has its own table.
    workflows = [one_question("Yes", "No"), one_question("No", "Yes", version=4)]
    found = []
    for version in ("3.10", "4.10"):
        rows = [classification_row(1, workflow_version=version, annotations=[answer(value="Yes")])]
        found += sample(rows, workflows).consensus().select("workflow_version", "answer_index", "answer").rows()
    assert found == [("3.10", 0, "Yes"), ("4.10", 1, "Yes")]


def test_edge_case_a_deleted_account_stays_one_volunteer() -> None:
    rows = [
        classification_row(1, user_id=77, user_name="ann"),
        classification_row(2, user_id=77, user_name="deleted-77"),
    ]
    consensus = sample(rows, settings=repeats("all")).consensus()
    assert consensus.select("n_classifications", "n_volunteers").rows() == [(2, 1)]


def test_a_shortcut_is_a_yes_or_no_of_everybody_who_saw_its_page() -> None:
    workflow = workflow_row(
        tasks={"T0": question(unlinkedTask="T4"), "T4": question("T4", answers=1, kind="shortcut")},
        strings=question_strings() | question_strings("T4", "Shortcut", ["Nothing here"]),
    )
    clicked = [answer(value=None), answer("T4", ["Nothing here"], None)]
    given = flat(clicked, [answer()], [answer(value="No")], workflows=[workflow])
    (row,) = given.consensus().filter(task="T4").to_dicts()
    assert (row["n_classifications"], row["n_blank"], row["n_answered"], row["votes"]) == (3, 2, 3, 1)
    assert (row["fraction"], row["fraction_of_all"]) == (1 / 3, 1 / 3)
    assert (row["agreement"], row["answer_set"], row["answer_set_votes"]) == (pytest.approx(2 / 3), "", 2)
    assert row["task_revision"] == "T4@3.10"


MARK = {"x": 1, "y": 1, "tool": 0, "frame": 0, "details": []}


@pytest.mark.parametrize(
    ("definition", "empty", "filled"),
    [
        (
            {"type": "survey", "choices": {"DEER": {"label": "Deer"}}, "choicesOrder": ["DEER"]},
            {"task": "T0", "value": []},
            {"task": "T0", "value": [{"choice": "DEER", "answers": {}, "filters": {}}]},
        ),
        (
            {"type": "drawing", "instruction": "Mark", "tools": [{"type": "point", "label": "Nest"}]},
            {"task": "T0", "task_label": "Mark", "value": []},
            {"task": "T0", "task_label": "Mark", "value": [MARK, MARK | {"x": 90}]},
        ),
        (
            {"type": "text", "instruction": "Notes"},
            {"task": "T0", "value": "", "task_label": "Notes"},
            {"task": "T0", "value": "an owl", "task_label": "Notes"},
        ),
        (
            {"type": "combo", "tasks": ["T1"]},
            {"task": "T0", "task_label": None, "value": []},
            {"task": "T0", "task_label": None, "value": [answer("T1")]},
        ),
    ],
    ids=["survey", "drawing", "text", "combo"],
)
def test_everybody_who_saw_the_page_of_a_shortcut_counts_whatever_the_task_on_it(
    definition: dict[str, Any], empty: dict[str, Any], filled: dict[str, Any]
) -> None:
    tasks = {
        "T0": definition | {"unlinkedTask": "T4"},
        "T1": question("T1"),
        "T4": question("T4", answers=1, kind="shortcut"),
        # Other pages, one of them with the same child.
        "T7": {"type": "combo", "tasks": ["T1"]},
        "T8": {"type": "text", "instruction": "Another page"},
    }
    strings = question_strings("T1") | question_strings("T4", "Shortcut", ["Nothing here"])
    clicked = [empty, answer("T4", ["Nothing here"], None)]
    elsewhere = [
        {"task": "T7", "task_label": None, "value": [answer("T1")]},
        {"task": "T8", "value": "", "task_label": "Another page"},
    ]
    given = flat(
        clicked, clicked, [filled], [empty], [filled], elsewhere,
        workflows=[workflow_row(tasks=tasks, strings=strings)],
    )  # fmt: skip
    (row,) = given.consensus().filter(task="T4").to_dicts()
    assert (row["votes"], row["n_answered"], row["n_blank"], row["n_classifications"]) == (2, 5, 3, 5)
    assert (row["fraction"], row["fraction_of_all"], row["agreement"]) == (0.4, 0.4, pytest.approx(0.6))
