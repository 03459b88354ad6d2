"""A project of grids, highlights, corrections, crops and spans, from its exports to its summary."""

from collections.abc import Iterator

import polars as pl
import pytest

from benchmarks.simulated_grids import FIRST_SUBJECT, draw_grids, truth
from tests.builders import classification_row, workflow_row, write_export
from tests.dagster_project import run_all
from tests.task_types.grids.test_grids import grid
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

GRIDS = draw_grids(subjects=10, cells=5, times=8, seed=5)
TASKS = {
    "T0": {"type": "subjectGroupComparison", "question": "T0.question", "details": []},
    "T1": {"type": "highlighter", "instruction": "T1.instruction", "highlighterLabels": []},
}
TASKS["T2"] = {"type": "textFromSubject", "instruction": "T2.instruction"}
TASKS["T3"] = {"type": "crop", "instruction": "T3.instruction"}
TASKS["T4"] = {
    "type": "dataVisAnnotation",
    "instruction": "T4.instruction",
    "tools": [{"type": "graph2dRangeX", "label": "T4.tools.0.label"}],
}
STRINGS = {"T0.question": "Which are spirals?", "T1.instruction": "Mark the names", "T2.instruction": "Correct it"}
STRINGS |= {"T3.instruction": "Crop it", "T4.instruction": "Mark the dips", "T4.tools.0.label": "Dip"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFolder]:
    """A data folder with 16 grids of two versions, and six volunteers who highlight and correct texts."""
    root = tmp_path_factory.mktemp("grids")
    rows = []
    for number, each in enumerate(GRIDS):
        ids, data = each.exported(number % 3, 900_000 + number)
        who, version = {"user_id": 7000 + number % 15}, "3.10" if number < 8 else "3.11"
        said = {"annotations": grid(each.value()), "subject_ids": ids, "subject_data": data}
        rows.append(classification_row(number, workflow_version=version, **said, **who))
    label = {"label": "Species", "color": "#0"}
    for number in range(100, 106):
        passage = {"start": 7, "end": 20, "text": "Allium vineale", "labelInformation": label}
        said = {"task": "T1", "value": [passage] * (number < 105), "taskType": "highlighter"}
        corrected = {
            "task": "T2",
            "value": "the cat" if number > 102 else "teh cat",
            "taskType": "textFromSubject",
        }
        crop = {"task": "T3", "value": {"x": 10 + number % 3, "y": 20, "width": 300, "height": 120}}
        dips = [{"x": 15.2, "width": 0.9, "tool": 0}, {"x": 3.1, "width": 0, "tool": 0}]
        marked = {"task": "T4", "value": dips * (number < 104), "taskType": "dataVisAnnotation"}
        annotations = [said, corrected, crop, marked]
        rows.append(classification_row(number, subject_ids="5", annotations=annotations))
    write_export(root / "classifications.csv", rows)
    write_export(
        root / "workflows.csv", [workflow_row(3, minor, tasks=TASKS, strings=STRINGS) for minor in (10, 11)]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(root / "home"))
        data_folder = DataFolder(root / "data")
        data_folder.prepare()
        (root / "data" / "zoo_dag.toml").write_text('[texts]\noriginal_table = "given.csv"\n', encoding="utf-8")
        (root / "data" / "given.csv").write_text("subject_id,text\n5,teh cat\n", encoding="utf-8")
        outcome = run_all(data_folder, Request((root / "classifications.csv", root / "workflows.csv")))
        assert outcome.failures == []
        yield data_folder


def stored(folder: DataFolder, table: str) -> pl.DataFrame:
    return folder.tables.scan(TABLES[table], "11" if TABLES[table].partition else None).collect()


def test_the_summary_has_a_row_for_each_subject_of_the_grids(folder: DataFolder) -> None:
    summary = stored(folder, "subject_summary").filter(pl.col("subject_id") >= FIRST_SUBJECT)
    votes = stored(folder, "pooled_question_consensus")
    found = truth(GRIDS)
    assert summary["subject_id"].to_list() == sorted(found.shown)
    # The first volunteer met his subjects again in the last grid.
    again = set(GRIDS[0].subjects) & set(GRIDS[15].subjects)
    assert again
    for subject, counted, excluded in summary.select("subject_id", "n_classifications", "n_excluded").rows():
        assert (counted, excluded) == (8 - (subject in again), int(subject in again))
        of_subject = votes.filter(subject_id=subject)
        assert set(of_subject.select("n_answered", "n_seen", "asked").rows()) == {(counted, counted, 1.0)}
        assert of_subject["votes"].sum() == counted
    assert summary["versions"].list.len().max() == 2


def test_the_text_of_a_span_is_in_the_summary(folder: DataFolder) -> None:
    (row,) = stored(folder, "subject_summary").filter(subject_id=5).select("T1_Species", "T1_detection").rows()
    assert row == ("Allium vineale", 5 / 6)


def test_every_element_is_accounted_for(folder: DataFolder) -> None:
    accounting = stored(folder, "accounting")
    assert accounting["balanced"].all()
    assert accounting.filter(unit="elements")["rows_out"].sum() == len(GRIDS) + 24
    # And from elements to consensus: who answered is in each denominator, and every mark in one cluster.
    marks = stored(folder, "pooled_drawing_consensus")
    columns = ("task", "unit", "n_marks", "n_members", "n_classifications", "is_candidate")
    assert marks.filter(~pl.col("is_candidate")).select(columns).rows() == [
        ("T3", "pixels", 6, 6, 6, False),
        ("T4", "data", 4, 4, 6, False),
    ]
    assert marks.filter("is_candidate").select(columns).rows() == [("T4", "data", 1, 1, 6, True)] * 4
    spans = stored(folder, "pooled_highlight_consensus")
    assert spans.select("n_marks", "n_classifications").rows() == [(5, 6)]
    corrections = stored(folder, "pooled_correction_consensus")
    assert corrections.select("votes", "n_answered", "n_changed").rows() == [(3, 6, 3)]


def test_another_given_text_makes_other_corrections(folder: DataFolder) -> None:
    columns = ("T2_text", "T2_corrections", "T2_to_review", "T2_n_changed")
    summary = stored(folder, "subject_summary").filter(subject_id=5)
    assert summary.select(columns).rows() == [("the cat", 1, 0, 3)]
    assert stored(folder, "pooled_text_consensus").filter(task="T2")["method"].to_list() == ["correction"]
    (folder.root / "given.csv").write_text("subject_id,text\n5,the cat\n", encoding="utf-8")
    assert run_all(folder, Request(())).failures == []
    summary = stored(folder, "subject_summary").filter(subject_id=5)
    assert summary.select(columns).rows() == [("teh cat", 1, 0, 3)]
