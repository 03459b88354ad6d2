"""Of those who saw a subject: who was asked a task, who was not logged in, and who came after its retirement."""

from typing import Any

import pytest

import zoo_dag
from tests.builders import (
    anonymous,
    answer,
    classification_row,
    question,
    question_strings,
    workflow_row,
)
from tests.built_projects import BuiltProject, BuiltProjects

Row = dict[str, Any]
# Rows of a classifications export, and of a workflows export.
Input = tuple[list[Row], list[Row]]

STRINGS = {
    **question_strings("T0", "Smooth or featured?", ("Featured", "Smooth")),
    **question_strings("T1", "Is there a bar?", ("Bar", "No bar")),
}
TASKS: dict[str, Any] = {"T0": question("T0"), "T1": question("T1")}
# Who says Featured is asked T1; for Smooth there is nothing else to ask.
TASKS["T0"]["answers"][0]["next"] = "T1"


def tree(minor: int = 10, **cells: Any) -> Row:
    return workflow_row(3, minor, **{"tasks": TASKS, "strings": STRINGS, **cells})


def featured(number: int, said: str = "Bar", **cells: Any) -> Row:
    """Featured, and an answer about the bar."""
    said_both = [answer("T0", "Featured", "Smooth or featured?"), answer("T1", said, "Is there a bar?")]
    return classification_row(number, annotations=said_both, **cells)


def smooth(number: int, **cells: Any) -> Row:
    return classification_row(number, annotations=[answer("T0", "Smooth", "Smooth or featured?")], **cells)


def late(number: int, said: str, **cells: Any) -> Row:
    """A vote; subject 101 was retired after the first five."""
    state = {"workflow_id": LATE, "retired_at": "2024-03-05T01:00:05.500Z"}
    shared = {"annotations": [answer(value=said)], "subject_data": {"101": {"retired": state}}}
    return classification_row(number, **shared, **cells)


LATE, FEW_ASKED, SOME_VERSIONS, SHORTCUT, NO_ACCOUNT = range(11, 16)


def few_asked() -> Input:
    rows = [featured(number) for number in range(1, 4)] + [smooth(number) for number in range(4, 21)]
    rows += [
        smooth(21, gold_standard=True),
        featured(22, subject_ids="102"),
        featured(23, "No bar", subject_ids="102"),
    ]
    return rows, [tree()]


def some_versions() -> Input:
    rows = [smooth(number, workflow_version="3.9") for number in range(1, 5)]
    rows += [featured(number, workflow_version="3.10") for number in range(5, 8)]
    # In 3.11 T0 is another question, and nobody comes to T1.
    rows += [
        classification_row(number, workflow_version="3.11", annotations=[answer("T0", "Smooth", "A star?")])
        for number in (8, 9)
    ]
    other = STRINGS | question_strings("T0", "A star?", ("Featured", "Smooth"))
    return rows, [tree(9, tasks={"T0": question("T0")}), tree(10), tree(11, strings=other)]


def shortcut() -> Input:
    tasks = {"T0": question("T0", unlinkedTask="T4"), "T4": question("T4", kind="shortcut")}
    strings = question_strings() | question_strings("T4", "Quick exit", ("Nothing here", "Fire"))
    clicked = [answer("T0", None), answer("T4", ["Nothing here"], None)]
    rows = [classification_row(1, annotations=clicked), *map(classification_row, range(2, 5))]
    return rows, [workflow_row(tasks=tasks, strings=strings)]


def late_votes() -> Input:
    before = [late(number, "Yes") for number in range(1, 5)] + [late(5, "No")]
    return [*before, *(late(number, "No") for number in range(6, 10))], []


def no_account() -> Input:
    return [classification_row(1), *map(anonymous, (2, 3)), anonymous(4, gold_standard=True)], []


@pytest.fixture(scope="module")
def built(built_projects: BuiltProjects) -> BuiltProject:
    return built_projects.of_workflows(
        {
            LATE: late_votes(),
            FEW_ASKED: few_asked(),
            SOME_VERSIONS: some_versions(),
            SHORTCUT: shortcut(),
            NO_ACCOUNT: no_account(),
        }
    )


@pytest.fixture(scope="module")
def by_other_settings(built_projects: BuiltProjects) -> BuiltProject:
    settings = "[agreement]\nmin_asked = 0.15\n[exclusion]\nafter_retirement = true\n"
    return built_projects.of_workflows({LATE: late_votes(), FEW_ASKED: few_asked()}, settings)


def rows_of(project: BuiltProject, workflow: int, table: str, columns: str, **where: Any) -> list[tuple[Any, ...]]:
    rows = zoo_dag.scan(table, project.folder.root, workflow)
    return sorted(rows.filter(**where).select(columns.split(", ")).unique().collect().rows(), key=str)


def test_all_is_built(built: BuiltProject, by_other_settings: BuiltProject) -> None:
    assert built.outcome.failures == by_other_settings.outcome.failures == []


def test_what_three_of_twenty_were_asked_is_no_result_of_all(
    built: BuiltProject, by_other_settings: BuiltProject
) -> None:
    for table in ("question_consensus", "pooled_question_consensus"):
        found = rows_of(built, FEW_ASKED, table, "task, subject_id, n_classifications, n_seen, asked")
        assert found == [
            ("T0", 101, 20, 20, 1.0),
            ("T0", 102, 2, 2, 1.0),
            ("T1", 101, 3, 20, 0.15),
            ("T1", 102, 2, 2, 1.0),
        ]
    summary = zoo_dag.scan("subject_summary", built.folder.root, FEW_ASKED).sort("subject_id").collect()
    assert "T0_asked" not in summary.columns
    assert summary.select("T0_answer", "T1_answer", "T1_agreement", "T1_asked", "T1_reached").rows() == [
        ("Smooth", "Bar", 1.0, 0.15, False),
        ("Featured", "Bar; No bar", 0.5, 1.0, False),
    ]
    found = rows_of(by_other_settings, FEW_ASKED, "subject_summary", "subject_id, T1_reached", subject_id=101)
    assert found == [(101, True)]


def test_in_the_pool_a_task_is_asked_in_the_versions_that_have_it(built: BuiltProject) -> None:
    columns = "task_revision, n_classifications, n_seen, asked"
    found = rows_of(built, SOME_VERSIONS, "pooled_question_consensus", columns)
    assert found == [("T0@3.11", 2, 2, 1.0), ("T0@3.9", 7, 7, 1.0), ("T1@3.10", 3, 5, 0.6)]


def test_who_did_not_click_a_shortcut_was_asked_all_the_same(built: BuiltProject) -> None:
    for table in ("question_consensus", "pooled_question_consensus"):
        found = rows_of(built, SHORTCUT, table, "task, n_classifications, n_seen, n_blank")
        assert found == [("T0", 4, 4, 1), ("T4", 4, 4, 3)]


def test_late_votes_that_change_the_winner_are_named(built: BuiltProject) -> None:
    columns = "answer, votes, n_classifications, n_after_retirement"
    for table in ("question_consensus", "pooled_question_consensus"):
        assert rows_of(built, LATE, table, columns) == [("No", 5, 9, 4), ("Yes", 4, 9, 4)]
    assert rows_of(built, LATE, "subject_summary", "T0_answer, n_after_retirement") == [("No", 4)]
    (check,) = (check for check in built.outcome.checks if check.check == "late_votes_change_no_winner")
    assert (check.asset, check.is_error) == ("pooled_question_consensus", False)
    assert "subject 101, task `T0`: `Yes` without them, `No` with them" in check.description


def test_late_votes_that_are_left_out_change_nothing(by_other_settings: BuiltProject) -> None:
    found = rows_of(by_other_settings, LATE, "subject_summary", "T0_answer, n_after_retirement")
    assert found == [("Yes", 0)]
    checks = by_other_settings.outcome.checks
    assert not [check for check in checks if check.check == "late_votes_change_no_winner"]


def test_volunteers_without_an_account_are_counted(built: BuiltProject) -> None:
    for table in ("question_consensus", "pooled_question_consensus", "subject_summary"):
        assert rows_of(built, NO_ACCOUNT, table, "n_classifications, n_anonymous") == [(3, 2)], table
    kept = zoo_dag.scan("question_annotations", built.folder.root, NO_ACCOUNT).collect()
    assert kept["after_retirement"].to_list() == [False] * 4
