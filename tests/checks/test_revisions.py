"""Splits of tasks are named, with both texts, the setting that joins them, and how the answers differ."""

from typing import Any

import polars as pl

from tests.checks.inputs import check_input, table
from zoo_dag.checks.revisions import questions_stay_the_same

TABLE = "pooled_question_consensus"


def votes(label: str, version: str, *each: tuple[str, str, int]) -> list[dict[str, Any]]:
    """Rows of T0 in a version: subject, answer, votes."""
    unit = {"workflow_id": 11, "task": "T0", "task_revision": f"T0@{version}", "task_label": label}
    return [
        {**unit, "versions": [version], "subject_ids": subject, "answer": answer, "votes": number}
        for subject, answer, number in each
    ]


def finding(*rows: dict[str, Any], **settings: Any):
    return questions_stay_the_same(check_input("11", settings, **{TABLE: table(TABLE, *rows)}))


CAT = votes("Is there a cat?", "3.9", ("1", "Yes", 40), ("1", "No", 10), ("2", "No", 7))
DOG = votes("Is there a dog?", "3.10", ("1", "Yes", 10), ("1", "No", 40))


def test_a_task_that_stays_the_same_is_no_finding() -> None:
    assert finding(*CAT).passed


def test_both_texts_the_setting_and_the_difference_of_the_answers_are_named() -> None:
    found = finding(*CAT, *DOG)
    assert (found.passed, found.is_error) == (False, False)
    assert "since version 3.10: `Is there a cat?` became `Is there a dog?`" in found.message
    assert '"11 T0@3.10" in pooling.same joins them' in found.message
    # 40 of 50 against 10 of 50, on subject 1.
    assert "With votes of both on 1 subject, the answers differ by 60 %" in found.message
    assert found.numbers == {
        "tasks": 1,
        "times that a task became another": 1,
        "other instructions": 0,
    }
    assert found.examples is not None
    assert found.examples.select("task", "before", "after", "setting").rows() == [
        ("T0", "Is there a cat?", "Is there a dog?", "11 T0@3.10")
    ]


def test_the_advice_joins_all_splits_with_one_line_of_settings() -> None:
    found = finding(*CAT, *DOG, *votes("Is there a cow?", "4.1", ("1", "Yes", 9)))
    assert 'below a line [pooling]: same = ["11 T0@3.10", "11 T0@4.1"].' in found.advice


def test_few_votes_on_the_same_subjects_are_not_compared() -> None:
    found = finding(*CAT, *votes("Is there a dog?", "3.10", ("2", "Yes", 9)))
    assert "Too few votes on the same subjects to compare the answers (checks.drift_votes is 50)." in found.message


def test_other_options_under_the_same_text_are_named_without_a_warning() -> None:
    found = finding(*CAT, *votes("Is there a cat?", "3.10", ("1", "Perhaps", 50)))
    assert found.passed
    assert found.message.startswith(
        "Task `T0` is another one since version 3.10: `Is there a cat?` has another type, scale or options. "
        "With votes of both on 1 subject, the answers differ by 100 %"
    )
    assert found.numbers["times that a task became another"] == 1


def test_a_split_that_the_settings_want_is_not_named() -> None:
    assert finding(*CAT, *DOG, pooling={"new": ["11 T0@3.10"]}).passed


def test_a_task_that_is_no_question_is_named_without_a_comparison() -> None:
    unit = {"workflow_id": 11, "task": "T1", "subject_ids": "1"}
    rows = [
        unit | {"task_revision": f"T1@{version}", "task_label": label, "versions": [version]}
        for version, label in (("3.9", "Write the title"), ("3.10", "Write the year"))
    ]
    texts = table("pooled_text_consensus", *rows)
    found = questions_stay_the_same(check_input("11", pooled_text_consensus=texts))
    assert found.message == (
        "Task `T1` is another one since version 3.10: `Write the title` became `Write the year`. "
        '"11 T1@3.10" in pooling.same joins them.'
    )
    assert isinstance(found.examples, pl.DataFrame)


def test_another_instruction_of_a_drawing_is_noted_and_no_warning() -> None:
    unit = {"workflow_id": 11, "task": "T0", "task_revision": "T0@3.9"}
    texts = {"3.9": "Mark cats", "3.10": "Mark  *cats*", "4.1": "Mark what you see", "4.2": None}
    rows = [
        unit | {"task_type": kind, "workflow_version": version, "task_label": text, "task": task}
        for task, kind in (("T0", "drawing"), ("T1", "single"))
        for version, text in texts.items()
    ]
    found = questions_stay_the_same(check_input("11", tasks=table("tasks", *rows)))
    assert found.passed
    assert found.message.endswith(
        "Task `T0` has another text since version 4.1, but the same options, and its votes are pooled: "
        "`Mark *cats*` became `Mark what you see`."
    )
    assert found.numbers["other instructions"] == 1
