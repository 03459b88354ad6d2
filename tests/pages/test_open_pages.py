"""What happens while the pages are open: to exports in the inbox, to settings, to the clock, to their folder.

A real process with a daemon, as users have it, which a browser visits and which is asked as the pages ask it. The
tests share it, since it takes ten seconds to start: the last one deletes its folder.
"""

import http.client
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import pytest

from tests.builders import write_export
from tests.dagster_project import votes
from tests.pages.morning import follow_an_export
from tests.pages.served import BROWSERS, Pages, browser, find_browser
from zoo_dag.dagster.instance import open_instance
from zoo_dag.store.data_folder import DataFolder

BAD = '[exclusion]\nrepeats = "all"\n'
SENTENCE = "unknown setting exclusion.repeats; did you mean exclusion.repeat?"
SCHEDULED = '[fetching]\nproject = 1234\nschedule = "0 5 * * *"\n'
PLACE = '{repositoryName: "__repository__", repositoryLocationName: "data"}'
DEFINITIONS = f"""{{
  assetNodes {{ description }}
  schedulesOrError(repositorySelector: {PLACE}) {{ ... on Schedules {{ results {{ name }} }} }}
  sensorOrError(sensorSelector: {{sensorName: "automation", {PLACE[1:]})
    {{ ... on Sensor {{ sensorState {{ status ticks(limit: 1) {{ skipReason }} }} }} }}
}}"""
# Files in the inbox count as complete at once.
AT_ONCE = "[importing]\nsettle_seconds = 0\n"
SECONDS = 90
DAY = 24 * 3600
IMPORTED_SECONDS = 120


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of an empty data folder, without settings."""
    data = tmp_path_factory.mktemp("project") / "data"
    data.mkdir()
    with Pages(data) as pages:
        pages.wait_until_they_answer()
        yield pages


def ask(pages: Pages) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", pages.port, timeout=60)
    try:
        body = json.dumps({"query": DEFINITIONS})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())["data"]
    finally:
        connection.close()


def wait_for(pages: Pages, reached: Callable[[dict], bool]) -> dict:
    end = time.monotonic() + SECONDS
    while not reached(answer := ask(pages)):
        assert time.monotonic() < end, answer
        time.sleep(1)
    return answer


def descriptions(answer: dict) -> list[str]:
    return [each["description"] for each in answer["assetNodes"]]


def schedules(answer: dict) -> list[str]:
    return [each["name"] for each in answer["schedulesOrError"]["results"]]


def skipped(answer: dict) -> str:
    ticks = answer["sensorOrError"]["sensorState"]["ticks"]
    return (ticks[0]["skipReason"] or "") if ticks else ""


def test_bad_settings_are_seen_in_the_pages_and_mending_them_needs_no_restart(pages):
    settings = pages.data / "zoo_dag.toml"
    before = descriptions(wait_for(pages, lambda answer: bool(answer["assetNodes"])))
    settings.write_text(BAD)
    answer = wait_for(pages, lambda answer: SENTENCE in descriptions(answer)[0] and SENTENCE in skipped(answer))
    beginning = f"**Nothing can be built: {settings}: {SENTENCE}**\n\n"
    assert descriptions(answer) == [f"{beginning}{description}" for description in before]
    assert answer["sensorOrError"]["sensorState"]["status"] == "RUNNING"
    settings.write_text(SCHEDULED)
    wait_for(pages, lambda answer: schedules(answer) == ["fetch_daily"] and skipped(answer) == "Nothing is stale.")
    assert descriptions(ask(pages)) == before
    log = (pages.data / "dagster_home" / "pages.log").read_text()
    assert SENTENCE in log
    assert "Traceback" not in log
    assert "pydantic" not in log


def test_the_pages_do_not_start_with_bad_settings(tmp_path):
    (tmp_path / "zoo_dag.toml").write_text(BAD)
    ended = Pages(tmp_path).second(0)
    assert ended.returncode == 2
    assert ended.stderr == f"Error: {tmp_path / 'zoo_dag.toml'}: {SENTENCE}\n"


def test_an_export_in_the_inbox_is_seen_in_the_pages_as_tables_plots_and_checks(pages):
    program = find_browser()
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    (pages.data / "zoo_dag.toml").write_text(AT_ONCE)
    errors: list[str] = []
    with browser(program) as opened:
        page = opened.new_page(base_url=pages.url, viewport={"width": 1400, "height": 1000})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        follow_an_export(pages, page)
    # Scripts that fail, and answers of the server that are errors.
    assert not errors


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


def test_sensors_go_on_after_the_clock_was_set_back(pages, tmp_path, monkeypatch):
    """A file in the inbox does not wait for a day."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    folder = DataFolder(pages.data)
    (folder.root / "zoo_dag.toml").write_text(AT_ONCE)
    wait_until(lambda: "inbox" in sensors(folder), "the sensor of the inbox is not evaluated")
    pages.stop()
    assert pages.processes() == []
    evaluate_tomorrow(folder)
    export = write_export(tmp_path / "classifications.csv", votes("3.2", ["Yes"], 1))
    os.replace(export, folder.inbox / export.name)
    pages.start()
    pages.wait_until_they_answer()
    wait_until(lambda: "10-v3.2" in folder.versions(), "the export is not imported")
    assert sensors(folder)["inbox"].last_tick_timestamp < time.time() + DAY / 2


def test_the_pages_end_where_their_folder_is_gone(pages):
    """They say why."""
    data = pages.data
    # The pages go on writing while it is removed.
    while data.exists():
        shutil.rmtree(data, ignore_errors=True)
    pages.wait_until_they_end()
    assert pages.exit_code == 1
    assert pages.printed.splitlines()[-1] == (
        f"The pages ended: {data / 'dagster_home'} was deleted, or its disk is gone."
    )
    assert pages.processes() == []
