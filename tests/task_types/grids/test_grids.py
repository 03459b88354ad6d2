"""Grids of subjects: every subject shown is asked yes or no, in all eras of the export."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulated_grids import draw_grids, truth
from tests.builders import classification_row, workflow_row
from tests.task_types.samples import NO_WORKFLOWS, Sample, aggregated, sample
from zoo_dag.consensus.grids import once_per_subject, with_subjects_of_grids
from zoo_dag.consensus.intervals import Z_95
from zoo_dag.consensus.seen import SEEN, seen_in_pool, seen_in_version
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.questions import QUESTIONS

GROUP = 9
DETAILS = [
    {
        "type": "single",
        "question": "T0.details.0.question",
        "answers": [{"label": "T0.details.0.answers.0.label"}],
    },
    {"type": "text", "instruction": "T0.details.1.instruction"},
]
WORKFLOW = workflow_row(
    tasks={"T0": {"type": "subjectGroupComparison", "question": "T0.question", "details": DETAILS}},
    strings={
        "T0.question": "Which are spirals?",
        "T0.details.0.question": "How many arms?",
        "T0.details.0.answers.0.label": "Two",
        "T0.details.1.instruction": "What is odd?",
    },
)
ERAS = {
    "pseudo subject": ("9", {"9": {"#subject_group_id": 4, "#group_subject_ids": "103-101-102"}}),
    "both": ("9;101;102;103", {"9": {"#subject_group_id": 4}, "101": {}, "102": {}, "103": {}}),
    "members": ("101;102;103", {"101": {}, "102": {}, "103": {}}),
}


def grid(value: Any, *others: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"task": "T0", "value": value, "taskType": "subjectGroupComparison"}, *others]


def cell(index: Any, subject: Any) -> dict[str, Any]:
    return {"index": index, "subject": subject}


def shown(number: int, annotations: list[Any], era: str = "members", **cells: Any) -> dict[str, Any]:
    subject_ids, subject_data = ERAS[era]
    return classification_row(
        number, subject_ids=subject_ids, subject_data=subject_data, annotations=annotations, **cells
    )


def rows(found: Sample, table: str = "question_annotations") -> list[tuple[Any, ...]]:
    text = "answer" if table == "question_annotations" else "text"
    return found.tables[table].select("subject_ids", "task", "status", text).rows()


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("workflows", [[WORKFLOW], NO_WORKFLOWS])
def test_every_subject_shown_has_a_vote_in_each_era(era: str, workflows: Any) -> None:
    found = sample([shown(1, grid([cell(2, "103"), cell(0, "101")]), era)], workflows)
    columns = ("subject_id", "subject_ids", "task_type", "status", "answer_index", "answer", "n_selected")
    assert found.questions.select(columns).rows() == [
        (101, "101", "subjectGroupComparison", "answered", 1, "selected", 2),
        (102, "102", "subjectGroupComparison", "answered", 0, "not selected", 2),
        (103, "103", "subjectGroupComparison", "answered", 1, "selected", 2),
    ]
    assert found.tables["other_annotations"].is_empty()
    assert found.row_accounting()["balanced"]


def test_nothing_selected_is_an_answer_and_null_is_none() -> None:
    answers = [(str(subject), "T0", "answered", "not selected") for subject in (101, 102, 103)]
    assert rows(sample([shown(1, grid([]))], [WORKFLOW])) == answers
    assert rows(sample([shown(1, grid(None))], [WORKFLOW])) == [
        (str(subject), "T0", "blank", None) for subject in (101, 102, 103)
    ]


def test_a_cell_that_was_not_shown_or_has_no_place_is_malformed() -> None:
    found = sample([shown(1, grid([cell("?", "101"), cell(1, "999"), 7]))], [WORKFLOW])
    assert rows(found) == [
        ("101", "T0", "malformed", '{"index":"?","subject":"101"}'),
        ("102", "T0", "answered", "not selected"),
        ("103", "T0", "answered", "not selected"),
        ("101;102;103", "T0", "malformed", '{"index":1,"subject":"999"}'),
        ("101;102;103", "T0", "malformed", "7"),
    ]
    assert {row[2] for row in rows(sample([shown(1, grid("?"))], [WORKFLOW]))} == {"malformed"}
    assert found.row_accounting()["balanced"]


def test_a_grid_of_unknown_subjects_is_kept_whole() -> None:
    answer = {"task": "T0.cell.2.subtask.1", "value": "odd", "taskType": "text", "cellIndex": 0}
    unknown = classification_row(
        1,
        subject_ids="9",
        subject_data={"9": {"#subject_group_id": 4}},
        annotations=grid([cell(2, "101")], answer),
    )
    found = sample([unknown], [WORKFLOW])
    kept = found.tables["other_annotations"]
    assert kept.select("status", "reason").rows() == [("answered", "members_unknown")] * 2
    assert kept["value"][0] == '[{"index":2,"subject":"101"}]'
    assert found.questions.is_empty()
    assert found.row_accounting()["balanced"]


def test_answers_about_cells_are_of_one_task_and_of_the_subject_of_the_cell() -> None:
    arms = {"task": "T0.cell.7.subtask.0", "value": 0, "taskType": "single", "cellIndex": 1}
    odd = {"task": "T0.cell.2.subtask.1", "value": "a ring", "taskType": "text", "cellIndex": 0}
    stray = {"task": "T0.cell.9.subtask.1", "value": "?", "taskType": "text", "cellIndex": 5}
    found = sample([shown(1, grid([cell(2, "103"), cell(7, "101")], arms, odd, stray))], [WORKFLOW])
    assert rows(found)[-1] == ("101", "T0.subtask.0", "answered", "Two")
    assert rows(found, "text_annotations") == [("103", "T0.subtask.1", "answered", "a ring")]
    labels = found.tables["tasks"].select("task", "task_type", "task_label", "task_revision").unique().rows()
    assert ("T0.subtask.1", "text", "What is odd?", "T0.subtask.1@3.10") in labels
    assert found.tables["other_annotations"]["task"].to_list() == ["T0.cell.9.subtask.1"]
    assert found.row_accounting()["balanced"]


def test_what_repeats_is_decided_for_each_subject() -> None:
    def group(number: int, ids: str, selected: str) -> dict[str, Any]:
        cells = {"subject_ids": ids, "subject_data": {one: {} for one in ids.split(";")}}
        return classification_row(number, user_id=7, annotations=grid([cell(0, selected)]), **cells)

    both = [group(1, "101;102", "101"), group(2, "102;103", "102")]
    found = sample(both, [WORKFLOW]).questions
    columns = ("classification_id", "subject_ids", "answer", "excluded")
    assert found.select(columns).rows() == [
        (1001, "101", "selected", None),
        (1001, "102", "not selected", None),
        (1002, "102", "selected", "repeat"),
        (1002, "103", "not selected", None),
    ]
    last = once_per_subject(found.lazy(), "last").collect()
    assert last["excluded"].to_list() == [None, "repeat", None, None]
    assert once_per_subject(found.lazy(), "all").collect()["excluded"].to_list() == found["excluded"].to_list()


def test_subjects_of_a_grid_are_seen_and_summarised_one_by_one() -> None:
    versions = [("3.9", "T0@3.9"), ("3.10", "T0@3.9")]
    revisions = pl.DataFrame(versions, schema=["workflow_version", "task_revision"], orient="row")
    rows = [shown(1, grid([])), shown(2, grid([])), shown(3, grid([]), user_id=7001)]
    classifications = sample(rows, [WORKFLOW]).tables["classifications"].lazy()
    seen = seen_in_version(classifications).sort("subject_ids").collect()
    assert seen.rows() == [("3.10", ids, 2) for ids in ("101", "101;102;103", "102", "103")]
    nothing = pl.DataFrame(
        schema={"classification_id": pl.Int64, "excluded": pl.String, "repeated": pl.List(pl.String)}
    )
    pooled = seen_in_pool(classifications, nothing, revisions).sort("subject_ids").collect()
    assert pooled.rows() == [("T0@3.9", ids, 2) for ids in ("101", "101;102;103", "102", "103")]
    units = with_subjects_of_grids(classifications, "first", revisions).collect()
    assert sorted(units.select("classification_id", "subject_id", "excluded").rows()) == [
        (number, subject, "repeat" if number == 1003 else None)
        for number in (1001, 1002, 1003)
        for subject in (101, 102, 103)
    ]


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 1000))
def test_the_fraction_of_a_subject_is_how_often_it_was_selected_of_how_often_it_was_shown(seed: int) -> None:
    grids = draw_grids(subjects=10, cells=5, times=20, seed=seed)
    rows = []
    for number, each in enumerate(grids):
        ids, data = each.exported(number % 3, 900_000 + number)
        rows.append(classification_row(number, subject_ids=ids, subject_data=data, annotations=grid(each.value())))
    found = sample(rows, [WORKFLOW])
    tables = {name: found.tables[name].lazy() for name in ("question_annotations", "tasks")}
    annotations = {
        "question_annotations": tables["question_annotations"],
        SEEN: seen_in_version(found.tables["classifications"].lazy()).with_columns(
            workflow_id=pl.lit(11, pl.Int64), workflow_version=pl.lit("3.10")
        ),
    }
    (consensus,) = QUESTIONS.consensus_tables
    table = aggregate(consensus, annotations, tables["tasks"], VERSION, Settings()).table.collect()
    true = truth(grids)
    votes = table.filter(answer="selected").select("subject_id", "votes", "n_answered", "fraction", "fraction_low")
    assert {row[0] for row in votes.rows()} == set(true.selected)
    for subject, n, of, fraction, low in votes.rows():
        assert (n, of, fraction) == (true.selected[subject], 20, true.selected[subject] / true.shown[subject])
        spread = Z_95 * ((fraction * (1 - fraction) + Z_95**2 / 80) / 20) ** 0.5
        assert low == pytest.approx(max((fraction + Z_95**2 / 40 - spread) / (1 + Z_95**2 / 20), 0), abs=1e-12)
    assert table["n_seen"].unique().to_list() == [20]
    assert aggregated(QUESTIONS, found.tables, found.tables["tasks"]).height == table.height
