"""Answers about the marks of a cluster, put together."""

from typing import Any

import pytest

from tests.task_types.drawings.marks import HERE, clusters, drawn, entry


def votes(index: int, count: int, fraction: float, **answer: Any) -> dict[str, Any]:
    return {
        "detail_index": index,
        "answer_label": None,
        "votes": count,
        "fraction": pytest.approx(fraction),
        "text": None,
        "number": None,
        **answer,
    }


def test_answers_about_marks_are_put_together() -> None:
    eggs = {"answer_index": 1, "answer_label": "Eggs"}
    none = {"answer_index": 0, "answer_label": "None"}
    said = [
        [entry(0, **eggs), entry(1, detail_type="text", text="grey"), entry(2, number=3.0)],
        [entry(0, **eggs), entry(0, **none), entry(1, detail_type="text", text=" grey "), entry(2, number=4.0)],
        [entry(0, **none), entry(1, detail_type="text", text="brown"), entry(2, number=9.0)],
        [entry(0), entry(1, detail_type="text", text=" "), entry(2)],
        [],
    ]
    (row,) = clusters(drawn(*([HERE | {"details": details}] for details in said)))
    assert row["details"] == [
        # Chosen by as many, in the order of the answers.
        votes(0, 2, 2 / 3, answer_label="None"),
        votes(0, 2, 2 / 3, answer_label="Eggs"),
        votes(1, 2, 2 / 3, text="grey"),
        votes(2, 3, 1, number=4.0),
    ]


def test_a_volunteer_answers_once_about_a_cluster() -> None:
    eggs = HERE | {"details": [entry(0, answer_index=1, answer_label="Eggs")]}
    few = HERE | {"details": [entry(0, answer_index=0, answer_label="None")]}
    (row,) = clusters(drawn([eggs, eggs], [few], [few]))
    assert row["details"] == [votes(0, 2, 2 / 3, answer_label="None"), votes(0, 1, 1 / 3, answer_label="Eggs")]


def test_answers_with_unknown_labels_are_named_by_position() -> None:
    (row,) = clusters(drawn(*[[HERE | {"details": [entry(0, answer_index=2)]}]] * 3))
    assert row["details"] == [votes(0, 3, 1, answer_label="2")]


def test_all_options_of_a_dropdown_are_listed_also_without_labels() -> None:
    kinds = ["Robin", "Wren", "Robin"]
    said = [HERE | {"details": [entry(0, detail_type="dropdown", text=kind)]} for kind in kinds]
    (row,) = clusters(drawn(*([mark] for mark in said)))
    assert row["details"] == [votes(0, 2, 2 / 3, text="Robin"), votes(0, 1, 1 / 3, text="Wren")]


def test_a_typed_text_that_is_an_option_votes_for_it() -> None:
    chosen, typed = {"answer_index": 1, "answer_label": "Robin"}, {"text": "robin "}
    said = [HERE | {"details": [entry(0, detail_type="dropdown", **answer)]} for answer in (chosen, typed, typed)]
    (row,) = clusters(drawn(*([mark] for mark in said)))
    assert row["details"] == [votes(0, 3, 1, answer_label="Robin")]


def test_typed_texts_are_aligned_and_votes_are_of_the_same_words() -> None:
    texts = ("John Smith, baker", "john smith, baker", "Jon Smith, baker", "John Smyth, baker")
    said = [HERE | {"details": [entry(0, detail_type="text", text=text)]} for text in texts]
    (row,) = clusters(drawn(*([mark] for mark in said)))
    assert row["details"] == [votes(0, 2, 0.5, text="John Smith, baker")]


def test_a_consensus_that_nobody_wrote_as_a_whole_has_no_votes() -> None:
    texts = ("one two four", "one two tree", "won two three", "one too three")
    said = [HERE | {"details": [entry(0, detail_type="text", text=text)]} for text in texts]
    (row,) = clusters(drawn(*([mark] for mark in said)))
    assert row["details"] == [votes(0, 0, 0.0, text="one two three")]
