"""Ballots from rows of answers."""

import polars as pl

from zoo_dag.volunteers.ballots import one_of_several, yes_or_no

ROWS = pl.LazyFrame(
    {
        "task": ["T0"] * 5,
        "subject_ids": ["1", "1", "1", "1", "2"],
        "classification_id": [10, 10, 11, 12, 13],
        "user_key": ["user:1", "user:1", "user:2", "user:3", "user:1"],
        "created_at": [1, 1, 2, 3, 4],
        "workflow_version": ["1.1"] * 5,
        "gold": [False, False, False, True, False],
        "answer": ["cat", "dog", "cat", None, "dog"],
    }
)


def test_a_row_is_a_vote() -> None:
    ballots = one_of_several(ROWS, ["task", "subject_ids"], pl.lit(0), pl.col("answer")).collect()
    assert ballots["option"].unique().to_list() == ["0"]
    assert ballots.select("classification_id", "label").rows()[2:4] == [(11, "cat"), (12, None)]


def test_everybody_says_yes_or_no_to_what_somebody_named() -> None:
    ballots = yes_or_no(
        ROWS, ["task", "subject_ids"], pl.col("answer"), named=pl.col("answer").is_not_null()
    ).collect()
    of_rows = ballots.sort("classification_id", "option").select(
        "subject_ids", "classification_id", "option", "label", "gold"
    )
    assert of_rows.rows() == [
        ("1", 10, "cat", "yes", False),
        ("1", 10, "dog", "yes", False),
        ("1", 11, "cat", "yes", False),
        ("1", 11, "dog", "no", False),
        ("1", 12, "cat", "no", True),
        ("1", 12, "dog", "no", True),
        ("2", 13, "dog", "yes", False),
    ]
