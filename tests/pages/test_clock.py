"""The clock was set back by a day: sensors go on, and a file in the inbox does not wait for a day."""

import os
import time
from typing import Any

import dagster as dg

from tests.builders import write_export
from tests.dagster_project import votes
from tests.pages.served import Pages
from zoo_dag.dagster.instance import open_instance
from zoo_dag.store.data_folder import DataFolder

DAY = 24 * 3600
IMPORTED_SECONDS = 120


def evaluated(instance: dg.DagsterInstance) -> list[Any]:
    """The states of the sensors that were evaluated."""
    states = instance.all_instigator_state()
    sensors = [state for state in states if state.instigator_type.value == "SENSOR"]
    return [state for state in sensors if state.instigator_data and state.instigator_data.last_tick_timestamp]


def sensors(folder: DataFolder) -> dict[str, Any]:
    """What Dagster keeps of each sensor."""
    with open_instance(folder) as instance:
        return {state.name: state.instigator_data for state in evaluated(instance)}


def evaluate_tomorrow(folder: DataFolder) -> None:
    """Make the last evaluations those of tomorrow, as after a clock that was a day fast."""
    with open_instance(folder) as instance:
        for state in evaluated(instance):
            then = time.time() + DAY
            tomorrow = state.instigator_data._replace(last_tick_timestamp=then, last_tick_start_timestamp=then)
            instance.update_instigator_state(state.with_data(tomorrow))


def wait_until(done, problem: str) -> None:
    end = time.monotonic() + IMPORTED_SECONDS
    while not done():
        assert time.monotonic() < end, problem
        time.sleep(0.5)


def test_sensors_go_on_after_the_clock_was_set_back(tmp_path, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    folder = DataFolder(tmp_path / "data")
    folder.root.mkdir()
    (folder.root / "zoo_dag.toml").write_text("[importing]\nsettle_seconds = 0\n")
    with Pages(folder.root) as pages:
        pages.wait_until_they_answer()
        wait_until(lambda: "inbox" in sensors(folder), "the sensor of the inbox is not evaluated")
        pages.stop()
    evaluate_tomorrow(folder)
    export = write_export(tmp_path / "classifications.csv", votes("3.2", ["Yes"], 1))
    os.replace(export, folder.inbox / export.name)
    with Pages(folder.root) as pages:
        pages.wait_until_they_answer()
        wait_until(lambda: folder.versions() == ["10-v3.2"], "the export is not imported")
        assert sensors(folder)["inbox"].last_tick_timestamp < time.time() + DAY / 2
