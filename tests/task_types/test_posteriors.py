"""Posteriors beside the rows of a consensus."""

import polars as pl
import pytest

from zoo_dag.tables import TABLES
from zoo_dag.task_types.posteriors import posteriors_table, votes_of_tasks
from zoo_dag.volunteers.posteriors import CAST, POSTERIOR, Weighing

UNIT = {"workflow_id": 11, "parent_task": None, "task": "T0", "task_revision": "T0@1.1", "subject_ids": "1"}
TASKS = TABLES["tasks"].empty().lazy()
TASK = ("workflow_id", "parent_task", "task", "task_revision")


def consensus(votes: dict[str, int], *, several: bool = False) -> pl.LazyFrame:
    """Rows of a pooled consensus of one subject: answers with their votes, of ten."""
    rows = [
        {**UNIT, "answer": answer, "votes": n, "fraction": n / 10, "answer_set_votes": 1 if several else None}
        for answer, n in sorted(votes.items(), key=lambda each: -each[1])
    ]
    empty = TABLES["pooled_question_consensus"].empty().lazy()
    return pl.concat([empty, pl.LazyFrame(rows)], how="diagonal_relaxed")


def weighing(posteriors: dict[str, float], *, several: bool = False) -> Weighing:
    rows = [
        {
            **UNIT,
            "option": answer if several else None,
            "label": "yes" if several else answer,
            "posterior": posterior,
            "posterior_calibrated": None,
            "is_gold": False,
            "method": "dawid_skene",
            "reason": None,
        }
        for answer, posterior in posteriors.items()
    ]
    types = {**TABLES["pooled_question_consensus"].dtypes, **POSTERIOR}
    names = (*TASK, "subject_ids", *POSTERIOR)
    return Weighing(pl.DataFrame(rows, schema={name: types[name] for name in names}), pl.DataFrame(), ())


def decided(table: pl.LazyFrame) -> dict[str, tuple[bool, bool]]:
    rows = table.select("answer", "wins", "differs_from_plurality").collect().rows()
    return {answer: (wins, differs) for answer, wins, differs in rows}


@pytest.mark.parametrize(
    ("votes", "posteriors", "expected"),
    [
        ({"cat": 6, "dog": 4}, {"cat": 0.9, "dog": 0.1}, {"cat": (True, False), "dog": (False, False)}),
        ({"cat": 6, "dog": 4}, {"cat": 0.3, "dog": 0.7}, {"cat": (False, True), "dog": (True, True)}),
        # Of a tie the skill decides, and contradicts nobody.
        ({"cat": 5, "dog": 5}, {"cat": 0.3, "dog": 0.7}, {"cat": (False, False), "dog": (True, False)}),
        # A tie of the posteriors: the first in the consensus.
        ({"cat": 5, "dog": 5}, {"cat": 0.5, "dog": 0.5}, {"cat": (True, False), "dog": (False, False)}),
    ],
)
def test_one_answer_wins(
    votes: dict[str, int], posteriors: dict[str, float], expected: dict[str, tuple[bool, bool]]
) -> None:
    table = posteriors_table("question_posteriors", consensus(votes), TASKS, weighing(posteriors))
    assert decided(table) == expected


def test_each_of_several_answers_wins_for_itself() -> None:
    table = posteriors_table(
        "question_posteriors",
        consensus({"flying": 8, "eating": 6, "sleeping": 2}, several=True),
        TASKS,
        weighing({"flying": 0.99, "eating": 0.2, "sleeping": 0.7}, several=True),
    )
    assert decided(table) == {"flying": (True, False), "eating": (False, True), "sleeping": (True, True)}


def test_an_answer_without_votes_has_no_row() -> None:
    table = posteriors_table("question_posteriors", consensus({"cat": 5, "dog": 0}), TASKS, weighing({"cat": 1.0}))
    assert table.collect()["answer"].to_list() == ["cat"]


def test_the_likeliest_answer_has_a_row_without_a_vote() -> None:
    """Gold that nobody recognised: it is the answer, and most votes are for another one."""
    tasks = pl.concat(
        [
            TASKS,
            pl.LazyFrame(
                {
                    "workflow_id": [11],
                    "workflow_version": ["1.1"],
                    "task": ["T0"],
                    "task_revision": ["T0@1.1"],
                    "option_kind": ["answer"],
                    "option_path": ["answers.2"],
                    "option_index": pl.Series([2], dtype=pl.Int32),
                    "option_label": ["lynx"],
                }
            ),
        ],
        how="diagonal",
    )
    weighed = weighing({"cat": 0.0, "dog": 0.0, "lynx": 1.0})
    table = posteriors_table("question_posteriors", consensus({"cat": 6, "dog": 4}), tasks, weighed)
    assert table.select("answer_index", "answer", "votes", "fraction", "posterior", "wins").collect().rows() == [
        (None, "cat", 6, 0.6, 0.0, False),
        (None, "dog", 4, 0.4, 0.0, False),
        (2, "lynx", 0, 0.0, 1.0, True),
    ]
    assert decided(table) == {"cat": (False, True), "dog": (False, True), "lynx": (True, True)}


def test_votes_for_an_option_that_the_consensus_does_not_have_are_of_their_task() -> None:
    said = pl.LazyFrame({"subject_ids": ["1"], "option": ["Owl"], "label": ["yes"]})
    votes = pl.concat([pl.LazyFrame(schema=CAST), said], how="diagonal_relaxed").cast(CAST)
    record = {name: UNIT[name] for name in TASK}
    cast = Weighing(pl.DataFrame(), pl.DataFrame(), [record], [votes])
    pooled = {"question_posteriors": consensus({"Hare": 3}, several=True)}
    [(task, rows)] = votes_of_tasks({"question_posteriors": cast}, pooled)
    stored = TABLES["votes"].conform(rows).collect()
    assert task == {**record, "task_label": None}
    assert stored.select(TASK).rows() == [tuple(record.values())]
    assert stored["option"].to_list() == ["Owl"]
