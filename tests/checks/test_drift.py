"""Whether a task is answered as before: the messages."""

import polars as pl
import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks.drift import answers_do_not_drift


def votes(version: str, subject: str, task: str = "T0", **answers: int) -> list[dict]:
    row = {"task": task, "task_revision": f"{task}@3.2", "subject_ids": subject, "workflow_version": version}
    return [row | {"status": "answered", "answer": answer} for answer, n in answers.items() for _ in range(n)]


def evaluate(rows: list[dict], **limits: float):
    annotations = table("question_annotations", *({"classification_id": n} | row for n, row in enumerate(rows)))
    by_unit = annotations.group_by("parent_task", "task", "task_revision", "subject_ids").agg(
        versions=pl.col("workflow_version").unique().sort()
    )
    consensus = by_unit.collect().to_dicts()
    return answers_do_not_drift(
        check_input(
            "10",
            {"checks": limits},
            question_annotations=annotations,
            pooled_question_consensus=table("pooled_question_consensus", *consensus),
        )
    )


def test_a_task_answered_differently_is_named_with_versions_answers_and_a_setting():
    old = votes("3.2", "1", Yes=60, No=40) + votes("3.9", "2", Yes=50, No=50)
    new = votes("3.10", "1", Yes=20, No=80) + votes("3.10", "2", Yes=10, No=90)
    finding = evaluate(old + new)
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "Task `T0` is answered differently in 3.10 than in 3.2, 3.9 on the same 2 subjects: "
        "`No` from 45 % to 85 %, `Yes` from 55 % to 15 % (distance 40 %)."
    )
    assert "`10 T0@3.10` in pooling.new" in finding.advice
    assert finding.numbers == {"tasks compared": 1, "tasks that differ": 1, "largest distance": pytest.approx(0.4)}
    assert {row[1]: row[2:] for row in finding.examples.rows()} == {"Yes": (0.55, 0.15), "No": (0.45, 0.85)}


def test_a_task_in_several_combos_is_compared_by_combo_with_one_setting():
    old = [row | {"parent_task": combo} for combo in "AB" for row in votes("3.2", "1", Yes=60, No=40)]
    new = [row | {"parent_task": combo} for combo in "AB" for row in votes("3.10", "1", Yes=20, No=80)]
    finding = evaluate(old + new)
    assert [f"Task `{name}` is answered differently" in finding.message for name in ("A.T0", "B.T0")] == [
        True,
        True,
    ]
    assert finding.advice.count("`10 T0@3.10`") == 1
    assert finding.numbers["tasks compared"] == 2
    opposite = [row | {"parent_task": "B"} for row in votes("3.10", "1", Yes=60, No=40)]
    alone = evaluate([*old, *(row for row in new if row["parent_task"] == "A"), *opposite])
    assert "`A.T0`" in alone.message
    assert "`B.T0`" not in alone.message


def test_the_same_answers_pass():
    finding = evaluate(votes("3.2", "1", Yes=60, No=40) + votes("3.10", "1", Yes=58, No=42))
    assert finding.passed
    assert finding.message == "1 task compared: the largest distance between newest and earlier versions is 2 %."


def test_new_subjects_with_other_answers_are_no_drift():
    old = votes("3.2", "1", Yes=100) + votes("3.2", "2", Yes=50, No=50)
    new = votes("3.10", "2", Yes=50, No=50) + votes("3.10", "3", No=100)
    assert evaluate(old + new).passed


def test_a_difference_that_may_be_chance_is_none():
    finding = evaluate(votes("3.2", "1", Yes=30, No=20) + votes("3.10", "1", Yes=24, No=26))
    assert finding.numbers["largest distance"] == pytest.approx(0.12)
    assert finding.passed


def test_a_difference_that_is_certain_but_small_is_none_unless_the_settings_say_so():
    rows = votes("3.2", "1", Yes=1500, No=1500) + votes("3.10", "1", Yes=1300, No=1700)
    assert evaluate(rows).passed
    assert not evaluate(rows, drift=0.05).passed


def test_few_votes_are_not_compared():
    rows = votes("3.2", "1", Yes=49) + votes("3.10", "1", No=49)
    assert evaluate(rows).message.startswith("Not compared: too few subjects")
    assert not evaluate(rows, drift_votes=49).passed


def test_without_a_subject_in_two_versions_nothing_is_compared():
    assert evaluate(votes("3.2", "1", Yes=90) + votes("3.10", "2", No=90)).message.startswith(
        "Not compared: no subject"
    )
    assert evaluate([]).passed


def test_excluded_and_unanswered_rows_have_no_vote():
    rows = votes("3.2", "1", Yes=60, No=40) + votes("3.10", "1", Yes=60, No=40)
    noise = [row | {"excluded": "repeat"} for row in votes("3.10", "1", No=500)]
    noise += [row | {"status": "blank", "answer": None} for row in votes("3.10", "1", No=500)]
    assert evaluate(rows + noise).numbers["largest distance"] == 0.0


def test_every_task_is_compared_and_the_worst_named_first():
    rows = []
    for number, now in enumerate((100, 60, 20)):
        task = f"T{number}"
        rows += votes("3.2", "1", task, Yes=100, No=100) + votes("3.10", "1", task, Yes=now, No=200 - now)
    finding = evaluate(rows)
    assert finding.message.index("`T2`") < finding.message.index("`T1`")
    assert "`T0`" not in finding.message
    assert finding.numbers["tasks compared"] == 3


def test_answers_without_a_label_are_named_by_their_position():
    rows = votes("3.2", "1", a=60, b=40) + votes("3.10", "1", a=10, b=90)
    nameless = [row | {"answer": None, "answer_index": "ab".index(row["answer"])} for row in rows]
    assert "`answer 0` from 60 % to 10 %" in evaluate(nameless).message
