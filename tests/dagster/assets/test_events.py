"""Events from exports to Parquet files: what the settings ask for, what is rebuilt, and what is an error."""

from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.builders import answer, classification_row, subject_row, write_export
from tests.dagster_project import deployment_of, run_all
from zoo_dag.checks.standing import standing
from zoo_dag.dagster.data_versions import stale_tables
from zoo_dag.dagster.metadata import describe
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.runs.requests import Outcome, Request, partitions_of
from zoo_dag.errors import ZooDagError
from zoo_dag.settings.loading import load_settings
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

EVENTS = ("event_consensus", "deployment_rates")
COLUMNS = ("deployment", "taken_at", "event_id", "event_size")
# The subjects 101 to 103 are one event of camera A, 104 is one of camera B, 105 was never classified.
TAKEN = {101: ("A", 0), 102: ("A", 30), 103: ("A", 50), 104: ("B", 0), 105: ("A", 59)}
SETTINGS = '[events]\ndeployment = "camera"\ntime = "taken"\n'


def exports(folder: Path) -> tuple[Path, ...]:
    classified = [
        classification_row(
            10 * subject + volunteer,
            subject_ids=str(subject),
            user_id=7000 + volunteer,
            annotations=[answer(value="Bird" if subject != 104 else "Nothing here")],
        )
        for subject in TAKEN
        if subject != 105
        for volunteer in range(3)
    ]
    subjects = [
        subject_row(subject, metadata={"camera": camera, "taken": f"2022-06-01 12:00:{second:02}"})
        for subject, (camera, second) in TAKEN.items()
    ]
    folder.mkdir(parents=True)
    write_export(folder / "classifications.csv", classified)
    write_export(folder / "subjects.csv", subjects)
    return folder / "classifications.csv", folder / "subjects.csv"


def stored(folder: DataFolder, name: str) -> pl.DataFrame:
    return zoo_dag.scan(name, folder.root).collect()


def rebuild(folder: DataFolder, settings: str) -> Outcome:
    (folder.root / "zoo_dag.toml").write_text(settings)
    return run_all(DataFolder(folder.root), Request(()))


def stale(folder: DataFolder) -> set[str]:
    again = DataFolder(folder.root)
    return set(stale_tables(recipes(again.settings), again, partitions_of(again.versions())))


def test_events_from_exports_to_tables_and_back_to_none(folder, tmp_path):
    run_all(folder, Request(exports(tmp_path / "exports")))
    # Without the section nothing is built, and the summary has no column of it.
    assert not any(folder.tables.keys(TABLES[name]) for name in EVENTS)
    assert not set(COLUMNS) & set(stored(folder, "subject_summary").columns)
    pooled = folder.tables.path(TABLES["pooled_question_consensus"], "11").stat().st_mtime_ns

    assert not rebuild(folder, SETTINGS).failures
    assert folder.tables.path(TABLES["pooled_question_consensus"], "11").stat().st_mtime_ns == pooled
    summary = stored(folder, "subject_summary")
    assert summary.columns[-20:].index("event_size") < summary.columns[-20:].index("T0_answer")
    assert summary.select("subject_id", "deployment", "event_id", "event_size").rows() == [
        (101, "A", "A/20220601T120000", 4),
        (102, "A", "A/20220601T120000", 4),
        (103, "A", "A/20220601T120000", 4),
        (104, "B", "B/20220601T120000", 1),
    ]
    events = stored(folder, "event_consensus")
    columns = (
        "event_id",
        "choice_label",
        "n_subjects",
        "n_classified",
        "votes",
        "present",
        "complete",
        "is_blank",
    )
    assert events.select(columns).rows() == [
        ("A/20220601T120000", "Bird", 4, 3, 9, True, False, False),
        ("B/20220601T120000", None, 1, 1, 0, False, True, True),
    ]
    rates = stored(folder, "deployment_rates")
    assert rates.select("deployment", "choice_id", "n_independent", "effort_days", "rate").rows() == [
        ("A", "Bird", 1, 1.0, 100.0),
        ("B", "Bird", 0, 1.0, 0.0),
    ]
    shown = describe(folder.tables, TABLES["event_consensus"], "11")
    assert (shown["events"], shown["incomplete_events"], shown["blank_events"]) == (2, 1, 1)
    assert "events by choice" in shown
    assert "rates" in describe(folder.tables, TABLES["deployment_rates"], "11")
    assert stale(folder) == set()

    # The content of a table from outside is an input of what is built with it.
    (folder.root / "camera.csv").write_text(
        "deployment,start,end\nA,2022-06-01,2022-06-10\nA,2022-06-05,2022-06-12\n"
    )
    outcome = rebuild(folder, SETTINGS + 'deployments = "camera.csv"\n')
    told = [check for check in outcome.checks if check.check == "deployments_are_clear"]
    assert [
        "1 row (row 2 of A)" in check.description and "pictures: B." in check.description for check in told
    ] == [True]
    assert stored(folder, "deployment_rates")["effort_days"].to_list() == [12.0, 1.0]
    (folder.root / "camera.csv").write_text("deployment,start,end\nA,2022-06-01,2022-06-10\n")
    assert stale(folder) == {"deployment_rates"}
    # What only the step knows stands until it runs again, also by other limits.
    limits = load_settings(folder.root).model_copy(
        update={"checks": folder.settings.checks.model_copy(update={"drift": 0.2})}
    )
    standing_checks = {
        each.check.name for each in standing(folder.tables, limits, partitions_of(folder.versions()))
    }
    assert "deployments_are_clear" in standing_checks

    with pytest.raises(
        ZooDagError, match=r'zoo_dag\.toml: events\.deployment: .*"Cameras"; did you mean "camera"'
    ):
        rebuild(folder, SETTINGS.replace("camera", "Cameras"))

    # Where nobody asks for them any more, they are emptied.
    rebuild(folder, "")
    assert [stored(folder, name).height for name in EVENTS] == [0, 0]
    assert not set(COLUMNS) & set(stored(folder, "subject_summary").columns)


def test_the_assets_depend_on_what_they_are_made_from(folder):
    graph = deployment_of(folder).definitions.resolve_asset_graph()
    parents = {name: {key.path[-1] for key in graph.get(key_of(graph, name)).parent_keys} for name in EVENTS}
    assert parents["event_consensus"] >= {"subjects", "pooled_survey_consensus", "pooled_question_consensus"}
    assert parents["deployment_rates"] >= {"event_consensus", "subjects"}


def key_of(graph, name):
    return next(key for key in graph.get_all_asset_keys() if key.path[-1] == name)
