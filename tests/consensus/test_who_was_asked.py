"""Of those who saw a subject: who was asked a task, who was not logged in, and who came after its retirement."""

from pathlib import Path
from typing import Any

import polars as pl

import zoo_dag
from tests.builders import (
    anonymous,
    answer,
    classification_row,
    question,
    question_strings,
    workflow_row,
    write_classifications,
    write_workflows,
)
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.run_all import Outcome, Request
from zoo_dag.store.data_folder import DataFolder

Row = dict[str, Any]

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


def run(folder: Path, rows: list[Row], workflows: list[Row], settings: str = "") -> Outcome:
    data = DataFolder(folder / "data")
    data.root.mkdir(exist_ok=True)
    (data.root / "zoo_dag.toml").write_text(settings)
    exports = (
        write_classifications(folder / "c.csv", rows),
        *([write_workflows(folder / "w.csv", workflows)] if workflows else []),
    )
    outcome = run_all(data, Request(exports))
    assert outcome.failures == []
    return outcome


def rows_of(folder: Path, table: str, columns: str, **where: Any) -> list[tuple[Any, ...]]:
    found = zoo_dag.scan(table, folder / "data").filter(**where).select(columns.split(", ")).unique().collect()
    return sorted(found.rows(), key=str)


def test_what_three_of_twenty_were_asked_is_no_result_of_all(tmp_path: Path) -> None:
    rows = [featured(number) for number in range(1, 4)] + [smooth(number) for number in range(4, 21)]
    rows += [
        smooth(21, gold_standard=True),
        featured(22, subject_ids="102"),
        featured(23, "No bar", subject_ids="102"),
    ]
    run(tmp_path, rows, [tree()])
    for table in ("question_consensus", "pooled_question_consensus"):
        found = rows_of(tmp_path, table, "task, subject_id, n_classifications, n_seen, asked")
        assert found == [
            ("T0", 101, 20, 20, 1.0),
            ("T0", 102, 2, 2, 1.0),
            ("T1", 101, 3, 20, 0.15),
            ("T1", 102, 2, 2, 1.0),
        ]
    summary = zoo_dag.scan("subject_summary", tmp_path / "data").sort("subject_id").collect()
    assert "T0_asked" not in summary.columns
    assert summary.select("T0_answer", "T1_answer", "T1_agreement", "T1_asked", "T1_reached").rows() == [
        ("Smooth", "Bar", 1.0, 0.15, False),
        ("Featured", "Bar; No bar", 0.5, 1.0, False),
    ]
    run(tmp_path, rows, [tree()], "[agreement]\nmin_asked = 0.15\n")
    assert rows_of(tmp_path, "subject_summary", "subject_id, T1_reached", subject_id=101) == [(101, True)]


def test_in_the_pool_a_task_is_asked_in_the_versions_that_have_it(tmp_path: Path) -> None:
    rows = [smooth(number, workflow_version="3.9") for number in range(1, 5)]
    rows += [featured(number, workflow_version="3.10") for number in range(5, 8)]
    # In 3.11 T0 is another question, and nobody comes to T1.
    rows += [
        classification_row(number, workflow_version="3.11", annotations=[answer("T0", "Smooth", "A star?")])
        for number in (8, 9)
    ]
    other = STRINGS | question_strings("T0", "A star?", ("Featured", "Smooth"))
    before = {"T0": question("T0")}
    run(tmp_path, rows, [tree(9, tasks=before), tree(10), tree(11, strings=other)])
    found = rows_of(tmp_path, "pooled_question_consensus", "task_revision, n_classifications, n_seen, asked")
    assert found == [("T0@3.11", 2, 2, 1.0), ("T0@3.9", 7, 7, 1.0), ("T1@3.10", 3, 5, 0.6)]


def test_who_did_not_click_a_shortcut_was_asked_all_the_same(tmp_path: Path) -> None:
    tasks = {"T0": question("T0", unlinkedTask="T4"), "T4": question("T4", kind="shortcut")}
    strings = question_strings() | question_strings("T4", "Quick exit", ("Nothing here", "Fire"))
    clicked = [answer("T0", None), answer("T4", ["Nothing here"], None)]
    rows = [classification_row(1, annotations=clicked), *map(classification_row, range(2, 5))]
    run(tmp_path, rows, [workflow_row(tasks=tasks, strings=strings)])
    for table in ("question_consensus", "pooled_question_consensus"):
        found = rows_of(tmp_path, table, "task, n_classifications, n_seen, n_blank")
        assert found == [("T0", 4, 4, 1), ("T4", 4, 4, 3)]


def late(number: int, said: str, **cells: Any) -> Row:
    """A vote; subject 101 was retired after the first five."""
    state = {"workflow_id": 11, "retired_at": "2024-03-05T01:00:05.500Z"}
    shared = {"annotations": [answer(value=said)], "subject_data": {"101": {"retired": state}}}
    return classification_row(number, **shared, **cells)


LATE = [late(number, "Yes") for number in range(1, 5)] + [late(5, "No"), *(late(n, "No") for n in range(6, 10))]


def test_late_votes_that_change_the_winner_are_named(tmp_path: Path) -> None:
    outcome = run(tmp_path, LATE, [])
    columns = "answer, votes, n_classifications, n_after_retirement"
    for table in ("question_consensus", "pooled_question_consensus"):
        assert rows_of(tmp_path, table, columns) == [("No", 5, 9, 4), ("Yes", 4, 9, 4)]
    assert rows_of(tmp_path, "subject_summary", "T0_answer, n_after_retirement") == [("No", 4)]
    (check,) = (check for check in outcome.checks if check.check == "late_votes_change_no_winner")
    assert (check.asset, check.is_error) == ("pooled_question_consensus", False)
    assert "subject 101, task `T0`: `Yes` without them, `No` with them" in check.description


def test_late_votes_that_are_left_out_change_nothing(tmp_path: Path) -> None:
    outcome = run(tmp_path, LATE, [], "[exclusion]\nafter_retirement = true\n")
    assert rows_of(tmp_path, "subject_summary", "T0_answer, n_after_retirement") == [("Yes", 0)]
    assert not [check for check in outcome.checks if check.check == "late_votes_change_no_winner"]


def test_volunteers_without_an_account_are_counted(tmp_path: Path) -> None:
    rows = [classification_row(1), *map(anonymous, (2, 3)), anonymous(4, gold_standard=True)]
    run(tmp_path, rows, [])
    for table in ("question_consensus", "pooled_question_consensus", "subject_summary"):
        assert rows_of(tmp_path, table, "n_classifications, n_anonymous") == [(3, 2)], table
    kept = zoo_dag.scan("question_annotations", tmp_path / "data").select(pl.col("after_retirement"))
    assert kept.collect()["after_retirement"].to_list() == [False] * 4
