"""The consensus of events: winners, what is present, counts, and what is complete."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.events.samples import TASK, consensus, low, picture, pooled, survey
from tests.task_types.metamorphic import USERS, everybody_twice
from tests.task_types.said import CASES
from zoo_dag.consensus.units import POOLED
from zoo_dag.tables import TABLES

BURSTS = [picture(1, 0), picture(2, 20), picture(3, 40), picture(4, 5000)]


def rows_of(found: pl.DataFrame, *columns: str) -> list:
    return found.select("choice_id", *columns).rows()


def test_the_votes_of_subjects_that_are_not_blank_are_summed():
    found = consensus(
        BURSTS,
        survey(1, 5, {"zebra": 4, "gnu": 1}),
        survey(2, 5, {"zebra": 3, "nothing": 2}),
        survey(3, 5, {"nothing": 4, "gnu": 1}),
        survey(4, 5, {"nothing": 5}),
    )
    first, blank = found.to_dicts()
    assert first["choice_id"] == "zebra"
    assert first["choice_label"] == "Zebra"
    numbers = ("n_subjects", "n_classified", "n_blank_subjects", "n_subjects_won", "votes", "rank")
    assert [first[name] for name in numbers] == [3, 3, 1, 2, 7, 1]
    assert first["share"] == 7 / 10
    assert first["best_fraction"] == 4 / 5
    assert first["best_low"] == pytest.approx(low(4, 5))
    assert (first["present"], first["is_blank"], first["complete"]) == (True, False, True)
    assert blank["is_blank"]
    assert [blank[name] for name in ("choice_id", "votes", "present", "rank", "share")] == [
        None,
        0,
        False,
        None,
        None,
    ]


def test_a_second_species_needs_three_of_three_or_six_of_ten_on_one_subject():
    def second(votes: int, n: int) -> bool:
        rest = {"zebra": n - votes} if n > votes else {}
        found = consensus(
            BURSTS,
            survey(1, n, {"gnu": votes, **rest}),
            survey(2, 20, {"zebra": 20}),
            survey(3, 20, {"zebra": 20}),
        )
        return ("gnu", True) in rows_of(found, "present")

    assert [second(votes, n) for votes, n in ((3, 3), (4, 5), (6, 10), (11, 20))] == [True] * 4
    assert [second(votes, n) for votes, n in ((2, 3), (3, 5), (5, 10), (10, 20))] == [False] * 4


def test_as_many_win_as_were_named_on_the_median_and_those_that_tie_with_the_last():
    found = consensus(BURSTS, survey(1, 4, {"gnu": 3, "zebra": 3, "owl": 1}, n_choices=1))
    assert rows_of(found, "n_subjects_won", "rank") == [("gnu", 1, 1), ("zebra", 1, 2)]


def test_where_the_most_votes_won_no_subject_the_first_of_the_winners_is_present():
    animals = ("lion", "hyena", "jackal")
    found = consensus(BURSTS, *(survey(n, 5, {each: 3, "dog": 2}) for n, each in enumerate(animals, 1)))
    assert rows_of(found, "rank", "votes", "present") == [
        ("hyena", 2, 3, True),
        ("jackal", 3, 3, False),
        ("lion", 4, 3, False),
    ]


def test_ties_are_in_the_order_of_the_choices_of_the_workflow():
    option = {**TASK, "option_kind": "choice", "workflow_version": "1.1"}
    options = [
        {**option, "option_path": f"choices.{each}", "option_id": each, "option_index": place}
        for place, each in enumerate(("zebra", "gnu"))
    ]
    tasks = pl.LazyFrame([{**dict.fromkeys(TABLES["tasks"].dtypes), **each} for each in options])
    tasks = tasks.select(pl.col(name).cast(dtype) for name, dtype in TABLES["tasks"].dtypes.items())
    votes = survey(1, 4, {"gnu": 2, "zebra": 2})
    assert rows_of(consensus(BURSTS, votes, tasks=tasks), "rank") == [("zebra", 1), ("gnu", 2)]


def test_counts_are_of_the_subjects_that_it_won_the_median_of_two_is_the_upper_one():
    found = consensus(
        BURSTS,
        survey(1, 3, {"zebra": 3}, counts={"zebra": "9"}),
        survey(2, 3, {"zebra": 3}, counts={"zebra": "11-50"}),
        survey(3, 3, {"nothing": 2, "zebra": 1}, counts={"zebra": "51+"}),
    )
    assert rows_of(found, "count_min", "count_median", "count_max") == [("zebra", "9", "11-50", "11-50")]


def test_an_event_is_complete_where_every_subject_has_enough_or_is_retired():
    enough, few = survey(1, 3, {"zebra": 3}), survey(2, 2, {"zebra": 2})
    two = BURSTS[:2]
    assert consensus(two, enough, few)["complete"].to_list() == [False]
    assert consensus(two, enough, few, retired=[2])["complete"].to_list() == [True]
    # A subject that nobody classified.
    assert consensus(two, enough)["complete"].to_list() == [False]
    assert consensus(two, enough, retired=[2]).select("complete", "n_subjects", "n_classified").rows() == [
        (True, 2, 1)
    ]


def test_subjects_shown_together_count_where_they_are_of_one_event():
    together = survey(1, 3, {"zebra": 3}).with_columns(subject_ids=pl.lit("1;2"))
    apart = survey(1, 3, {"zebra": 3}).with_columns(subject_ids=pl.lit("1;4"))
    assert consensus(BURSTS, together, apart).select("n_classified", "votes").rows() == [(2, 3)]


def test_a_subject_that_was_shown_alone_and_together_is_one_subject():
    together = survey(1, 3, {"zebra": 3}).with_columns(subject_ids=pl.lit("1;2"))
    columns = ("n_subjects", "n_classified", "n_subjects_won", "n_blank_subjects", "complete")
    # Picture 3 waits; both others have enough and are retired.
    assert consensus(BURSTS[:3], together, retired=[1, 2]).select(columns).rows() == [(3, 2, 2, 0, False)]
    alone = survey(1, 5, {"zebra": 5}), survey(2, 5, {"nothing": 5})
    assert consensus(BURSTS[:3], together, *alone).select(columns).rows() == [(3, 2, 2, 0, False)]
    third = survey(3, 3, {"nothing": 3})
    found = consensus(BURSTS[:3], together, *alone, third, retired=[1])
    assert found.select(columns).rows() == [(3, 3, 2, 1, True)]


def question(subject_id: int, votes: dict[str, int], n: int | None = None) -> pl.DataFrame:
    n_answered = sum(votes.values())
    rows = [
        {
            **TASK,
            "task": "T1",
            "subject_ids": str(subject_id),
            "n_classifications": n_answered if n is None else n,
            "n_answered": n_answered,
            "answer_index": place,
            "answer": answer,
            "votes": number,
        }
        for place, (answer, number) in enumerate(votes.items())
    ]
    return pl.DataFrame(rows, schema_overrides={"answer_index": pl.Int32})


def test_questions_with_one_answer_are_decided_alike_and_an_answer_for_nothing_is_blank():
    found = consensus(
        BURSTS,
        questions=[
            question(1, {"Deer": 3, "Fox": 0, "No animal": 2}),
            question(2, {"Deer": 0, "Fox": 2, "No animal": 3}),
            question(4, {"Deer": 0, "Fox": 0, "No animal": 0}, n=2),
        ],
    )
    columns = ("votes", "n_blank_subjects", "is_blank", "share")
    assert rows_of(found, *columns) == [("Deer", 3, 1, False, 3 / 5), (None, 0, 0, None, None)]


def test_where_several_answers_are_allowed_there_is_no_event_consensus():
    several = question(1, {"Eating": 3}).with_columns(answer_set_votes=pl.lit(3))
    assert consensus(BURSTS, questions=[several]).is_empty()


def test_versions_are_in_their_order():
    old = survey(1, 3, {"zebra": 3}, versions=["1.9", "1.10"])
    assert consensus(BURSTS, old, survey(2, 3, {"zebra": 3}))["versions"].to_list() == [["1.1", "1.9", "1.10"]]


VOTES = st.lists(
    st.dictionaries(st.sampled_from(["zebra", "gnu", "owl", "nothing"]), st.integers(1, 6), min_size=1),
    min_size=1,
    max_size=4,
)


@settings(max_examples=12)
@given(VOTES, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_everybody_twice_leaves_the_events(drawn, random):
    parts = [survey(number, sum(votes.values()), votes) for number, votes in enumerate(drawn, 1)]
    found = consensus(BURSTS, *parts)
    mixed = pl.concat(parts).sample(fraction=1, shuffle=True, seed=random.randint(0, 99))
    assert consensus(random.sample(BURSTS, 4), mixed).equals(found)
    twice = ["n_classifications", "n_answered", "votes"]
    doubled = consensus(BURSTS, *(part.with_columns(pl.col(twice) * 2) for part in parts))
    same = ["event_id", "choice_id", "rank", "n_subjects_won", "share", "is_blank"]
    assert doubled.select(same).equals(found.select(same))
    assert pooled("event_consensus", found).collect().equals(found)


EVENT_OF = [picture(1, 0), picture(2, 30), picture(3, 20, deployment="B"), picture(4, 50, deployment="B")]
SURVEY = CASES["survey"]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SURVEY.rows, st.randoms(use_true_random=False), st.permutations(USERS))
def test_names_and_order_of_votes_change_no_event_and_everybody_twice_only_numbers(rows, random, names):
    def events_from(votes: pl.DataFrame) -> pl.DataFrame:
        return consensus(EVENT_OF, SURVEY.check.of(votes, scope=POOLED))

    found = events_from(rows)
    order = random.sample(range(rows.height), rows.height)
    renamed = pl.col("user_key").replace(dict(zip(USERS, names, strict=True)))
    assert_frame_equal(events_from(rows[order].with_columns(renamed)), found)
    twice = events_from(everybody_twice(rows))
    more = ("votes", "best_low", "present", "complete")
    assert_frame_equal(twice.drop(more), found.drop(more))
    assert twice["votes"].to_list() == [2 * votes for votes in found["votes"]]
    # Of more who say the same more is certain.
    assert (twice["present"] >= found["present"]).all()
