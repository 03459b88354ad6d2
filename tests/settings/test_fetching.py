"""The settings `[fetching]`."""

from pathlib import Path

import pytest

from zoo_dag.errors import SettingsError
from zoo_dag.settings.loading import SETTINGS_FILE, Settings, load_settings


def load(folder: Path, text: str) -> Settings:
    (folder / SETTINGS_FILE).write_text(f"[fetching]\n{text}", encoding="utf-8")
    return load_settings(folder)


def test_by_default_nothing_is_fetched_by_itself():
    fetching = Settings().fetching
    assert (fetching.project, fetching.schedule, fetching.timezone) == (None, None, "UTC")
    assert (fetching.newest_hours, fetching.wait_hours) == (24, 12)


def test_a_schedule_is_read(tmp_path):
    fetching = load(tmp_path, 'project = 1234\nschedule = "30 5 * * mon-fri"\ntimezone = "Europe/Berlin"').fetching
    assert (fetching.project, fetching.schedule, fetching.timezone) == (1234, "30 5 * * mon-fri", "Europe/Berlin")


@pytest.mark.parametrize("cron", ["daily", "0 5 * *", "0 5 * * * *", "61 * * * *", "0 5 30 2 *", ""])
def test_a_schedule_that_dagster_would_refuse_is_named(tmp_path, cron):
    with pytest.raises(
        SettingsError, match=r"fetching\.schedule: .*expected a cron text of five fields.* found '"
    ):
        load(tmp_path, f'schedule = "{cron}"')


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_named(tmp_path, zone):
    with pytest.raises(SettingsError, match=r"fetching\.timezone: .*such as \"Europe/Berlin\""):
        load(tmp_path, f'timezone = "{zone}"')


@pytest.mark.parametrize(
    "text", ["project = 0", "wait_hours = 0", "attempts = 0", "newest_hours = -1", "workflows = [0]"]
)
def test_a_number_without_sense_is_named(tmp_path, text):
    name = text.partition(" ")[0]
    with pytest.raises(SettingsError, match=rf"fetching\.{name}(\.0)?: "):
        load(tmp_path, text)


def test_an_unknown_setting_is_named_with_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match=r"unknown setting fetching\.cron"):
        load(tmp_path, 'cron = "0 5 * * *"')


def test_no_table_becomes_stale_by_a_setting_of_fetching():
    changed = Settings.model_validate({"fetching": {"project": 1234, "schedule": "0 5 * * *"}})
    assert changed.fingerprint() == Settings().fingerprint()
