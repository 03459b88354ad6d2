"""Rules of the settings, replayed over the table of votes."""

from datetime import timedelta

import polars as pl
import pytest

from tests.volunteers.vote_rows import START, vote_rows, yes_and_no
from zoo_dag.settings.retirement import Rule
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.retirements import replay_rules, what_it_saves

SERENGETI = (
    Rule(kind="blank", answer=" nothing HERE", votes=2),
    Rule(kind="matching", votes=3, name="agreed"),
    Rule(kind="count", votes=5),
)
SAID = {
    "1": ["Nothing here", "Nothing here", "Fox"],
    "2": ["Fox", "Nothing here", "Fox", "Fox", "Fox"],
    "3": ["Fox", "Nothing here", "Hare", "Fox", "Hare", "Hare"],
    "4": ["Hare"],
}
VOTES = [(subject, str(who), said) for subject, all_of in SAID.items() for who, said in enumerate(all_of)]


def test_what_retires_when_and_as_what() -> None:
    table = replay_rules(by_task(vote_rows(VOTES, gold={"3": "Hare"})), SERENGETI).table
    found = table.select("subject_ids", "rule", "n_used", "n_votes", "answer", "answer_of_all", "agrees", "gold")
    assert found.rows() == [
        ("1", "blank", 2, 3, "Nothing here", "Nothing here", True, None),
        ("2", "agreed", 4, 5, "Fox", "Fox", True, None),
        # After five votes Fox, which came first, has as many as Hare; after all of them Hare has more.
        ("3", "count", 5, 6, "Fox", "Hare", False, "Hare"),
        ("4", None, 1, 1, "Hare", "Hare", True, None),
    ]
    assert table["retired_at"].to_list() == [
        START + timedelta(minutes=1),
        START + timedelta(minutes=6),
        START + timedelta(minutes=12),
        None,
    ]
    assert table["subject_id"].to_list() == [1, 2, 3, 4]


def test_what_a_scheme_saves_and_loses() -> None:
    rules = [*SERENGETI, Rule(kind="count", votes=1, scheme="one")]
    saved = what_it_saves(replay_rules(by_task(vote_rows(VOTES, gold={"3": "Hare", "2": "Fox"})), rules).table)
    assert saved["scheme"].to_list() == ["rules", "one"]
    first = saved.row(0, named=True)
    assert (first["n_subjects"], first["n_retired"], first["n_votes"], first["n_used"]) == (4, 3, 15, 12)
    assert first["saved"] == pytest.approx(3 / 15)
    assert first["agrees"] == 3 / 4
    assert (first["n_gold"], first["accuracy_of_all"], first["accuracy"], first["lost"]) == (2, 1.0, 0.5, 0.5)
    assert {each["rule"]: each["n"] for each in first["retired_as"]} == {"blank": 1, "agreed": 1, "count": 1}
    assert saved.row(1, named=True)["saved"] == pytest.approx(11 / 15)


def test_several_answers_are_one_vote_together() -> None:
    said = [
        ("1", "a", {"hare", "owl"}),
        ("1", "b", {"owl"}),
        ("1", "c", {"owl", "hare"}),
        ("2", "a", set()),
        ("2", "b", {"fox"}),
    ]
    rules = [
        Rule(kind="flagged", answer="OWL + Hare", votes=2, name="both"),
        Rule(kind="blank", answer="nothing", votes=1),
    ]
    replayed = replay_rules(by_task(yes_and_no(said)), rules)
    assert replayed.table.select("subject_ids", "rule", "n_used", "answer").rows() == [
        ("1", "both", 3, "Hare + Owl"),
        ("2", "blank", 1, "nothing"),
    ]
    assert replayed.problems == []


def test_rules_are_for_their_workflow_and_task() -> None:
    votes = pl.concat([vote_rows(VOTES), vote_rows(VOTES, task="T5")])
    rules = [Rule(kind="count", votes=2, task="T5"), Rule(kind="count", votes=2, workflow=12)]
    assert set(replay_rules(by_task(votes), rules).table["task"]) == {"T5"}
    assert replay_rules(by_task(votes), ()).table.is_empty()


def test_swap_retires_by_what_volunteers_said_of_gold() -> None:
    """Two volunteers are always right about four gold subjects; then two votes of theirs are enough."""
    gold = {str(number): "Lens" if number % 2 else "Dud" for number in range(8)}
    votes = [(subject, who, right) for subject, right in gold.items() for who in "ab"]
    votes += [("90", who, "Lens") for who in "abc"] + [("91", who, "Dud") for who in "abc"]
    rule = Rule(kind="swap", answer="Lens", accept=0.9, reject=0.1)
    table = replay_rules(by_task(vote_rows(votes, gold=gold)), [rule]).table
    of_new = table.filter(pl.col("gold").is_null()).select("subject_ids", "rule", "n_used", "answer")
    # A volunteer with four right of four is right with 5/6: after two of them the odds are 25 to 1.
    assert of_new.rows() == [("90", "swap", 2, "Lens"), ("91", "swap", 2, "Dud")]
    rare = rule.model_copy(update={"prior": 0.01})
    assert (
        replay_rules(by_task(vote_rows(votes, gold=gold)), [rare]).table.filter(subject_ids="91")["n_used"].item()
        == 1
    )


def test_an_answer_that_nobody_gave_is_reported_with_the_nearest() -> None:
    replayed = replay_rules(by_task(vote_rows(VOTES)), [Rule(kind="flagged", answer="Haer", votes=1)])
    assert replayed.problems == [
        "No vote on T0 of workflow 11 says `Haer`, for which the rule `flagged` waits; did you mean `Hare`?"
    ]
    assert replayed.table["rule"].null_count() == 4
