"""The demo: its files are read as any other export, and the pipeline recovers the truth that was put into them."""

import io
import shlex
import shutil
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import orjson
import polars as pl
import pytest
from click.testing import CliRunner

from tests.built_projects import BuiltProject
from tests.demo import events_page
from zoo_dag.cli import main as cli
from zoo_dag.cli.terminal import Terminal
from zoo_dag.demo import DEPLOYMENTS, GOLD, DemoTruth, write_demo, write_settings
from zoo_dag.demo.comparison import show_comparison
from zoo_dag.demo.plainer import beside_plainer
from zoo_dag.demo.questions import recovered_questions, weighed_questions
from zoo_dag.demo.recovery import recovered_sheets
from zoo_dag.events.assigning import events_of
from zoo_dag.events.pictures import pictures
from zoo_dag.events.suggesting import suggest
from zoo_dag.settings.events import Events
from zoo_dag.settings.loading import SETTINGS_FILE
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
    "T8": "drawing_annotations",
    "T9": "drawing_annotations",
    "T10": "text_annotations",
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoTruth]:
    folder = tmp_path_factory.mktemp("exports") / "new"
    return folder, write_demo(folder)


@pytest.fixture(scope="module")
def truth(exports: tuple[Path, DemoTruth]) -> DemoTruth:
    return exports[1]


@pytest.fixture(scope="module")
def folder(built_demo: BuiltProject) -> DataFolder:
    """A data folder in which the demo has run."""
    assert built_demo.outcome.failures == []
    return built_demo.folder


def table(folder: DataFolder, name: str, workflow: int | None = None) -> pl.DataFrame:
    keys = folder.tables.select_keys(TABLES[name], workflow, None) if TABLES[name].partition else None
    return folder.tables.scan_all(TABLES[name], keys).collect()


def test_the_files_are_plain_csv_and_a_second_write_leaves_them_equal(exports):
    written = {path.name: path.read_bytes() for path in exports[0].iterdir()}
    lines = {name: len(pl.read_csv(text, infer_schema=False)) for name, text in written.items()}
    assert lines == {"classifications.csv": 1325, "subjects.csv": 223, "workflows.csv": 7}
    assert write_demo(exports[0]) == exports[1]
    assert {path.name: path.read_bytes() for path in exports[0].iterdir()} == written


def test_every_classification_is_read_and_excluded_for_its_reason(folder, truth):
    for expected in (truth.questions, truth.sheets, truth.cameras, truth.grids):
        rows = table(folder, "classifications", expected.workflow_id)
        by_version = dict(rows.group_by("workflow_version").len().iter_rows())
        by_reason = dict(rows.drop_nulls("excluded").group_by("excluded").len().iter_rows())
        assert (by_version, by_reason) == (expected.classifications, expected.excluded)
        assert set(by_version) == set(expected.versions)
    assert sum(truth.questions.classifications.values()) == 620
    assert sum(truth.sheets.classifications.values()) == 255


def test_every_answer_of_the_sheets_is_a_row_and_every_blank_is_marked(folder, truth):
    names = sorted(set(ANNOTATIONS.values()))
    rows = pl.concat([table(folder, name, truth.sheets.workflow_id).select("task", "status") for name in names])
    assert dict(rows.group_by("task").len().iter_rows()) == truth.sheets.rows
    assert dict(rows.filter(status="blank").group_by("task").len().iter_rows()) == truth.sheets.blanks
    assert set(rows["status"]) == {"answered", "blank"}
    for task, name in ANNOTATIONS.items():
        assert task in table(folder, name, truth.sheets.workflow_id)["task"]


def test_every_answer_to_a_question_is_a_row_and_every_blank_is_marked(folder, truth):
    for expected in (truth.questions, truth.grids):
        rows = table(folder, "question_annotations", expected.workflow_id)
        assert dict(rows.group_by("task").len().iter_rows()) == expected.rows
        assert dict(rows.filter(status="blank").group_by("task").len().iter_rows()) == expected.blanks
    assert truth.grids.rows == {"T0": 480}


def test_nothing_is_left_over_or_quarantined_and_all_rows_are_accounted_for(folder):
    assert table(folder, "other_annotations").is_empty()
    assert table(folder, "quarantine").is_empty()
    assert table(folder, "accounting")["balanced"].all()


def test_options_in_another_order_are_no_new_revision(folder, truth):
    tasks = table(folder, "tasks", truth.sheets.workflow_id)
    assert set(tasks["task_revision"]) == {f"{task}@5.9" for task in ANNOTATIONS}


@pytest.mark.parametrize(
    ("task", "least"),
    [("T0", 0.85), ("T1", 0.9), ("T2", 0.9), ("T3", 0.9), ("T4", 0.85), ("T5", 0.9), ("T6", 0.85), ("T8", 1)],
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


def test_more_is_found_than_by_plainer_methods_and_less_that_is_not_there(folder, truth):
    rows = beside_plainer(folder, truth)
    assert [(row.what, row.n) for row in rows] == [
        ("passages", 96),
        ("dips of a curve", 40),
        ("words to correct", 99),
        ("pictures in grids", 12),
        ("visits to a camera", 26),
        ("species of a visit", 29),
    ]
    for row in rows:
        assert row.right >= 0.85 * row.n, row
        assert row.false <= 0.1 * row.n, row
        assert row.right > row.plainly_right, row
        assert row.false < row.plainly_false, row


def test_a_picture_in_grids_has_as_many_votes_as_grids_showed_it(folder, truth):
    votes = table(folder, "pooled_question_consensus", truth.grids.workflow_id)
    assert set(votes["n_answered"]) == {8}
    assert votes["subject_id"].n_unique() == 60
    by_picture = votes.filter(answer="selected").select("subject_id", "votes")
    selected = table(folder, "question_annotations", truth.grids.workflow_id).filter(answer="selected")
    assert dict(by_picture.iter_rows()) == dict(selected.group_by("subject_id").len().iter_rows())


def test_effort_comes_from_the_deployments_of_the_demo(folder, truth):
    rates = table(folder, "deployment_rates", truth.cameras.workflow_id)
    assert set(rates.select("effort_days", "effort_source").iter_rows()) == {(10.0, "deployments")}
    events = table(folder, "event_consensus").filter("present")
    assert set(events["workflow_id"]) == {truth.cameras.workflow_id}
    named = {row["choice_label"] for row in truth.cameras.answers["T0"]} - {None}
    assert set(events["choice_label"]) == named == set(rates["choice_label"])


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
    beside = {"T7", "T9", "T10"}
    for recovered, workflow, tasks in (
        (recovered_questions, truth.questions, {"T0", "T1", "T4"}),
        (recovered_sheets, truth.sheets, set(truth.sheets.answers) - beside),
    ):
        subjects = sorted({row["subject_id"] for rows in workflow.answers.values() for row in rows})
        other = dict(zip(subjects, [*subjects[1:], subjects[0]], strict=True))
        answers = {
            task: [{**row, "subject_id": other[row["subject_id"]]} for row in rows]
            for task, rows in workflow.answers.items()
        }
        rows = recovered(folder, replace(workflow, answers=answers))
        assert {row.task for row in rows} == tasks
        assert all(row.right <= 0.6 * row.n for row in rows), rows


def test_the_comparison_fits_on_80_columns(folder, truth):
    printed = io.StringIO()
    show_comparison(folder, truth, Terminal(file=printed, width=80))
    lines = printed.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 70
    documented = (Path(__file__).parents[2] / "docs" / "posteriors.md").read_text(encoding="utf-8")
    example = documented[documented.index("Votes weighed by skill against") :].split("```")[0].splitlines()
    assert len(example) == 6
    assert [line for line in example if line not in map(str.rstrip, lines)] == []
    # A row for each thing that is asked for, none of them cut in two.
    rows = Counter(line.split()[0] for line in lines if line.startswith("  T"))
    sheets = {"T0": 3, "T1": 9, "T2": 2, "T3": 1, "T4": 2, "T5": 1, "T6": 1, "T8": 1}
    assert rows == Counter(sheets) + Counter(["T0", "T1", "T4"] * 2)
    assert [line for line in lines if line.startswith(("  dips of", "  visits"))] == [
        "  dips of a curve      40      34       0   within 5 days        23      17  ",
        "  visits to a camera   26      25       2   5 s apart             6      72  ",
    ]


def test_a_folder_without_the_second_workflow_has_nothing_to_compare_it_with(truth, tmp_path):
    assert recovered_sheets(DataFolder(tmp_path), truth.sheets) == []
    assert beside_plainer(DataFolder(tmp_path), truth) == []


def test_settings_that_are_there_stay_as_they_are(tmp_path):
    (tmp_path / SETTINGS_FILE).write_text("[exclusion]\n")
    write_settings(tmp_path)
    assert (tmp_path / SETTINGS_FILE).read_text() == "[exclusion]\n"
    assert {path.name for path in tmp_path.iterdir()} == {SETTINGS_FILE, GOLD, DEPLOYMENTS}


def test_the_page_on_events_shows_what_the_demo_has_and_prints(demo_by_command, tmp_path, monkeypatch):
    demo = shutil.copytree(demo_by_command, tmp_path / "zoo_demo")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "132")
    for command, expected in events_page.commands().items():
        result = CliRunner().invoke(cli.main, shlex.split(command))
        assert result.exit_code == 0, command
        assert [line for line in expected if line not in result.output.splitlines()] == [], command
    settings = [tomllib.loads(block) for block in events_page.blocks("toml")]
    stored = tomllib.loads((demo / SETTINGS_FILE).read_text(encoding="utf-8"))
    assert {"events": stored["events"]} in settings
    assert events_page.blocks("csv") == [(demo / DEPLOYMENTS).read_text(encoding="utf-8")]
    exec(*events_page.blocks("python"), found := {})  # noqa: S102  (the Python of the page)
    assert found["events"].select("event_id", "choice_label").collect().height == 29
    assert 0 < found["at_night"].collect().height < 29


@pytest.mark.parametrize(("first", "name", "digits"), [("event_id", "events", 2), ("deployment", "rates", 1)])
def test_the_tables_of_the_page_on_events_are_those_of_the_demo(folder, first, name, digits):
    names, rows = events_page.table_of(first)
    stored = table(folder, {"events": "event_consensus", "rates": "deployment_rates"}[name])
    # Names of deployments are cut on the page.
    cut = pl.col(first).str.replace("/.*/", "/…/") if name == "events" else pl.col(first)
    there = events_page.shown(stored.with_columns(cut).select(names), digits)
    assert rows
    assert [row for row in rows if row not in there] == []


def test_the_real_export_of_the_page_on_events_has_the_settings_that_it_shows(shared_data):
    export = shared_data / "real" / "wildcam-gorongosa" / "classifications.csv"
    shown = pl.read_csv(export, infer_schema=False)["subject_data"]
    metadata = [orjson.dumps(facts).decode() for cell in shown for facts in orjson.loads(cell).values()]
    suggested = suggest(pl.Series(metadata))
    (settings,) = [block for block in events_page.blocks("toml") if "DateUTC" in block]
    assert list(suggested.settings) == settings.splitlines()
    subjects = pl.DataFrame({"subject_id": range(len(metadata)), "metadata": metadata})
    subjects = subjects.with_columns(created_at=pl.lit(None, pl.Datetime("us", "UTC")))
    found = pictures(subjects, Events(**tomllib.loads(settings)["events"]))
    assert found.select("deployment", "taken_at").null_count().row(0) == (0, 0)
    assert events_of(found, 60).group_by("event_id").len()["len"].sort().to_list() == [1] * 18 + [2]


# Tables with the time of the import, or with a data version that follows from it.
TIMED = {"imports", "accounting", "quarantine"}


def bytes_of(data: Path) -> dict[Path, bytes]:
    paths = (path for path in (data / "tables").rglob("*.parquet") if path.stem not in TIMED)
    return {path.relative_to(data): path.read_bytes() for path in paths}


def test_another_process_writes_the_same_bytes(folder: DataFolder, demo_by_command: Path) -> None:
    here, there = bytes_of(folder.root), bytes_of(demo_by_command)
    assert len(here) > 100
    assert here.keys() == there.keys()
    assert [path for path in here if here[path] != there[path]] == []
