"""A Camtrap Data Package, checked by Frictionless against the rules of its tables."""

from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from frictionless import Package

from tests.formats.cameras import CHOICES, DEPLOYMENTS, SETTINGS, TABLES, event, named
from tests.formats.marks import frame, mark
from tests.formats.stored import Tables, source, store
from zoo_dag.errors import SettingsError, ZooDagError
from zoo_dag.formats.camtrap_dp import write
from zoo_dag.formats.camtrap_dp.fields import DATETIME, Field, problem
from zoo_dag.formats.camtrap_dp.fields import TABLES as FIELDS
from zoo_dag.store.data_folder import DataFolder

KEYS = {"deployments": "deploymentID", "media": "mediaID", "observations": "observationID"}
REFERENCES = {"media": ["deploymentID"], "observations": ["deploymentID", "mediaID"]}
REFERRED = {"deploymentID": "deployments", "mediaID": "media"}


def cameras(
    tmp_path: Path,
    tables: Tables = TABLES,
    settings: str = SETTINGS,
    choices: str = CHOICES,
    places: str = DEPLOYMENTS,
) -> DataFolder:
    folder = store(tmp_path / "data", tables, settings)
    (folder.root / "choices.csv").write_text(choices, encoding="utf-8")
    (folder.root / "deployments.csv").write_text(places, encoding="utf-8")
    return folder


def written(folder: DataFolder, target: Path) -> tuple[list[str], dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """What was said, the rows of the tables without empty cells, and the descriptor of a package that is valid."""
    target.mkdir()
    said = write(source(folder), target)
    descriptor = orjson.loads((target / "datapackage.json").read_bytes())
    for resource in descriptor["resources"]:
        assert resource["schema"].endswith(f"1.0.2/{resource['name']}-table-schema.json")
        resource["schema"] = schema(resource["name"], pl.read_csv(target / resource["path"]).columns)
    checked = Package({**descriptor, "profile": "data-package"}, basepath=str(target))
    report = checked.validate()
    assert report.valid, report.to_summary()
    rows = {
        name: [
            {field: value for field, value in row.items() if value is not None}
            for row in pl.read_csv(target / f"{name}.csv", infer_schema=False).to_dicts()
        ]
        for name in FIELDS
    }
    return said, rows, descriptor


def schema(table: str, columns: list[str]) -> dict[str, Any]:
    """The table schema of these columns, which are in the order of Camtrap DP."""
    fields = [field for field in FIELDS[table] if field.name in columns]
    assert [field.name for field in fields] == columns
    assert not [
        field.name for field in FIELDS[table] if field.constraints.get("required") and field.name not in columns
    ]
    return {
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                "constraints": dict(field.constraints),
                **({"format": DATETIME} if field.type == "datetime" else {}),
            }
            for field in fields
        ],
        "primaryKey": [KEYS[table]],
        "foreignKeys": [
            {"fields": [name], "reference": {"resource": REFERRED[name], "fields": [name]}}
            for name in REFERENCES.get(table, [])
        ],
        "missingValues": ["", "NA", "NaN", "nan"],
    }


def test_a_package_of_events_and_media(tmp_path: Path) -> None:
    said, rows, _ = written(cameras(tmp_path), tmp_path / "package")
    assert said[:2] == [
        f"3 deployments, 4 media, 6 observations in {tmp_path / 'package'}",
        "Left out: 1 of 4 subjects without a deployment or a time, which Camtrap DP requires: 4.",
    ]
    assert said[2].startswith("Apostrophe in front: 1 cell of deployments.deploymentID")

    pond = next(row for row in rows["deployments"] if row["deploymentID"] == "'=Pond")
    assert pond == {
        "deploymentID": "'=Pond",
        "latitude": "41.80",
        "longitude": "-87.60",
        # A day of an end is included; from 10 March on the zone is an hour nearer to UTC.
        "deploymentStart": "2024-03-01T06:00:00Z",
        "deploymentEnd": "2024-04-01T05:00:00Z",
        "habitat": "'=wet()",
    }
    first, second, third, fourth = rows["media"]
    assert first == {
        "mediaID": "1_0",
        "deploymentID": "'=Pond",
        "captureMethod": "activityDetection",
        "timestamp": "2024-03-10T07:59:40Z",
        "filePath": "https://example.org/media/1.jpeg",
        "filePublic": "false",
        "fileName": "IMG 1.JPG",
        "fileMediatype": "image/jpeg",
    }
    # An hour that summer time skipped: the camera does not know of it. No path leads upwards.
    assert (second["timestamp"], second["fileName"]) == ("2024-03-10T08:00:20Z", "2.jpeg")
    assert (third["mediaID"], third["filePath"], third["fileMediatype"]) == ("2_1", "2.mp4", "video/mp4")
    assert (fourth["mediaID"], fourth["filePath"], fourth["fileMediatype"]) == ("3_0", "IMG 3.JPG", "image/jpeg")

    shown = ("observationLevel", "mediaID", "observationType", "scientificName", "count", "lifeStage", "behavior")
    assert [tuple(row.get(name) for name in shown) for row in rows["observations"]] == [
        ("event", None, "animal", "Odocoileus virginianus", "2", None, None),
        ("event", None, "animal", "Vulpes vulpes", "1", None, None),
        ("media", "1_0", "animal", "Odocoileus virginianus", "2", "juvenile", "feeding | resting"),
        # A bin is no count.
        ("media", "2_0", "animal", "Vulpes vulpes", None, None, None),
        ("event", None, "blank", None, None, None, None),
        ("media", "3_0", "blank", None, None, None, None),
    ]


def test_an_observation_says_of_what_event_by_whom_and_when(tmp_path: Path) -> None:
    _, rows, descriptor = written(cameras(tmp_path), tmp_path / "package")
    deer = next(row for row in rows["observations"] if row.get("mediaID") == "1_0")
    assert deer == {
        "observationID": "1_0/T0@1.1/DR",
        "deploymentID": "'=Pond",
        "mediaID": "1_0",
        "eventID": "'=Pond/20240310T015940",
        "eventStart": "2024-03-10T07:59:40Z",
        "eventEnd": "2024-03-10T08:00:20Z",
        "observationLevel": "media",
        "observationType": "animal",
        "scientificName": "Odocoileus virginianus",
        "count": "2",
        "lifeStage": "juvenile",
        "behavior": "feeding | resting",
        "classificationMethod": "human",
        "classifiedBy": "3 volunteers of Animals of the valley",
        "classificationTimestamp": "2024-06-01T12:20:00Z",
        "classificationProbability": "0.9",
    }
    # Only a calibrated posterior is a probability.
    assert [row["observationID"] for row in rows["observations"] if "classificationProbability" in row] == [
        "1_0/T0@1.1/DR"
    ]
    fox = next(row for row in rows["observations"] if row["observationID"].endswith("015940/T0@1.1/FX"))
    assert fox["classificationTimestamp"] == "2024-06-01T12:30:00Z"
    assert fox["observationComments"] == "Not all pictures of the event have enough classifications."
    of_burst = next(row for row in rows["observations"] if row.get("mediaID") == "2_0")
    assert of_burst["observationComments"] == "Of all 2 media of subject 2."

    assert descriptor["created"] == "2024-06-01T12:40:00Z"
    assert descriptor["temporal"] == {"start": "2024-03-01", "end": "2024-03-31"}
    assert descriptor["spatial"]["coordinates"][0][:3] == [[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9]]
    assert descriptor["project"]["observationLevel"] == ["media", "event"]
    assert descriptor["taxonomic"] == [
        {"scientificName": "Odocoileus virginianus", "taxonRank": "species"},
        {"scientificName": "Vulpes vulpes", "taxonRank": "species"},
    ]


def test_media_may_have_the_observations_of_each_volunteer(tmp_path: Path) -> None:
    settings = f'{SETTINGS}\nobservations = "volunteers"'
    _, rows, _ = written(cameras(tmp_path, settings=settings), tmp_path / "package")
    shown = ("observationID", "observationType", "classifiedBy")
    assert [tuple(row[name] for name in shown) for row in rows["observations"] if "mediaID" in row] == [
        ("1_0/1/T0@1.1/DR", "animal", "user:7"),
        ("1_0/2/T0@1.1/FX", "animal", "'=name"),
        ("3_0/4/T0@1.1/Nothing here", "blank", "user:8"),
    ]


def test_media_and_events_have_each_choice_of_the_newest_revisions_of_their_subjects_once(tmp_path: Path) -> None:
    old = {"task_revision": "T0@1.1"}
    new = {"task_revision": "T0@1.10"}
    pond, hedge = "=Pond/20240310T015940", "Hedge/20240312T080000"
    tables = {
        **TABLES,
        "pooled_survey_consensus": [
            # Subject 1 was shown again in a newer revision, subject 2 was not; both are of one event.
            named(1, "PRSN", "Person", **old),
            named(1, "DR", "Deer", **new),
            named(2, "FX", "Fox", **old),
            named(2, "DR", "Deer", votes=1, rank=2, **old),
            named(3, "FX", "Fox", **old),
            named(3, "NTHNGHR", "Nothing here", is_blank=True, **new),
        ],
        "event_consensus": [
            event(pond, "DR", choice_label="Deer", count_max="1", **old),
            event(pond, "FX", choice_label="Fox", **old),
            event(pond, "DR", choice_label="Deer", count_max="2", **new),
            event(hedge, "FX", choice_label="Fox", **old),
            event(hedge, None, **new),
        ],
    }
    _, rows, _ = written(cameras(tmp_path, tables), tmp_path / "package")
    assert [(row["observationID"], row.get("count")) for row in rows["observations"]] == [
        (f"event/{pond}/T0@1.1/FX", None),
        (f"event/{pond}/T0@1.10/DR", "2"),
        ("1_0/T0@1.10/DR", None),
        ("2_0/T0@1.1/FX", None),
        (f"event/{hedge}/T0@1.10/blank", None),
        ("3_0/T0@1.10/blank", None),
    ]


def test_an_event_is_blank_only_if_no_revision_of_its_subjects_says_more(tmp_path: Path) -> None:
    new = {"task_revision": "T0@1.10"}
    pond = "=Pond/20240310T015940"
    tables = {
        **TABLES,
        "pooled_survey_consensus": [
            named(1, "NTHNGHR", "Nothing here", is_blank=True, **new),
            named(2, "FX", "Fox"),
        ],
        "event_consensus": [event(pond, None, **new), event(pond, "FX", choice_label="Fox")],
    }
    _, rows, _ = written(cameras(tmp_path, tables), tmp_path / "package")
    assert [row["observationID"] for row in rows["observations"]] == [
        f"event/{pond}/T0@1.1/FX",
        "1_0/T0@1.10/blank",
        "2_0/T0@1.1/FX",
    ]


def test_boxes_are_fractions_of_their_medium_and_only_media_without_marks_are_blank(tmp_path: Path) -> None:
    box = mark(1, "rectangle", "Deer", tool_index=0, task="T5", x=50.0, y=40.0, width=20.0, height=10.0)
    point = mark(2, "point", "FX", tool_index=1, task="T5", x=50.0, y=40.0)
    line = mark(2, "line", "Track", tool_index=2, task="T5", frame=1, x1=0.0, y1=0.0, x2=9.0, y2=9.0)
    tables = {
        **TABLES,
        "pooled_drawing_consensus": [
            *(box, {**box, "cluster_index": 1, "x": 500.0}, point, {**point, "cluster_index": 1}, line),
            # What one person marked is not there.
            {**box, "subject_id": 3, "subject_ids": "3", "is_candidate": True},
            {**box, "subject_id": None, "subject_ids": "1;2"},
        ],
        "subject_frames": [frame(1, 0), frame(2, 0), frame(2, 1), frame(3, 0)],
    }
    folder = cameras(tmp_path, tables, f'{SETTINGS}\ntask = "T5"')
    said, rows, _ = written(folder, tmp_path / "package")
    of_box, of_points, blank = rows["observations"]
    assert (of_box["mediaID"], of_box["scientificName"]) == ("1_0", "Odocoileus virginianus")
    assert [float(of_box[f"bbox{name}"]) for name in ("X", "Y", "Width", "Height")] == [0.4, 0.4375, 0.2, 0.125]
    shown = ("mediaID", "observationType", "scientificName", "count", "bboxX")
    assert [of_points.get(name) for name in shown] == ["2_0", "animal", "Vulpes vulpes", "2", None]
    assert [blank.get(name) for name in shown] == ["3_0", "blank", None, None, None]
    assert said[2:7] == [
        "Note: where 1 picture are is not known. The subjects export says it: import it to have the addresses "
        "beside the file names.",
        "Left out: 1 set of several subjects that were shown together as one.",
        "Left out: 1 object without a form there: line (1).",
        "Left out: 1 object outside of their picture, or without a size: rectangle (1).",
        "Left out: 1 picture with marks of which none is a box or a point: 2_1.",
    ]


def test_a_table_of_deployments_may_have_both_names_of_a_column_and_empty_rows(tmp_path: Path) -> None:
    header, *places = DEPLOYMENTS.splitlines()
    lines = [f"{header},deploymentID", ",,,,,,", *(f"{place},x" for place in places), " ,,,,,,"]
    _, rows, _ = written(cameras(tmp_path, places="\n".join(lines)), tmp_path / "package")
    assert [row["deploymentID"] for row in rows["deployments"]] == ["'=Pond", "Hedge", "Idle"]


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    folder = cameras(tmp_path)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write(source(folder), tmp_path / name)
    files = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "second")
    ]
    assert files[0] == files[1]


def test_all_that_is_missing_is_named_at_once_with_lines_to_paste(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Camtrap DP asks for what no export .*zoo_dag\.toml") as raised:
        write(source(store(tmp_path / "data", {})), tmp_path)
    lines = raised.value.lines
    assert [line.split(" = ")[0] for line in lines if " = " in line] == [
        *("deployment", "time", "deployments", "time_zone", "choices"),
        *("sampling_design", "capture_method", "individual_animals", "contributors"),
    ]
    (tmp_path / "data" / "zoo_dag.toml").write_text("\n".join(lines))
    with pytest.raises(ZooDagError, match="There are no events of cameras yet"):
        write(source(DataFolder(tmp_path / "data")), tmp_path)


def test_events_that_were_built_with_other_settings_are_not_mixed_with_those_of_today(tmp_path: Path) -> None:
    tables = {**TABLES, "event_consensus": [event("=Pond/20240310T015941", "DR", choice_label="Deer")]}
    with pytest.raises(ZooDagError, match="have changed since the events were built"):
        write(source(cameras(tmp_path, tables)), tmp_path)


def test_choices_that_the_table_lacks_are_lines_to_paste(tmp_path: Path) -> None:
    folder = cameras(tmp_path, choices="choice_id,observation_type,scientific_name\nFX,animal,Vulpes vulpes\n")
    with pytest.raises(SettingsError, match="lacks 1 choice of volunteers") as raised:
        write(source(folder), tmp_path)
    assert raised.value.lines == ("choice_id,observation_type,scientific_name", "Deer,animal,")
    (folder.root / "choices.csv").unlink()
    with pytest.raises(SettingsError, match="does not exist, and needs 2 choices"):
        write(source(folder), tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"choices": "choice_id,observation_type\n"}, "choices.csv has no column scientific_name"),
        (
            {"choices": "choice_id,observation_type,scientific_name\nDR,bird,\nFX,animal,\nFX,animal,\n"},
            "row 1: observation_type `bird` is none of animal, human, .*; `FX` has several rows",
        ),
        (
            {"choices": "choice_id,choice_id ,observation_type,scientific_name\n"},
            "choices.csv cannot be read as CSV: .*choice_id",
        ),
        ({"places": "deployment,start,end,latitude\n"}, "deployments.csv has no column longitude"),
        (
            {"places": DEPLOYMENTS.replace("41.90", "141.90").replace("-87.65", "west")},
            "row 2: latitude `141.90` is no number from -90 to 90; row 3: longitude `west` is no number",
        ),
        (
            {"places": DEPLOYMENTS.replace("Hedge", "Fence")},
            "no row with a start and an end of 1 deployment .*`Hedge`",
        ),
        (
            {"places": f"{DEPLOYMENTS}Hedge,2024-04-01,2024-04-02,42.90,-87.70,\n"},
            "the rows 2, 4 say different things",
        ),
        ({"settings": f'{SETTINGS}\ntask = "T7"'}, "there is no survey, .* T7. Tasks: T0"),
    ],
)
def test_what_is_wrong_in_a_table_from_outside_is_a_sentence(changes: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=sentence):
        write(source(cameras(tmp_path, **changes)), tmp_path)


@pytest.mark.parametrize(
    ("text", "field", "wrong"),
    [
        ("1e999", "latitude", "is no number from -90 to 90"),
        ("nan", "latitude", "is no number from -90 to 90"),
        ("1.5", "cameraTilt", "is no integer from -90 to 90"),
        ("Yes", "baitUse", "is neither true nor false"),
        (None, "latitude", "is empty"),
        (None, "habitat", None),
        ("-12.25", "latitude", None),
    ],
)
def test_a_value_of_a_field(text: str | None, field: str, wrong: str | None) -> None:
    fields: dict[str, Field] = {each.name: each for each in FIELDS["deployments"]}
    assert problem(text, fields[field]) == wrong
