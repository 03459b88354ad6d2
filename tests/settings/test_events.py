"""The section [events]: what is refused, with a sentence that says what is expected."""

import pytest

from zoo_dag.errors import SettingsError
from zoo_dag.settings.events import Events
from zoo_dag.settings.loading import Settings, load_settings


def test_one_field_may_stand_without_a_list_and_without_a_deployment_there_are_no_events():
    events = Events(deployment="camera", time="taken", time_format="%d/%m/%Y %H:%M")
    assert (events.deployment, events.time, events.time_format) == (("camera",), ("taken",), ("%d/%m/%Y %H:%M",))
    assert events.are_wanted
    assert not Settings().events.are_wanted


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("gap_seconds = 5", r"events: deployment is missing: name the metadata fields that tell cameras apart"),
        ('deployment = "c"', r"events: time is missing: name the metadata field with the time, or `sequence`"),
        (
            'deployment = "c"\ntime = "t"\ntime_format = "%H:%M"',
            r"time_format\.0: expected day, month, year, hour",
        ),
        (
            'deployment = "c"\ntime = "t"\ntime_format = "%d/%m/%Y"',
            r"time_format\.0: expected day, month, year, hour",
        ),
        ('deployment = "c"\ntime = "t"\ntime_format = "%d/%m/%Y %I:%M"', r"time_format\.0: expected .*, found"),
        (
            'deployment = "c"\ntime = "t"\ndeployment_pattern = "a"',
            r"deployment_pattern: expected a regular express",
        ),
        (
            'deployment = "c"\ntime = "t"\ndeployment_pattern = "("',
            r"deployment_pattern: expected a regular express",
        ),
        (
            'deployment = "c"\ntimes = "t"\nsequence = "s"',
            r"unknown setting events\.times; did you mean events\.time\?",
        ),
    ],
)
def test_what_cannot_be_is_said(tmp_path, lines, problem):
    (tmp_path / "zoo_dag.toml").write_text(f"[events]\n{lines}\n")
    with pytest.raises(SettingsError, match=problem):
        load_settings(tmp_path)


def test_events_change_only_the_fingerprint_of_tables_that_have_them():
    with_events = Settings(events=Events(deployment="c", time="t"))
    assert with_events.fingerprint() == Settings().fingerprint()
    assert with_events.fingerprint(of_events=True) != Settings().fingerprint(of_events=True)
