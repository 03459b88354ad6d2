"""Posteriors and skills from ballots."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from zoo_dag.volunteers.posteriors import weigh_ballots

DAY = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[str, str | None, str, str, bool]


def ballots(rows: list[Row], task: str = "T0") -> pl.LazyFrame:
    """Rows of subjects, option, user key, label and gold, in the order of time."""
    return pl.LazyFrame(
        [(task, *row, DAY + timedelta(minutes=number), number) for number, row in enumerate(rows)],
        schema={
            "task": pl.String,
            "subject_ids": pl.String,
            "option": pl.String,
            "user_key": pl.String,
            "label": pl.String,
            "gold": pl.Boolean,
            "created_at": pl.Datetime("us", "UTC"),
            "classification_id": pl.Int64,
        },
        orient="row",
    )


def test_plurality_by_hand() -> None:
    rows: list[Row] = [
        ("1", None, "user:1", "cat", False),
        ("1", None, "user:2", "dog", False),
        ("1", None, "user:3", "dog", False),
        ("2", None, "user:1", "dog", False),
    ]
    weighed = weigh_ballots([ballots(rows)], ["task"], lambda _: "plurality")
    assert weighed.posteriors.select(
        "subject_ids", "label", "posterior", "is_gold", "method", "reason"
    ).rows() == [
        ("1", "cat", pytest.approx(1 / 3), False, "plurality", None),
        ("1", "dog", pytest.approx(2 / 3), False, "plurality", None),
        ("2", "dog", 1.0, False, "plurality", None),
    ]
    assert weighed.posteriors["posterior_calibrated"].null_count() == 3
    one = weighed.skills.row(0, named=True)
    assert (one["user_key"], one["n_votes"], one["agreement"]) == ("user:1", 2, 0.0)
    assert one["skill"] == pytest.approx((1 / 3 + 1 + 0.5) / 3)
    assert one["skill_low"] < one["skill"] < one["skill_high"]
    assert one["confusion"] == [
        {"truth": "dog", "answer": "cat", "probability": pytest.approx((2 / 3) / (2 / 3 + 1))},
        {"truth": "dog", "answer": "dog", "probability": pytest.approx(1 / (2 / 3 + 1))},
    ]
    assert weighed.records == [
        {
            "task": "T0",
            "method": "plurality",
            "reason": None,
            "votes": 4,
            "volunteers": 3,
            "iterations": 1,
            "converged": True,
            "gold": 0,
            "calibration": "none: too little gold",
        }
    ]


def test_tasks_are_weighed_apart_and_by_their_methods() -> None:
    rows: list[Row] = [
        (str(subject), None, f"user:{who}", "yes" if who < 2 else "no", False)
        for subject in range(6)
        for who in range(3)
    ]
    both = pl.concat([ballots(rows, "T1"), ballots(rows, "T0")])
    weighed = weigh_ballots([both], ["task"], lambda task: "one_coin" if task["task"] == "T1" else "plurality")
    assert [(each["task"], each["method"]) for each in weighed.records] == [
        ("T0", "plurality"),
        ("T1", "one_coin"),
    ]
    alone = weigh_ballots([ballots(rows, "T1")], ["task"], lambda _: "one_coin")
    assert weighed.posteriors.filter(task="T1").equals(alone.posteriors)


def test_ballots_may_come_in_parts_and_wait_in_files(tmp_path: Path) -> None:
    rows: list[Row] = [
        (str(subject), None, f"user:{who}", "yes" if (subject + who) % 3 else "no", who == 4)
        for subject in range(8)
        for who in range(5)
    ]
    parts = [
        pl.concat([ballots(part, "T1"), ballots(part[::2], "T0")]) for part in (rows[:20], rows[20:35], rows[35:])
    ]
    # Each part has the numbers from 0: the times of a volunteer do not matter to the method.
    in_parts = weigh_ballots(parts, ["task"], lambda _: "one_coin", tmp_path / "staging")
    whole = weigh_ballots([pl.concat(parts)], ["task"], lambda _: "one_coin")
    assert in_parts.posteriors.equals(whole.posteriors)
    assert in_parts.skills.equals(whole.skills)
    assert in_parts.records == whole.records
    votes, of_whole = (pl.collect_all(each.votes) for each in (in_parts, whole))
    assert [of_task.height for of_task in votes] == [16, 32]
    # Several votes of a time have any order.
    order = ["created_at", "subject_ids", "user_key"]
    for of_task, same in zip(votes, of_whole, strict=True):
        assert of_task.sort(order).equals(same.sort(order))


def test_what_an_expert_says_is_right_and_no_vote() -> None:
    rows: list[Row] = [
        *(("1", None, f"user:{who}", "cat", False) for who in range(3)),
        ("1", None, "user:9", "lynx", True),
        ("2", None, "user:1", "cat", False),
    ]
    weighed = weigh_ballots([ballots(rows)], ["task"], lambda _: "plurality")
    of_gold = weighed.posteriors.filter(subject_ids="1").select("label", "posterior", "is_gold").rows()
    assert of_gold == [("cat", 0.0, True), ("lynx", 1.0, True)]
    skills = {row["user_key"]: row for row in weighed.skills.to_dicts()}
    assert set(skills) == {"user:0", "user:1", "user:2"}
    assert (skills["user:1"]["n_gold"], skills["user:1"]["gold_accuracy"]) == (1, 0.0)


def test_experts_who_disagree_are_no_gold() -> None:
    rows: list[Row] = [
        ("1", None, "user:1", "cat", False),
        ("1", None, "user:8", "cat", True),
        ("1", None, "user:9", "lynx", True),
    ]
    weighed = weigh_ballots([ballots(rows)], ["task"], lambda _: "plurality")
    assert weighed.posteriors.select("label", "posterior", "is_gold").rows() == [("cat", 1.0, False)]


def test_who_was_not_logged_in_is_one_voter() -> None:
    rows: list[Row] = [
        *(("1", None, f"session:{who}", "cat", False) for who in range(3)),
        ("1", None, "classification:7", "dog", False),
        ("1", None, "name:ann", "dog", False),
    ]
    weighed = weigh_ballots([ballots(rows)], ["task"], lambda _: "plurality")
    assert weighed.skills.select("user_key", "n_votes").rows() == [("anonymous", 4), ("name:ann", 1)]


def test_without_ballots_there_is_nothing() -> None:
    weighed = weigh_ballots([ballots([])], ["task"], lambda _: "dawid_skene")
    assert weighed.posteriors.is_empty()
    assert weighed.skills.columns[:2] == ["task", "user_key"]
    assert weighed.records == []
