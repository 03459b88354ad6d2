"""What holds for the consensus of questions, on any votes."""

import math
import statistics
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal

from tests.task_types.metamorphic import PROPERTY, annotations, counted
from tests.task_types.said import ANSWERS, CASES, questions

BOTH, CHECK = CASES["question"]
consensus = CHECK.of


@PROPERTY
@given(annotations("question_annotations", questions("single")))
def test_the_fractions_of_a_single_question_add_up_to_1(rows: pl.DataFrame) -> None:
    answered = consensus(rows).filter(pl.col("n_answered") > 0)
    sums = answered.group_by("subject_ids").agg(
        pl.col("fraction").sum(), pl.col("votes").sum(), pl.col("n_answered").first()
    )
    assert all(abs(total - 1) < 1e-12 for total in sums["fraction"])
    assert sums["votes"].to_list() == sums["n_answered"].to_list()


@PROPERTY
@given(BOTH)
def test_counts_equal_a_plain_count(rows: pl.DataFrame) -> None:
    expected = {}
    for subject, classifications in counted(rows).items():
        said = [_answers(own) for own in classifications.values()]
        no_to_all = [_is_no_to_all(own) for own in classifications.values()]
        counts = (
            len(said),
            sum(all(row["status"] == "blank" for row in own) for own in classifications.values()),
            len({row["user_key"] for own in classifications.values() for row in own}),
            sum(bool(answers) or no for answers, no in zip(said, no_to_all, strict=True)),
        )
        for answer in set().union(*said) or {None}:
            expected[subject, answer] = (sum(answer in answers for answers in said), *counts)
    columns = ["subject_ids", "answer", "votes", "n_classifications", "n_blank", "n_volunteers", "n_answered"]
    found = {row[:2]: row[2:] for row in consensus(rows).select(columns).iter_rows()}
    assert found == expected


def _is_no_to_all(own: list[dict[str, Any]]) -> bool:
    last = max(own, key=lambda row: row["annotation_index"])
    return last["task_type"] in ("multiple", "shortcut") and all(row["status"] == "blank" for row in own)


def _answers(own: list[dict[str, Any]]) -> set[str]:
    """The answers of a classification: of a single question those of its last element, else of all elements."""
    last = max(own, key=lambda row: row["annotation_index"])
    single = last["task_type"] == "single"
    rows = [row for row in own if not single or row["annotation_index"] == last["annotation_index"]]
    return {row["answer"] for row in rows if row["status"] == "answered"}


@PROPERTY
@given(BOTH)
def test_measures_stay_in_their_bounds_and_ranks_have_no_gaps(rows: pl.DataFrame) -> None:
    for row in consensus(rows).iter_rows(named=True):
        if row["n_answered"]:
            assert 0 <= row["fraction_low"] <= row["fraction"] + 1e-12
            assert row["fraction"] - 1e-12 <= row["fraction_high"] <= 1
            assert 0 <= (row["entropy"] or 0) <= 1
            assert (row["entropy"] is None) == (row["answer"] is None and row["answer_set_votes"] is None)
            if row["answer_set_votes"] is None:
                assert row["fraction"] <= row["agreement"] <= 1
            else:
                assert row["fraction"] <= row["mean_selected"] <= len(ANSWERS)
                assert 0.5 <= row["agreement"] <= 1
            assert row["fraction_of_all"] <= row["fraction"]
        if row["answer_set_votes"] is None:
            assert row["n_blank"] + row["n_answered"] <= row["n_classifications"]
        assert max(row["n_blank"], row["n_answered"]) <= row["n_classifications"]
    ranks = consensus(rows).filter(pl.col("rank").is_not_null()).group_by("subject_ids", maintain_order=True)
    for _, unit in ranks:
        assert unit["rank"].to_list() == list(range(1, unit.height + 1))
        assert unit["votes"].is_sorted(descending=True)
        for votes, n_answered, tied in unit.select("votes", "n_answered", "tied").iter_rows():
            assert tied == (votes < n_answered and unit["votes"].to_list().count(votes) > 1)


@PROPERTY
@given(BOTH)
def test_the_wording_of_the_answers_changes_nothing_else(rows: pl.DataFrame) -> None:
    # The order of the words is not that of the answers.
    wording = dict(zip(ANSWERS, ("Zebra", "Ant", "Bear"), strict=True))
    reworded = consensus(rows.with_columns(pl.col("answer").replace(wording))).drop("answer_set")
    assert_frame_equal(
        reworded, consensus(rows).drop("answer_set").with_columns(pl.col("answer").replace(wording))
    )


@PROPERTY
@given(annotations("question_annotations", questions("multiple")))
def test_the_commonest_set_of_answers_equals_a_plain_count(rows: pl.DataFrame) -> None:
    expected = {}
    for subject, classifications in counted(rows).items():
        sets: Counter[str] = Counter()
        ticks, readable = 0, 0
        for own in map(_of_best_elements, classifications.values()):
            labels = {row["answer"] for row in own if row["status"] == "answered"}
            readable += bool(labels) or own[0]["status"] == "blank"
            ticks += len(labels)
            if all(row["status"] in ("answered", "blank") for row in own):
                sets["; ".join(sorted(labels, key=ANSWERS.index))] += 1
        most = max(sets.values(), default=0)
        names = sorted(name or "(none)" for name, n in sets.items() if n == most)
        name = (
            next((name for name, n in sets.items() if n == most), None) if len(names) == 1 else " | ".join(names)
        )
        if readable:
            expected[subject] = (name if sets else None, most, ticks / readable)
    columns = ["subject_ids", "answer_set", "answer_set_votes", "mean_selected"]
    found = consensus(rows).filter(pl.col("n_answered") > 0).select(columns).unique()
    assert {row[0]: row[1:] for row in found.iter_rows()} == expected


@PROPERTY
@given(annotations("question_annotations", questions("multiple")))
def test_agreement_and_entropy_of_several_answers_are_means_over_yes_and_no(rows: pl.DataFrame) -> None:
    for _, unit in consensus(rows).filter(pl.col("n_answered") > 0).group_by("subject_ids"):
        votes = {row["answer"]: row["votes"] for row in unit.to_dicts()}
        n = unit["n_answered"][0]
        shares = [votes.get(answer, 0) / n for answer in ANSWERS]
        bits = [-sum(p * math.log2(p) for p in (share, 1 - share) if p > 0) for share in shares]
        expected = [statistics.fmean(max(share, 1 - share) for share in shares), statistics.fmean(bits)]
        assert unit.select("agreement", "entropy").unique().row(0) == pytest.approx(expected)


def _of_best_elements(own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a classification without those of elements that others beat: answered, unreadable, blank."""
    order = ("blank", "unknown_label", "malformed", "answered")
    ranks: dict[int, int] = {}
    for row in own:
        rank = (0, 1, 1, 2)[order.index(row["status"])]
        ranks[row["annotation_index"]] = max(rank, ranks.get(row["annotation_index"], 0))
    return [row for row in own if ranks[row["annotation_index"]] == max(ranks.values())]
