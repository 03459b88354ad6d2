"""The demo: its files are read as any other export, and the pipeline recovers the truth that was put into them."""

import io
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner

from tests.dagster_project import instance_of, run_all
from tests.report.page import Page
from zoo_dag.cli.main import main
from zoo_dag.cli.terminal import Terminal
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.demo import DemoTruth, write_demo, write_gold
from zoo_dag.demo.comparison import show_comparison
from zoo_dag.demo.questions import recovered_questions, weighed_questions
from zoo_dag.demo.recovery import recovered_sheets
from zoo_dag.errors import ReportError, TableError
from zoo_dag.report.writing import write_report
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

# The table of each task of the field sheets.
ANNOTATIONS = {
    "T0": "survey_annotations",
    "T1": "drawing_annotations",
    "T2": "drawing_annotations",
    "T3": "text_annotations",
    "T4": "dropdown_annotations",
    "T5": "dropdown_annotations",
    "T6": "slider_annotations",
    "T7": "highlight_annotations",
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoTruth]:
    folder = tmp_path_factory.mktemp("exports") / "new"
    return folder, write_demo(folder)


@pytest.fixture(scope="module")
def truth(exports: tuple[Path, DemoTruth]) -> DemoTruth:
    return exports[1]


@pytest.fixture(scope="module")
def folder(exports: tuple[Path, DemoTruth], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFolder]:
    """A data folder in which the demo has run."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(data / "dagster_home"))
        write_gold(data)
        data_folder = DataFolder(data)
        outcome = run_all(data_folder, Request((exports[0],)))
        assert outcome.failures == []
        yield data_folder


def table(folder: DataFolder, name: str, workflow: int | None = None) -> pl.DataFrame:
    keys = folder.tables.select_keys(TABLES[name], workflow, None) if TABLES[name].partition else None
    return folder.tables.scan_all(TABLES[name], keys).collect()


def test_the_files_are_plain_csv_and_a_second_write_leaves_them_equal(exports):
    written = {path.name: path.read_bytes() for path in exports[0].iterdir()}
    lines = {name: len(pl.read_csv(text, infer_schema=False)) for name, text in written.items()}
    assert lines == {"classifications.csv": 886, "subjects.csv": 85, "workflows.csv": 5}
    assert write_demo(exports[0]) == exports[1]
    assert {path.name: path.read_bytes() for path in exports[0].iterdir()} == written


def test_every_classification_is_read_and_excluded_for_its_reason(folder, truth):
    for expected in (truth.questions, truth.sheets):
        rows = table(folder, "classifications", expected.workflow_id)
        by_version = dict(rows.group_by("workflow_version").len().iter_rows())
        by_reason = dict(rows.drop_nulls("excluded").group_by("excluded").len().iter_rows())
        assert (by_version, by_reason) == (expected.classifications, expected.excluded)
        assert set(by_version) == set(expected.versions)
    assert sum(truth.questions.classifications.values()) == 620
    assert sum(truth.sheets.classifications.values()) == 266


def test_every_answer_of_the_sheets_is_a_row_and_every_blank_is_marked(folder, truth):
    names = sorted(set(ANNOTATIONS.values()))
    rows = pl.concat([table(folder, name, truth.sheets.workflow_id).select("task", "status") for name in names])
    assert dict(rows.group_by("task").len().iter_rows()) == truth.sheets.rows
    assert dict(rows.filter(status="blank").group_by("task").len().iter_rows()) == truth.sheets.blanks
    assert set(rows["status"]) == {"answered", "blank"}
    for task, name in ANNOTATIONS.items():
        assert task in table(folder, name, truth.sheets.workflow_id)["task"]


def test_every_answer_to_a_question_is_a_row_and_every_blank_is_marked(folder, truth):
    rows = table(folder, "question_annotations", truth.questions.workflow_id)
    assert dict(rows.group_by("task").len().iter_rows()) == truth.questions.rows
    assert dict(rows.filter(status="blank").group_by("task").len().iter_rows()) == truth.questions.blanks


def test_nothing_is_left_over_or_quarantined_and_all_rows_are_accounted_for(folder):
    assert table(folder, "other_annotations").is_empty()
    assert table(folder, "quarantine").is_empty()
    assert table(folder, "accounting")["balanced"].all()


def test_options_in_another_order_are_no_new_revision(folder, truth):
    tasks = table(folder, "tasks", truth.sheets.workflow_id)
    assert set(tasks["task_revision"]) == {f"{task}@5.9" for task in ANNOTATIONS}


@pytest.mark.parametrize(
    ("task", "least"),
    [("T0", 0.85), ("T1", 0.9), ("T2", 0.9), ("T3", 0.9), ("T4", 0.9), ("T5", 0.9), ("T6", 0.85), ("T7", 0.85)],
)
def test_what_is_true_about_the_sheets_is_recovered(folder, truth, task, least):
    rows = [row for row in recovered_sheets(folder, truth.sheets) if row.task == task]
    assert rows
    assert all(row.right >= row.n * least for row in rows), rows


@pytest.mark.parametrize(
    ("unit", "best", "worst"),
    [
        ("{:.1f} pixels", 0.0, 5.0),
        ("overlap {:.2f}", 0.9, 1.0),
        ("{:.1%} of words", 0.0, 0.02),
        ("{:.1f} percent", 0.0, 4.0),
    ],
)
def test_what_is_recovered_is_near_the_truth(folder, truth, unit, best, worst):
    errors = [row.error for row in recovered_sheets(folder, truth.sheets) if row.unit == unit]
    assert errors
    assert all(best <= error <= worst for error in errors), errors


def test_objects_that_are_not_there_are_few_and_seen_by_few(folder, truth):
    objects = [row for row in recovered_sheets(folder, truth.sheets) if row.task == "T1"]
    assert 0 < sum(row.false or 0 for row in objects) < 0.1 * sum(row.n for row in objects)
    clusters = table(folder, "pooled_drawing_consensus", truth.sheets.workflow_id).filter(task="T1")
    clear = clusters.filter(pl.col("detection") > 0.5).height
    n = len(truth.sheets.answers["T1"])
    assert 0.9 * n <= clear <= n


def test_the_questions_are_answered_right(folder, truth):
    rows = recovered_questions(folder, truth.questions)
    assert [row.task for row in rows] == ["T0", "T1", "T4"]
    assert all(row.right >= row.n * 0.85 for row in rows)


def test_votes_are_weighed_and_calibrated_by_what_is_known(folder, truth):
    posteriors = table(folder, "question_posteriors")
    gold = posteriors.filter("is_gold")
    assert gold.filter(task="T0", task_revision="T0@3.9")["subject_ids"].n_unique() >= 20
    assert set(gold.filter(~pl.col("wins"))["posterior"].unique()) == {0.0}
    rows = weighed_questions(folder, truth.questions)
    assert [row.task for row in rows] == ["T0", "T1", "T4"]
    for row in rows:
        assert row.n >= 15
        assert row.by_skill / row.n > 0.85
        # Votes are less sure than they are right, and weighed ones are about as sure.
        assert row.fraction < row.by_votes / row.n
        assert abs(row.calibrated - row.by_skill / row.n) < 0.1


def test_the_truth_about_other_subjects_is_not_recovered(folder, truth):
    for recovered, workflow in ((recovered_questions, truth.questions), (recovered_sheets, truth.sheets)):
        subjects = sorted({row["subject_id"] for rows in workflow.answers.values() for row in rows})
        other = dict(zip(subjects, [*subjects[1:], subjects[0]], strict=True))
        answers = {
            task: [{**row, "subject_id": other[row["subject_id"]]} for row in rows]
            for task, rows in workflow.answers.items()
        }
        rows = recovered(folder, replace(workflow, answers=answers))
        assert {row.task for row in rows} == set(workflow.answers)
        assert all(row.right <= 0.6 * row.n for row in rows), rows


def test_the_comparison_fits_on_80_columns(folder, truth):
    printed = io.StringIO()
    show_comparison(folder, truth, Terminal(file=printed, width=80))
    lines = printed.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 60
    documented = (Path(__file__).parents[2] / "docs" / "posteriors.md").read_text(encoding="utf-8")
    example = documented[documented.index("Votes weighed by skill against") :].split("```")[0].splitlines()
    assert len(example) == 6
    assert [line for line in example if line not in map(str.rstrip, lines)] == []
    # A row for each thing that is asked for, none of them cut in two.
    rows = Counter(line.split()[0] for line in lines if line.startswith("  T"))
    sheets = {"T0": 3, "T1": 9, "T2": 2, "T3": 1, "T4": 2, "T5": 1, "T6": 1, "T7": 1}
    assert rows == Counter(sheets) + Counter(["T0", "T1", "T4"] * 2)


def test_a_folder_without_the_second_workflow_has_nothing_to_compare_it_with(truth, tmp_path):
    assert recovered_sheets(DataFolder(tmp_path), truth.sheets) == []


# Tables with the time of the import, or with a data version that follows from it.
TIMED = {"imports", "accounting", "quarantine"}


def bytes_of(data: Path) -> dict[Path, bytes]:
    paths = (path for path in (data / "tables").rglob("*.parquet") if path.stem not in TIMED)
    return {path.relative_to(data): path.read_bytes() for path in paths}


def test_another_process_with_one_thread_writes_the_same_bytes(folder: DataFolder, tmp_path: Path) -> None:
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "DAGSTER_HOME": str(tmp_path / "dagster_home")}
    command = [sys.executable, "-m", "zoo_dag", "demo", "--data", str(tmp_path / "data"), "--json"]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
    here, there = bytes_of(folder.root), bytes_of(tmp_path / "data")
    assert len(here) > 100
    assert here.keys() == there.keys()
    assert [path for path in here if here[path] != there[path]] == []


def test_the_report_of_the_demo_is_one_small_page_that_needs_nothing_and_runs_nothing(folder, tmp_path):
    target = tmp_path / "report.html"
    assert write_report(folder, target) == []
    html = target.read_bytes()
    page = Page(html.decode())
    assert page.faults == []
    assert (page.runs, page.fetches) == ([], [])
    assert len(html) < 1_000_000
    assert all(below - above <= 1 for above, below in pairwise(page.headings))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    inside = {str(each["href"]).removeprefix("#") for each in page.all("a") if str(each["href"]).startswith("#")}
    assert inside <= set(ids)
    # One of the numbers of each section.
    for text in (
        "3 files with 976 rows were imported. Every row",
        "Of 620 rows of this workflow 601 count (97 %)",
        "20 volunteers who were logged in made 478 classifications",
        "Of 5 tasks volunteers agree reliably on 0",
        "258 clusters of marks; 103 candidates besides",
        "115 texts: 13 unanimous (11 %), 83 majority",
        "40 of 60 subjects are retired (67 %)",
        "3 versions of the workflow have classifications",
        "21 gold results, each hidden from the model in turn",
        "Subjects to look at, the largest expected loss first: 50 of 105",
    ):
        assert text in page.text
    assert len(page.all("svg")) == len([each for each in page.all("div") if each.get("role") == "img"]) > 40
    again = tmp_path / "again.html"
    done = CliRunner().invoke(main, ["report", "--data", str(folder.root), "--to", str(again)])
    assert (done.exit_code, done.output) == (0, f"The report is in {again}\n")
    assert again.read_bytes() == html


def test_the_report_of_one_workflow_has_only_that_and_may_show_pictures(folder, tmp_path):
    target = tmp_path / "report.html"
    write_report(folder, target, 3592, pictures=True)
    page = Page(target.read_text(encoding="utf-8"))
    assert "Field sheets, page by page" in page.text
    assert "Night garden" not in page.text
    assert page.runs == []
    assert page.fetches
    assert all(str(address).startswith("https://") for address in page.fetches)
    with pytest.raises(TableError, match=r"There is no workflow 1; there is 3141, 3592\."):
        write_report(folder, target, 1)
    with pytest.raises(ReportError, match=r"expected a name ending in \.html"):
        write_report(folder, tmp_path / "report.csv")


def test_the_asset_writes_the_report_of_its_workflow_and_links_to_it(folder):
    definitions = build_definitions(folder)
    with instance_of(folder) as instance:
        done = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, partition_key="3592", asset_selection=[dg.AssetKey("report")]
        )
        (written,) = done.asset_materializations_for_node("report")
    assert written.metadata["report"] == dg.MetadataValue.md("[Open the report](/reports/3592.html)")
    text = folder.report(3592).read_text(encoding="utf-8")
    assert "Field sheets, page by page" in Page(text).text
