"""Votes that are put together from the yes and no to each of several answers."""

import polars as pl

from tests.volunteers.vote_rows import yes_and_no
from zoo_dag.volunteers.cast import by_task, together

SAID = [
    ("1", "a", {"hare", "owl"}),
    ("1", "b", {"owl"}),
    ("1", "c", set[str]()),
    ("2", "a", {"fox", "owl"}),
]
LABELS = ["Hare + Owl", "Owl", "nothing", "Fox + Owl"]


def test_all_answers_of_a_volunteer_are_a_vote() -> None:
    [(_, rows)] = by_task(yes_and_no(SAID))
    votes = together(rows)
    assert votes["label"].to_list() == LABELS
    assert votes["subject_ids"].to_list() == ["1", "1", "1", "2"]


def test_what_is_known_of_any_answer_is_known_of_the_vote() -> None:
    right = pl.when(pl.col("subject_ids") == "1").then(
        pl.when(pl.col("option") == "owl").then(pl.lit("yes")).when(pl.col("option") == "hare").then(pl.lit("no"))
    )
    [(_, rows)] = by_task(yes_and_no(SAID).with_columns(gold=right))
    assert together(rows)["gold"].to_list() == ["Owl", "Owl", "Owl", None]


def test_votes_of_a_task_are_in_the_order_of_time() -> None:
    votes = yes_and_no(SAID).collect()
    [(_, rows)] = by_task(pl.concat([votes.filter(option="owl"), votes.filter(pl.col("option") != "owl")]).lazy())
    assert rows["created_at"].is_sorted()
    assert together(rows)["label"].to_list() == LABELS


def test_more_answers_than_a_word_has_bits() -> None:
    named = {f"a{number:03}" for number in range(130)}
    [(_, rows)] = by_task(yes_and_no([("1", "a", named), ("1", "b", {"a000", "a063", "a064", "a129"})]))
    votes = together(rows)
    assert votes["label"].to_list() == [
        " + ".join(sorted(name.capitalize() for name in named)),
        "A000 + A063 + A064 + A129",
    ]


def test_without_rows_there_are_no_votes() -> None:
    [(_, rows)] = by_task(yes_and_no(SAID))
    assert together(rows.clear()).is_empty()
