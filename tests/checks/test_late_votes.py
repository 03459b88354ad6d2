"""Winners with and without the votes that came after the retirement of a subject."""

from typing import Any

import polars as pl
import pytest

from tests.builders import answer, classification_row
from tests.checks.inputs import check_input
from tests.task_types.consensus_samples import chosen, dropdown_workflow, named, survey_workflow
from tests.task_types.samples import aggregated, one_question, sample
from zoo_dag.checks.finding import Finding
from zoo_dag.checks.late_votes import late_votes_change_no_winner
from zoo_dag.consensus.units import POOLED
from zoo_dag.task_types.catalogue import TASK_TYPES

Row = dict[str, Any]
TYPES = {each.name: each for each in TASK_TYPES}
COLOURS = one_question("Red", "Green", kind="multiple")


def evaluate(kind: str, workflow: Row, in_time: list[Row], late: list[Row]) -> Finding:
    """The finding about the votes on subject 101 in time and after its retirement, and one in time on 102."""
    task_type = TYPES[kind]
    assert task_type.consensus is not None
    rows = [classification_row(number, annotations=[said]) for number, said in enumerate([*in_time, *late])]
    rows.append(classification_row(99, annotations=[in_time[0]], subject_ids="102"))
    tables = dict(sample(rows, [workflow]).tables)
    source = task_type.flattening.table
    first_late, subject = 1000 + len(in_time), pl.col("subject_ids")
    is_late = (pl.col("classification_id") >= first_late) & (subject == "101")
    tables[source] = tables[source].with_columns(after_retirement=is_late)
    pooled = aggregated(task_type, tables, tables["tasks"], scope=POOLED)
    given = {name: tables[name].lazy() for name in (*task_type.consensus.inputs, "tasks")}
    stored = {task_type.consensus.pooled_table: pooled.lazy()}
    return late_votes_change_no_winner(task_type.consensus)(check_input("11", **given, **stored))


def votes(*values: Any) -> list[Row]:
    return [answer(value=value) for value in values]


YES, NO = votes("Yes", "No")
QUESTION = one_question("Yes", "No")


def test_late_votes_that_change_the_winner_are_a_warning_with_both_winners() -> None:
    finding = evaluate("question", QUESTION, [YES] * 4 + [NO], [NO] * 4)
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "Pairs of a subject and a task with votes after retirement: 1. In 1 these change the winner: "
        "subject 101, task `T0`: `Yes` without them, `No` with them."
    )
    assert "exclusion.after_retirement = true" in finding.advice
    assert finding.numbers == {"subjects and tasks with late votes": 1, "with another winner": 1}
    assert finding.examples is not None
    assert finding.examples.select("subject_ids", "winner", "winner_before").rows() == [("101", "No", "Yes")]


@pytest.mark.parametrize(
    ("kind", "workflow", "in_time", "late", "change"),
    [
        ("question", QUESTION, [YES] * 4 + [NO], [NO] * 2, None),
        # A tie that arises or ends is no other winner, and neither is one where there was none.
        ("question", QUESTION, [YES] * 4 + [NO], [NO] * 3, None),
        ("question", QUESTION, [YES, NO], [NO], None),
        ("question", QUESTION, votes(None, None), [NO], None),
        ("question", COLOURS, votes(["Red"], ["Red"], []), votes([], []), ("Red", None)),
        ("survey", survey_workflow(), [named("LION")], [named("ZEBRA")] * 2, ("Lion", "Zebra")),
        ("survey", survey_workflow(), [named("LION")] * 2, [named("ZEBRA")], None),
        ("dropdown", dropdown_workflow(), [chosen("pe", "n")], [chosen("cl", "n")] * 2, ("Peru", "Chile")),
        ("dropdown", dropdown_workflow(), [chosen("pe", "n")], [chosen("pe", "n")], None),
    ],
)  # fmt: skip
def test_winners_of_each_type_are_compared(
    kind: str, workflow: Row, in_time: list[Row], late: list[Row], change: tuple[str | None, str | None] | None
) -> None:
    finding = evaluate(kind, workflow, in_time, late)
    assert finding.passed is (change is None)
    assert ("No winner is another one because of these" in finding.message) is (change is None)
    winners = finding.examples.select("winner_before", "winner").rows() if finding.examples is not None else []
    assert winners == ([change] if change else [])


def test_without_late_votes_nothing_is_compared() -> None:
    finding = evaluate("question", QUESTION, [YES, NO], [])
    assert finding.message == "No vote that counts came after the retirement of its subject."
    assert finding.passed


def test_a_subject_with_late_votes_only_has_no_other_winner() -> None:
    rows = [classification_row(1, annotations=[YES])]
    tables = dict(sample(rows, [QUESTION]).tables)
    tables["question_annotations"] = tables["question_annotations"].with_columns(after_retirement=True)
    pooled = aggregated(TYPES["question"], tables, tables["tasks"], scope=POOLED).lazy()
    consensus = TYPES["question"].consensus
    assert consensus is not None
    given = {name: tables[name].lazy() for name in (*consensus.inputs, "tasks")}
    finding = late_votes_change_no_winner(consensus)(check_input("11", pooled_question_consensus=pooled, **given))
    assert finding.passed
    assert "votes after retirement: 1. No winner is another one" in finding.message
