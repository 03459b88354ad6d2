"""Pictures from metadata and from a table from outside: fields, patterns, and what is no time."""

from datetime import UTC, datetime

import polars as pl
import pytest

from tests.events.samples import NOON, subjects
from zoo_dag.errors import SettingsError
from zoo_dag.events.outside import deployments_table, picture_table
from zoo_dag.events.pictures import pictures, subjects_of
from zoo_dag.settings.events import Events
from zoo_dag.tables import TABLES

SITE = Events(deployment=("site", "camera"), time=("date", "clock"))
FIELDS = {"site": "N", "camera": 3, "date": "2020-06-01", "clock": "12:00:00"}


def test_fields_are_joined_and_numbers_are_as_written():
    found = pictures(subjects(FIELDS, {**FIELDS, "camera": None}, {**FIELDS, "clock": " "}), SITE)
    assert found["deployment"].to_list() == ["N/3", None, "N/3"]
    assert found["taken_at"].to_list() == [NOON, NOON, None]
    assert found["time"].to_list() == ["2020-06-01 12:00:00", "2020-06-01 12:00:00", None]


def test_a_pattern_takes_the_deployment_out_of_a_path():
    settings = Events(deployment="path", deployment_pattern=r"([^/]+)/[^/]+$", time="time")
    found = pictures(subjects({"path": "z:/S1/C7/a.jpg", "time": None}, {"path": "a.jpg"}), settings)
    assert found["deployment"].to_list() == ["C7", None]


def test_a_dead_battery_and_the_future_are_no_times():
    settings = Events(deployment="c", time="t")
    times = ("1970-01-01 00:00:05", "2020-06-01 12:00:00", "2020-06-02 12:00:01", "x")
    found = pictures(subjects(*({"c": 1, "t": time} for time in times), uploaded=NOON), settings)
    # Local time may be ahead of that of the upload, by less than a day.
    assert found["taken_at"].to_list() == [None, NOON, None, None]


def test_file_names_are_found_whatever_their_field_is_called():
    settings = Events(deployment="c", time="t")
    row = {"c": "1", "t": "2020-06-01 12:00:00", "Image": "no.jpg", "#File_Name": "yes.jpg"}
    assert pictures(subjects(row), settings)["file_name"].to_list() == ["yes.jpg"]
    other = Events(deployment="c", time="t", file_name="Image")
    assert pictures(subjects(row), other)["file_name"].to_list() == ["no.jpg"]


def test_an_unknown_field_is_an_error_with_the_nearest_one():
    settings = Events(deployment=("site", "Camera"), time=("date", "clock"))
    with pytest.raises(SettingsError, match=r'events\.deployment: .*"Camera"; did you mean "#camera"\?'):
        pictures(subjects({**FIELDS, "#camera": 1}), settings)
    # One that another workflow has is no typo, and neither is one that is always empty.
    assert pictures(subjects(FIELDS), settings, None, lambda: ["Camera"])["deployment"].to_list() == [None]
    assert pictures(subjects({**FIELDS, "Camera": None}), settings)["deployment"].to_list() == [None]


def test_a_table_from_outside_goes_before_the_metadata(tmp_path):
    file = tmp_path / "times.csv"
    file.write_text(
        "\ufeffsubject_id,clock,other\n1,13:00:00,x\n1,13:00:00,x\n2,,x\n3,14:00:00,x\n3,15:00:00,x\n9,14:00,x\n"
    )
    table = picture_table(file, SITE)
    found = pictures(subjects(FIELDS, FIELDS, FIELDS), SITE, table)
    # Two equal rows are one; an empty cell says nothing; two that differ count for nothing.
    assert [each.hour for each in found["taken_at"]] == [13, 12, 12]
    assert table.contradicting["subject_id"].to_list() == ["3", "3"]


def test_a_table_may_be_by_file_name_and_have_fields_that_no_metadata_have(tmp_path):
    file = tmp_path / "media.csv"
    file.write_text("filePath,fileName,deploymentID,timestamp\nx,b.jpg,D1,2020-06-01T12:00:00Z\n")
    settings = Events(deployment="deploymentID", time="timestamp", table="media.csv", file_name="fileName")
    # Pictures that the table lacks have neither deployment nor time.
    cells = subjects({"fileName": "a.jpg"}, {"fileName": "b.jpg"})
    found = pictures(cells, settings, picture_table(file, settings))
    assert found.select("deployment", "taken_at").rows() == [(None, None), ("D1", NOON)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "there is no file"),
        ("a,b\n1,2\n", "neither a column subject_id nor one with the name of the file. Columns: a, b"),
        ("subject_id,sight\n1,2\n", '"site"; did you mean "sight"'),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_table_that_says_nothing_is_an_error(tmp_path, text, problem):
    file = tmp_path / "times.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=f"events.table: .*{problem}"):
        picture_table(file, SITE)


def test_rows_of_deployments_that_overlap_or_cannot_be_read_are_told(tmp_path):
    file = tmp_path / "deployments.csv"
    file.write_text(
        "deploymentID,deploymentStart,deploymentEnd\n"
        "A,2020-06-01,2020-06-10\nA,2020-06-05T00:00:00Z,2020-06-20\nA,2020-07-01,2020-07-01\n"
        "B,2020-06-10,2020-06-01\nB,1/6/2020,2020-06-20\n,2020-06-01,2020-06-02\n"
    )
    rows, problems = deployments_table(file, SITE)
    june, july = datetime(2020, 6, 1), datetime(2020, 7, 1)
    assert rows.rows() == [("A", june, june.replace(day=21)), ("A", july, july.replace(day=2))]
    assert len(problems) == 2
    assert "3 rows (row 4: B, 2020-06-10 to 2020-06-01; row 5: B, 1/6/2020 to 2020-06-20; row 6: no" in problems[0]
    assert "1 row (row 2 of A)" in problems[1]


def test_a_deployments_table_without_its_columns_is_an_error(tmp_path):
    file = tmp_path / "deployments.csv"
    file.write_text("deployment,begin,end\n")
    with pytest.raises(SettingsError, match=r"events\.deployments: .* has no column start\. .* found deployment"):
        deployments_table(file, SITE)


def test_subjects_are_those_of_the_workflow_and_those_that_somebody_classified():
    def row(subject_id, **fields):
        return {"subject_id": subject_id, "is_current": True, "metadata": "{}", **fields}

    retired = datetime(2021, 1, 1, tzinfo=UTC)
    exported = [
        row(1, retired_at=retired),
        row(2, is_current=False, metadata='{"old":1}'),
        row(2, subject_set_id=2, metadata='{"new":1}'),
        row(3, is_current=False),
        row(4, is_current=False),
    ]
    shown = [
        {"subject_id": 4, "metadata": '{"shown":1}', "classification_id": 1},
        {"subject_id": 5, "metadata": '{"shown":1}', "classification_id": 2, "retired_at": retired},
    ]
    found = subjects_of(
        pl.LazyFrame(exported, schema=TABLES["subjects"].dtypes),
        pl.LazyFrame(shown, schema=TABLES["shown_subjects"].dtypes),
    )
    assert found.select("subject_id", "metadata", "is_retired").rows() == [
        (1, "{}", True),
        (2, '{"new":1}', False),
        (4, "{}", False),
        (5, '{"shown":1}', True),
    ]
