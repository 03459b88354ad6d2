"""Votes in columns, and how these are named: by labels, and in a way that lasts."""

from typing import Any

import polars as pl
import pytest

from zoo_dag.tables import TABLES
from zoo_dag.task_types.answer_names import VOTED, answers_of
from zoo_dag.task_types.subject_votes import describe_votes, subject_votes

Row = dict[str, Any]


def table(name: str, *rows: Row) -> pl.LazyFrame:
    """Rows of a table of workflow 5, with nulls in all columns that are not named."""
    declared = TABLES[name].dtypes
    return pl.DataFrame(
        [{column: ({"workflow_id": 5} | row).get(column) for column in declared} for row in rows], schema=declared
    ).lazy()


def rows(subject: int, revision: str = "T0@1.1", answered: int = 3, **columns: Any) -> Row:
    """What the rows of a subject and a task have in a pooled table; one more classification than answered."""
    task, _, version = revision.partition("@")
    return {
        "task": task,
        "task_revision": revision,
        "subject_id": subject,
        "subject_ids": str(subject),
        "versions": [version],
        "n_answered": answered,
        "n_classifications": answered + 1,
        **columns,
    }


def offered(
    *labels: str, revision: str = "T0@1.1", version: str = "1.1", origins: list[int] | None = None
) -> list[Row]:
    """The answers to a question of a workflow version, and the places that they had in the first version."""
    head = {"task": revision.partition("@")[0], "task_revision": revision, "workflow_version": version}
    return [
        {
            **head,
            "option_kind": "answer",
            "option_path": f"answers.{place}",
            "option_index": place,
            "option_label": label,
            "option_origin": origins[place] if origins else place,
        }
        for place, label in enumerate(labels)
    ]


def given(*labels: str, revision: str = "T0@1.1", index: bool = True) -> list[Row]:
    """A subject with one vote for each answer to a question."""
    place = [number if index else None for number in range(len(labels))]
    return [rows(101, revision, answer_index=place[n], answer=label, votes=1) for n, label in enumerate(labels)]


def pooled(**of_type: list[Row]) -> dict[str, pl.LazyFrame]:
    """The pooled tables, such as `question=…`."""
    return {name: table(name, *of_type.get(name.split("_")[1], [])) for name in VOTED}


def names(votes: list[Row] | None = None, tasks: list[Row] | None = None, **of_type: list[Row]) -> list[str]:
    """The names of all answers."""
    found = answers_of(pooled(**of_type), table("tasks", *(tasks or [])), table("votes", *(votes or [])))
    return [answer.name for answer in found]


def test_votes_are_counted_by_subject_and_answer() -> None:
    question = [
        rows(101, answer_index=0, answer="Yes, one", votes=2),
        rows(101, answer_index=1, answer="No", votes=1),
        rows(102, answered=0, votes=0),
    ]
    survey = [
        rows(101, "T1@1.1", choice_id="LION", choice_label="Lion", votes=3),
        rows(101, "T1@1.1", choice_id="ELK", choice_label="Elk", votes=1),
    ]
    subjects = table(
        "subject_summary",
        *({"subject_id": n, "subject_ids": str(n), "n_classifications": 4} for n in (101, 102, 103)),
    )
    tables = pooled(question=question, survey=survey)
    tasks = table("tasks", *offered("Yes, one", "No", "Cannot say"))
    found = subject_votes(subjects, tables, tasks, table("votes")).collect()
    assert found.select("subject_id", "n_classifications").rows() == [(101, 4), (102, 4), (103, 4)]
    question_names = ("yes_one", "no", "cannot_say")
    assert found.columns[4:12] == [
        "t0_n_classifications",
        "t0_n_answered",
        *(f"t0_{name}_count" for name in question_names),
        *(f"t0_{name}_fraction" for name in question_names),
    ]
    assert found.rows()[0][4:12] == (4, 3, 2, 1, 0, 2 / 3, 1 / 3, 0)
    # One that nobody answered, and one that nobody was asked about.
    assert found.rows()[1][4:12] == (1, 0, 0, 0, 0, None, None, None)
    assert found.rows()[2][4:12] == (0, 0, 0, 0, 0, None, None, None)
    # In a survey, as in its consensus, of all who reached it.
    assert found[0].select("t1_lion_count", "t1_lion_fraction", "t1_elk_fraction").row(0) == (3, 0.75, 0.25)
    assert all(describe_votes(name) for name in found.columns[4:])


def test_selects_are_apart_and_what_was_typed_is_one_answer() -> None:
    dropdown = [
        rows(101, select_index=0, option_value="cl", option_label="Chile", votes=1),
        rows(101, select_index=0, free_text="chili?", votes=1),
        rows(101, select_index=0, free_text="CL", votes=1),
        rows(101, answered=1, select_index=1, option_value="n", option_label="North", votes=1),
        # A task left blank without its selects.
        rows(102, answered=0, votes=0),
    ]
    subjects = table("subject_summary", *({"subject_id": n, "subject_ids": str(n)} for n in (101, 102)))
    found = subject_votes(subjects, pooled(dropdown=dropdown), table("tasks"), table("votes")).collect()
    assert found[0].select("t0_0_chile_count", "t0_0_typed_count", "t0_1_north_count").row(0) == (1, 2, 1)
    assert found["t0_0_typed_fraction"].to_list() == [2 / 3, None]
    assert found["t0_1_n_classifications"].to_list() == [2, 1]


def test_no_questions_give_the_subjects() -> None:
    subjects = table("subject_summary", {"subject_id": 101, "subject_ids": "101", "n_classifications": 2})
    found = subject_votes(subjects, pooled(), table("tasks"), table("votes")).collect()
    assert found.rows() == [(5, 101, "101", 2)]


def test_an_answer_keeps_its_name_when_others_come() -> None:
    before = names(question=given("Yes!"), tasks=offered("Yes!", "No"))
    assert before == ["t0_yes", "t0_no"]
    # The new answer comes first in the new version.
    tasks = [*offered("Yes!", "No"), *offered("Yes?", "Yes!", "No", version="1.2", origins=[2, 0, 1])]
    assert names(question=given("Yes?", "Yes!"), tasks=tasks) == ["t0_yes", "t0_no", "t0_yes_2"]


@pytest.mark.parametrize(("first", "expected"), [("Yes!", "t0_yes"), ("Yes?", "t0_yes_2")])
def test_without_a_definition_the_answer_that_was_given_first_keeps_a_name(first: str, expected: str) -> None:
    votes = [
        {"task": "T0", "task_revision": "T0@1.1", "label": label, "classification_id": 1 if label == first else 2}
        for label in ("Yes!", "Yes?")
    ]
    found = answers_of(pooled(question=given("Yes!", "Yes?", index=False)), table("tasks"), table("votes", *votes))
    assert {answer.text: answer.name for answer in found}["Yes!"] == expected


def test_the_first_revision_of_a_task_keeps_its_name() -> None:
    question = [*given("Yes", revision="T0@3.10"), *given("Yes", revision="T0@3.9")]
    assert names(question=question) == ["t0_yes", "t0_v3_10_yes"]


def test_columns_are_in_the_order_of_tasks_whichever_are_older() -> None:
    question = [
        row for revision in ("T10@1.1", "T2@1.1", "T2@1.2", "T1@1.2") for row in given("Yes", revision=revision)
    ]
    subjects = table("subject_summary", {"subject_id": 101, "subject_ids": "101"})
    found = (
        subject_votes(subjects, pooled(question=question), table("tasks"), table("votes")).collect_schema().names()
    )
    assert [name.removesuffix("_yes_count") for name in found if name.endswith("_count")] == [
        "t1",
        "t2",
        "t2_v1_2",
        "t10",
    ]


def test_a_label_that_can_be_in_no_name_gives_its_place_and_the_task_is_made_a_name() -> None:
    assert names(
        question=given("鳥", "犬", revision="0 A@1.1"), tasks=offered("鳥", "犬", revision="0 A@1.1")
    ) == [
        "x0_a_answer_0",
        "x0_a_answer_1",
    ]
    picture = given("![a lion](https://example.org/lion.png)")
    assert names(question=picture) == ["t0_a_lion"]


def test_a_task_in_a_combo_has_its_name_before() -> None:
    assert names(question=[row | {"parent_task": "T9"} for row in given("Yes")]) == ["t9_t0_yes"]
