"""What must not change the consensus of questions, on any votes."""

from random import Random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.task_types.samples import one_question, tasks_of
from zoo_dag.tables import TABLES
from zoo_dag.task_types.questions.consensus import question_consensus

LABELS = ("Yes", "No", "Maybe")
DTYPES = TABLES["question_annotations"].dtypes
TASKS = tasks_of("3.10", [one_question(*LABELS)])
# What was said: an answer, or why there is none.
SAID = st.sampled_from([*range(len(LABELS)), "blank", "unknown_label", "malformed"])

PROPERTY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def annotations(draw: st.DrawFn, kind: str = "single") -> pl.DataFrame:
    """Rows of `question_annotations` of a few subjects and volunteers, some left out, some tasks repeated."""
    classifications = draw(
        st.lists(
            st.tuples(
                st.integers(1, 4),
                st.integers(1, 5),
                st.sampled_from([None, None, None, "repeat"]),
                st.lists(st.sets(SAID, min_size=1, max_size=1 if kind == "single" else 3), min_size=1, max_size=2),
            ),
            max_size=25,
        )
    )
    rows = []
    for number, (subject, user, excluded, elements) in enumerate(classifications):
        for position, said in enumerate(elements):
            chosen = sorted(one for one in said if isinstance(one, int))
            for one in chosen or [next(iter(said))]:
                given_answer = isinstance(one, int)
                rows.append(
                    {
                        "classification_id": number,
                        "subject_id": subject,
                        "subject_ids": str(subject),
                        "user_key": f"user:{user}",
                        "workflow_id": 11,
                        "workflow_version": "3.10",
                        "excluded": excluded,
                        "annotation_index": position,
                        "task": "T0",
                        "task_type": kind,
                        "task_label": "Is there a bird?",
                        "task_revision": "T0@3.10",
                        "status": "answered" if given_answer else one,
                        "answer_index": one if given_answer else None,
                        "answer": LABELS[one] if isinstance(one, int) else None,
                        "n_selected": len(chosen),
                    }
                )
    return pl.DataFrame(rows, schema=DTYPES)


def consensus(rows: pl.DataFrame) -> pl.DataFrame:
    return question_consensus(rows.lazy(), TASKS.lazy()).collect()


BOTH = annotations() | annotations("multiple")


@PROPERTY
@given(BOTH, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: pl.DataFrame, random: Random) -> None:
    order = list(range(rows.height))
    random.shuffle(order)
    assert_frame_equal(consensus(rows[order]), consensus(rows))


@PROPERTY
@given(BOTH, st.permutations([f"user:{number}" for number in range(1, 6)]))
def test_the_names_of_volunteers_change_nothing(rows: pl.DataFrame, names: list[str]) -> None:
    renamed = {f"user:{number}": f"session:{name}" for number, name in enumerate(names, 1)}
    assert_frame_equal(consensus(rows.with_columns(pl.col("user_key").replace(renamed))), consensus(rows))


@PROPERTY
@given(BOTH, st.sets(st.integers(1, 4)))
def test_subjects_do_not_touch_each_other(rows: pl.DataFrame, some: set[int]) -> None:
    here = pl.col("subject_id").is_in(list(some))
    parts = pl.concat([consensus(rows.filter(here)), consensus(rows.filter(~here))])
    assert_frame_equal(parts, consensus(rows), check_row_order=False)


@PROPERTY
@given(BOTH)
def test_rows_left_out_might_as_well_not_be_there(rows: pl.DataFrame) -> None:
    assert_frame_equal(consensus(rows), consensus(rows.filter(pl.col("excluded").is_null())))


@PROPERTY
@given(annotations())
def test_the_fractions_of_a_single_question_add_up_to_1(rows: pl.DataFrame) -> None:
    answered = consensus(rows).filter(pl.col("n_answered") > 0)
    sums = answered.group_by("subject_ids").agg(
        pl.col("fraction").sum(), pl.col("votes").sum(), pl.col("n_answered").first()
    )
    assert all(abs(total - 1) < 1e-12 for total in sums["fraction"])
    assert sums["votes"].to_list() == sums["n_answered"].to_list()


@PROPERTY
@given(BOTH)
def test_counts_equal_a_plain_count_of_the_last_elements(rows: pl.DataFrame) -> None:
    counted = [row for row in rows.iter_rows(named=True) if row["excluded"] is None]
    last = {row["classification_id"]: row["annotation_index"] for row in counted}
    counted = [row for row in counted if row["annotation_index"] == last[row["classification_id"]]]
    expected = {}
    for subject in {row["subject_ids"] for row in counted}:
        own = [row for row in counted if row["subject_ids"] == subject]
        given_answers = [row for row in own if row["status"] == "answered"]
        counts = (
            len({row["classification_id"] for row in own}),
            sum(row["status"] == "blank" for row in own),
            len({row["user_key"] for row in own}),
            len({row["classification_id"] for row in given_answers}),
        )
        for answer in {row["answer"] for row in given_answers} or {None}:
            expected[subject, answer] = (sum(row["answer"] == answer for row in given_answers), *counts)
    columns = ["subject_ids", "answer", "votes", "n_classifications", "n_blank", "n_volunteers", "n_answered"]
    found = {row[:2]: row[2:] for row in consensus(rows).select(columns).iter_rows()}
    assert found == expected


@PROPERTY
@given(BOTH)
def test_measures_stay_in_their_bounds_and_ranks_are_whole(rows: pl.DataFrame) -> None:
    for row in consensus(rows).iter_rows(named=True):
        if row["n_answered"]:
            assert 0 <= row["fraction_low"] <= row["fraction"] + 1e-12
            assert row["fraction"] - 1e-12 <= row["fraction_high"] <= 1
            assert 0 <= row["entropy"] <= 1
            assert row["fraction"] <= row["agreement"] <= 1
            assert row["fraction_of_all"] <= row["fraction"]
        assert row["n_blank"] + row["n_answered"] <= row["n_classifications"]
    ranks = consensus(rows).filter(pl.col("rank").is_not_null()).group_by("subject_ids", maintain_order=True)
    for _, unit in ranks:
        assert unit["rank"].to_list() == list(range(1, unit.height + 1))
        assert unit["votes"].is_sorted(descending=True)
        for rank, tied in unit.select("votes", "tied").iter_rows():
            assert tied == (unit["votes"].to_list().count(rank) > 1)


@PROPERTY
@given(BOTH)
def test_the_wording_of_the_answers_changes_nothing_else(rows: pl.DataFrame) -> None:
    # The order of the words is not that of the answers.
    wording = dict(zip(LABELS, ("Zebra", "Ant", "Bear"), strict=True))
    reworded = consensus(rows.with_columns(pl.col("answer").replace(wording)))
    assert_frame_equal(reworded, consensus(rows).with_columns(pl.col("answer").replace(wording)))
