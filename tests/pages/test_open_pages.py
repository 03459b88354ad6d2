"""Settings that become bad while the pages are open, and are mended: a real process, asked as the pages ask it."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pages.served import Pages

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
SECONDS = 90


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    """The pages of an empty data folder, without settings."""
    data = tmp_path / "data"
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
