"""What `zoo-dag check` says of exports: the settings that make events of pictures."""

from io import StringIO

from tests.builders import classification_row, subject_row, write_export
from zoo_dag.cli.inspection import inspect_exports
from zoo_dag.cli.listing import inspection_as_json, show_inspection
from zoo_dag.cli.terminal import Terminal
from zoo_dag.settings.loading import Settings

FIELDS = {"camera": "C1", "taken": "2022:06:01 12:00:00"}
LINES = ["[events]", 'deployment = "camera"', 'time = "taken"']


def test_fields_that_look_like_a_camera_and_a_time_are_named_with_settings_to_paste(tmp_path):
    write_export(tmp_path / "subjects.csv", [subject_row(metadata=FIELDS)])
    inspection = inspect_exports([tmp_path], Settings())
    shown = StringIO()
    show_inspection(inspection, "zoo-dag run x", Terminal(file=shown))
    assert "camera looks like a camera: C1\ntaken looks like a time: 2022:06:01 12:00:00\n" in shown.getvalue()
    pasted = "\n".join(f"  {line}" for line in LINES)
    assert (
        f"To make events of the pictures, paste into zoo_dag.toml of the data folder:\n{pasted}\n"
        in shown.getvalue()
    )
    assert inspection_as_json(inspection)["events"] == LINES


def test_classifications_alone_are_enough_and_other_projects_get_no_advice(tmp_path):
    rows = [classification_row(subject_data={"101": {"retired": None, **FIELDS}})]
    write_export(tmp_path / "cameras.csv", rows)
    assert inspection_as_json(inspect_exports([tmp_path / "cameras.csv"], Settings()))["events"] == LINES
    write_export(tmp_path / "birds.csv", [classification_row()])
    assert inspection_as_json(inspect_exports([tmp_path / "birds.csv"], Settings()))["events"] == []
