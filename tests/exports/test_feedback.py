"""Training feedback: what the metadata of subjects say is right."""

import json

import polars as pl

from zoo_dag.exports.feedback import feedback_answers, feedback_rules


def definitions(*versions: tuple[int, dict]) -> pl.LazyFrame:
    return pl.LazyFrame(
        [
            {"workflow_id": 11, "version_major": major, "version_minor": 1, "tasks": json.dumps(tasks)}
            for major, tasks in versions
        ]
    )


def rule(number: object, strategy: str) -> dict:
    return {"type": "single", "feedback": {"enabled": True, "rules": [{"id": number, "strategy": strategy}]}}


def shown(*subjects: tuple[str, int, dict]) -> pl.LazyFrame:
    return pl.LazyFrame(
        [
            {"workflow_version": version, "subject_id": subject, "metadata": json.dumps(each)}
            for version, subject, each in subjects
        ]
    )


def test_rules_are_those_of_the_newest_version_whose_answers_can_be_known() -> None:
    tasks = {"T0": rule(7, "singleAnswerQuestion"), "T1": rule("box", "radial"), "T2": {"feedback": []}}
    rules = feedback_rules(definitions((9, {"T0": rule(7, "radial")}), (10, tasks)), 11)
    assert rules.rows() == [("T0", "7", "singleAnswerQuestion")]
    assert feedback_rules(definitions((10, tasks)), 12).is_empty()


def test_answers_are_named_by_position_or_by_ids() -> None:
    rules = pl.DataFrame(
        {"task": ["T0", "T5"], "rule": ["7", "s"], "strategy": ["singleAnswerQuestion", "surveySimple"]}
    )
    answers = feedback_answers(
        shown(
            ("3.1", 1, {"#feedback_1_id": "7", "#feedback_1_answer": "1", "#training_subject": "true"}),
            (
                "3.1",
                2,
                {
                    "#feedback_1_id": "s",
                    "#feedback_1_choiceIds": "DEER, FOX",
                    "#feedback_2_id": 7,
                    "#feedback_2_answer": 0,
                },
            ),
            # Nothing is there; another rule; no position; no such answer; no rule.
            ("3.1", 3, {"#feedback_a_id": "s"}),
            ("3.1", 4, {"#feedback_1_id": "8", "#feedback_1_answer": "1"}),
            ("3.1", 5, {"#feedback_1_id": "7", "#feedback_1_answer": "yes"}),
            ("3.1", 6, {"#feedback_1_id": "7", "#feedback_1_answer": "9"}),
            ("3.1", 7, {"#feedback_1_answer": "1", "#feedback": "x"}),
            # The newest version has the newest metadata.
            ("3.9", 8, {"#feedback_1_id": "7", "#feedback_1_answer": "0"}),
            ("3.10", 8, {"#feedback_1_id": "7", "#feedback_1_answer": "1"}),
        ),
        rules,
        {("T0", 0): "Yes", ("T0", 1): "No"},
    )
    assert answers.select("subject_ids", "task", "answer").rows() == [
        ("1", "T0", "No"),
        ("2", "T0", "Yes"),
        ("2", "T5", "DEER; FOX"),
        ("3", "T5", ""),
        ("8", "T0", "No"),
    ]
    assert answers["line"].is_unique().all()
