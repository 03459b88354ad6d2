"""Raw classifications to typed rows: each is in the table, or in the quarantine with a reason."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    anonymous,
    classification_row,
    metadata,
    workflow_row,
    write_classifications,
    write_export,
    write_workflows,
)
from tests.exports.raw_project import RawProject
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES


def imported(
    project: RawProject, *rows: dict[str, Any], columns: tuple[str, ...] = CLASSIFICATION_COLUMNS
) -> None:
    project.add(write_classifications(project.root.parent / "classifications.csv", rows, columns))


def column(project: RawProject, name: str) -> list[Any]:
    return project.classifications().sort("classification_id")[name].to_list()


def test_every_column_is_typed(project: RawProject) -> None:
    state = {"retired": True, "already_seen": False}
    cell = metadata(session="s", subject_selection_state=state, classifier_version="2.0", seen_before=True)
    imported(project, classification_row(1, metadata=cell, gold_standard=True, expert="owner"))
    frame, quarantine = project.parsed()
    assert frame.schema == TABLES["classifications"].dtypes
    assert quarantine.schema == TABLES["parsed_quarantine"].dtypes
    assert quarantine.height == 0
    row = frame.row(0, named=True)
    assert row | {"metadata": None, "annotations": None} == {
        "classification_id": 1001,
        "user_key": "user:7001",
        "user_name": "volunteer-1",
        "user_id": 7001,
        "user_ip": "0123456789abcdef0123",
        "workflow_id": 11,
        "workflow_name": "Birds",
        "workflow_version": "3.10",
        "version_major": 3,
        "version_minor": 10,
        "created_at": datetime(2024, 3, 5, 1, 0, 1, tzinfo=UTC),
        "gold_standard": True,
        "expert": "owner",
        "subject_ids": "101",
        "subject_id": 101,
        "n_subjects": 1,
        "classifier_version": "2.0",
        "session": "s",
        "started_at": datetime(2024, 3, 5, 1, 1, 0, 250_000, tzinfo=UTC),
        "finished_at": datetime(2024, 3, 5, 1, 2, 0, 750_000, tzinfo=UTC),
        "duration_s": 60.5,
        "user_language": "en",
        "live_project": True,
        "seen_before": True,
        "already_seen": False,
        "retired_when_shown": True,
        "grid_subject_ids": None,
        "subject_dimensions": [
            {"natural_width": 1600.0, "natural_height": 1200.0, "client_width": 800.0, "client_height": 600.0}
        ],
        "source": "api",
        "metadata": None,
        "annotations": None,
        "version_match": "none",
        "excluded": "gold_standard",
        "translation_bug": None,
        "listed": False,
        "training": False,
        "after_retirement": True,
        "n_feedback": 0,
        "n_feedback_right": 0,
    }


def test_annotations_nested_deeper_than_json_can_be_written_are_quarantined(project: RawProject) -> None:
    deep = "[" * 300 + "]" * 300
    shallow = [{"task": "T0", "value": [[]] * 300}]
    imported(project, classification_row(1, annotations=deep), classification_row(2, annotations=shallow))
    classifications, quarantine = project.parsed()
    assert quarantine["reason"].to_list() == ["nested too deeply"]
    assert classifications["classification_id"].to_list() == [1002]


def test_what_r_and_pandas_wrote_is_read(project: RawProject) -> None:
    rows = [
        classification_row(1, user_id="63325.0", gold_standard="NA", expert="NA"),
        classification_row(2, user_id="NA", user_name="NA", gold_standard="NaN", expert="NaN"),
    ]
    imported(project, *rows)
    assert column(project, "user_id") == [63325, None]
    assert column(project, "user_name") == ["volunteer-1", "NA"]
    assert column(project, "gold_standard") == [None, None]
    assert column(project, "expert") == [None, None]


def test_subject_ids_come_from_subject_data_where_there_are_none(project: RawProject) -> None:
    without = tuple(name for name in CLASSIFICATION_COLUMNS if name != "subject_ids")
    imported(
        project,
        classification_row(1, subject_data={"102": {"retired": False}, "11": {}}),
        classification_row(2, subject_data=None),
        columns=without,
    )
    frame, quarantine = project.parsed()
    assert frame["subject_ids"].to_list() == ["11;102"]
    assert frame["n_subjects"].to_list() == [2]
    assert quarantine["column"].to_list() == ["subject_ids"]


def test_files_of_2015_have_neither_ids_nor_users(project: RawProject) -> None:
    without = tuple(
        name for name in CLASSIFICATION_COLUMNS if name not in ("classification_id", "user_id", "subject_ids")
    )
    rows = [classification_row(1), classification_row(2), anonymous(3, metadata=metadata(session=...))]
    imported(project, *rows, columns=without)
    frame = project.classifications().sort("created_at")
    assert (frame["classification_id"] < 0).all()
    assert frame["classification_id"].n_unique() == 3
    assert frame["user_key"].to_list() == ["name:volunteer-1", "name:volunteer-2", "ip:0123456789abcdef0123"]


def test_no_rows_give_an_empty_table(project: RawProject) -> None:
    imported(project)
    assert project.versions() == []
    assert project.table("imports")["n_rows"].to_list() == [0]


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("annotations", '[{"task":"T0","value":"Ye', "not JSON"),
        ("annotations", "", "not JSON"),
        ("annotations", None, "empty, expected a JSON array"),
        ("annotations", {"task": "T0"}, "expected a JSON array, found dict"),
        ("annotations", "[NaN]", "not JSON"),
        ("annotations", "\ufeff[]", "not JSON"),
        ("annotations", '["\\ud800"]', "not JSON"),
        ("metadata", '{"started_at":"2024', "not JSON"),
        ("metadata", "[]", "expected a JSON object, found list"),
        ("created_at", "05/03/2024 01:02", "expected a time such as"),
        ("gold_standard", "perhaps", "expected true, false or nothing"),
        ("subject_ids", "101;x", "expected subject ids joined with ;"),
        ("subject_ids", "", "expected subject ids joined with ;"),
        ("subject_ids", "1" * 30, "expected subject ids joined with ;"),
        ("classification_id", "12a", "expected a whole number"),
    ],
)
def test_a_cell_that_does_not_parse_sends_its_row_to_the_quarantine(
    project: RawProject, name: str, cell: Any, reason: str
) -> None:
    imported(project, classification_row(1), classification_row(2, **{name: cell}), classification_row(3))
    frame, quarantine = project.parsed()
    assert frame["classification_id"].to_list() == [1001, 1003]
    row = quarantine.row(0, named=True)
    assert quarantine.height == 1
    assert (row["source_file"], row["source_row"], row["column"]) == ("classifications.csv", 2, name)
    assert row["reason"].startswith(reason)
    assert row["stage"] == "parsed"
    assert row["classification_id"] == (None if name == "classification_id" else 1002)
    assert (row["workflow_id"], row["workflow_version"]) == (11, "3.10")


def test_truth_values_of_other_tools(project: RawProject) -> None:
    cells = [True, None, "TRUE", "True", 1, False, "FALSE"]
    imported(project, *(classification_row(number, gold_standard=cell) for number, cell in enumerate(cells, 1)))
    assert column(project, "gold_standard") == [True, None, True, True, True, False, False]


def test_a_missing_time_is_null(project: RawProject) -> None:
    iso = "2024-03-05T01:02:03Z"
    imported(project, classification_row(1, created_at=None), classification_row(2, created_at=iso))
    assert column(project, "created_at") == [None, datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC)]


def test_seen_before_that_is_absent_is_null(project: RawProject) -> None:
    cells = [
        metadata(session="a", seen_before=True),
        metadata(session="b", seen_before="true"),
        metadata(session="c"),
    ]
    imported(project, *(classification_row(number, metadata=each) for number, each in enumerate(cells, 1)))
    assert column(project, "seen_before") == [True, True, None]


def test_gold_standard_is_flagged_and_kept(project: RawProject) -> None:
    imported(project, classification_row(1, gold_standard=True, expert=None), classification_row(2))
    assert column(project, "excluded") == ["gold_standard", None]
    assert column(project, "expert") == [None, None]


def test_a_clock_that_is_wrong_gives_a_negative_duration(project: RawProject) -> None:
    wrong = metadata(started_at="2024-03-05T01:02:00.500Z", finished_at="2024-03-05T01:01:00.000Z")
    unsaid = metadata(finished_at=...)
    strange = metadata(started_at="yesterday")
    imported(
        project,
        classification_row(1, metadata=wrong),
        classification_row(2, metadata=unsaid),
        classification_row(3, metadata=strange),
    )
    assert column(project, "duration_s") == [-60.5, None, None]


def test_several_subjects_are_no_number(project: RawProject) -> None:
    imported(project, classification_row(1, subject_ids="102;101"), classification_row(2, subject_ids="101.0"))
    assert column(project, "subject_ids") == ["101;102", "101"]
    assert column(project, "subject_id") == [None, 101]
    assert column(project, "n_subjects") == [2, 1]


@pytest.mark.parametrize("columns", [CLASSIFICATION_COLUMNS, CLASSIFICATION_COLUMNS[:-1]])
def test_a_group_becomes_its_members_where_asked_for(tmp_path: Path, columns: tuple[str, ...]) -> None:
    group = {"9": {"retired": None, "#subject_group_id": 3, "#group_subject_ids": "102-101"}}
    rows = [classification_row(1, subject_ids="9", subject_data=group), classification_row(2)]
    usual = RawProject(tmp_path / "usual")
    imported(usual, *rows, columns=columns)
    assert column(usual, "subject_ids") == ["9", "101"]
    expanded = RawProject(tmp_path / "expanded", Settings.model_validate({"subjects": {"expand_groups": True}}))
    imported(expanded, *rows, columns=columns)
    assert column(expanded, "subject_ids") == ["101;102", "101"]


def test_the_state_at_export_is_not_the_state_when_shown(project: RawProject) -> None:
    retired = {"workflow_id": 11, "retired_at": "2025-01-01T00:00:00.000Z"}
    imported(
        project,
        classification_row(1, subject_data={"101": {"retired": retired}}),
        classification_row(2, subject_data={"101": {"retired": "yes"}}),
    )
    assert column(project, "retired_when_shown") == [False, False]


def test_a_classification_of_an_unknown_subject_counts(project: RawProject) -> None:
    imported(project, classification_row(1, subject_ids="999"))
    assert column(project, "excluded") == [None]


def test_the_table_says_how_the_definition_was_matched(project: RawProject) -> None:
    rows = [
        classification_row(1, workflow_version="3.10"),
        classification_row(2, workflow_version="3.9"),
        classification_row(3, workflow_id=12, workflow_version="1.1"),
    ]
    imported(project, *rows)
    project.add(write_workflows(project.root.parent / "workflows.csv", [workflow_row(3, 10)]))
    assert project.classifications("11-v3.10")["version_match"].to_list() == ["exact"]
    assert project.classifications("11-v3.9")["version_match"].to_list() == ["fallback"]
    assert project.classifications("12-v1.1")["version_match"].to_list() == ["none"]


def test_the_subject_of_the_tutorial_is_left_out(project: RawProject) -> None:
    imported(project, classification_row(1, subject_ids="500"), classification_row(2))
    workflow = workflow_row(3, 10, tutorial_subject_id=500)
    project.add(write_workflows(project.root.parent / "workflows.csv", [workflow]))
    assert column(project, "excluded") == ["tutorial_subject", None]


def test_the_text_of_json_cells_is_kept_to_the_letter(project: RawProject) -> None:
    row = classification_row(1, annotations=[{"task": "T0", "value": "<b> & ü"}])
    imported(project, row)
    assert r"\u003cb\u003e \u0026 ü" in project.classifications()["annotations"][0]


def test_an_export_with_six_columns_is_enough(project: RawProject) -> None:
    columns = ["classification_id", "user_id", "workflow_version", "created_at", "annotations", "subject_ids"]
    project.add(write_export(project.root.parent / "minimal.csv", [classification_row(1)], columns))
    row = project.classifications("0-v3.10").row(0, named=True)
    assert (row["workflow_id"], row["user_key"], row["session"]) == (0, "user:7001", None)
    assert row["excluded"] is None


def test_every_real_export_is_parsed_completely(shared_data: Path, tmp_path: Path) -> None:
    quarantined = {}
    for folder in sorted((shared_data / "real").iterdir()):
        project = RawProject(tmp_path / folder.name)
        project.add(folder)
        quarantined[folder.name] = project.table("raw_quarantine").height
        for key in project.versions():
            frame, quarantine = project.parsed(key)
            assert frame.height + quarantine.height == project.raw(key).height
            found = frame.select(pl.format("{}-v{}", "workflow_id", "workflow_version")).unique().to_series()
            assert found.to_list() in ([key], [])
            quarantined[folder.name] += quarantine.height
    # A file of two rows of eight cells, under a header of fourteen.
    assert {name: number for name, number in quarantined.items() if number} == {"gz-decals-tests": 2}


def test_classifications_are_in_the_order_of_their_ids(project: RawProject) -> None:
    imported(project, *(classification_row(number) for number in (5, 3, 1, 4, 2)))
    assert project.classifications()["classification_id"].to_list() == [1001, 1002, 1003, 1004, 1005]
    assert project.classifications().schema["created_at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize("digits", ["\uff11\uff12", "٣", "1२"])
def test_ids_with_digits_of_other_scripts_go_to_the_quarantine(project: RawProject, digits: str) -> None:
    imported(
        project,
        classification_row(1),
        classification_row(2, classification_id=digits),
        classification_row(3, subject_ids=digits, subject_data=f'{{"{digits}":{{}}}}'),
        classification_row(4, workflow_id=digits),
        classification_row(5, workflow_version=f"3.{digits}"),
    )
    frame, quarantine = project.parsed()
    assert frame["classification_id"].to_list() == [1001]
    assert quarantine.sort("source_row").select("source_row", "column").rows() == [
        (2, "classification_id"),
        (3, "subject_ids"),
    ]
    unassigned = project.table("raw_quarantine").sort("source_row")
    assert unassigned.select("source_row", "found").rows() == [(4, digits), (5, f"3.{digits}")]


@pytest.mark.parametrize("year", ["0000", "-001", "+12024", "99999"])
def test_a_year_that_nobody_can_show_goes_to_the_quarantine(project: RawProject, year: str) -> None:
    imported(project, classification_row(1), classification_row(2, created_at=f"{year}-01-01 00:00:00 UTC"))
    frame, quarantine = project.parsed()
    assert frame["classification_id"].to_list() == [1001]
    assert quarantine.select("column", "found").rows() == [("created_at", f"{year}-01-01 00:00:00 UTC")]


@pytest.mark.parametrize("year", [1, 1066, 1500, 2500, 9999])
def test_years_outside_of_nanoseconds_are_times(project: RawProject, year: int) -> None:
    cell = metadata(started_at=f"{year:04}-01-01T00:00:00.250Z", finished_at=f"{year:04}-01-01T00:00:01Z")
    imported(project, classification_row(1, created_at=f"{year:04}-01-01 00:00:00 UTC", metadata=cell))
    assert column(project, "created_at") == [datetime(year, 1, 1, tzinfo=UTC)]
    assert column(project, "duration_s") == [0.75]
