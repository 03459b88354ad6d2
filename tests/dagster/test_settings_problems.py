"""While the settings have a problem nothing is started, one alert is sent, and all goes on once it is mended."""

import datetime
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import dagster as dg
import pytest

from tests.builders import write_export
from tests.dagster.daemon import Daemon, daemon
from tests.dagster.runs.test_alerts import hook as webhook
from tests.dagster_project import instance_of, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.alerts import WEBHOOK_VARIABLE
from zoo_dag.dagster.runs.run_events import step_failures
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

hook = webhook
GOOD = "[importing]\nsettle_seconds = 0\n"
BAD = '[exclusion]\nrepeats = "all"\n'


@pytest.fixture
def team(folder: DataFolder) -> Iterator[Daemon]:
    folder.root.mkdir()
    settings(folder).write_text(GOOD)
    with daemon(folder, datetime.datetime(2026, 3, 1, tzinfo=UTC)) as running:
        yield running


def settings(folder: DataFolder) -> Path:
    return folder.root / "zoo_dag.toml"


def put(folder: DataFolder, name: str, answers: list[str]) -> None:
    inbox = folder.root / "inbox"
    inbox.mkdir(exist_ok=True)
    write_export(inbox / name, votes("3.2", answers, 1))


def test_sensors_say_the_problem_and_go_on_once_it_is_mended_without_a_reload(team, folder):
    put(folder, "first.csv", ["Yes"])
    for bad, sentence in (
        (BAD, "unknown setting exclusion.repeats; did you mean exclusion.repeat?"),
        ("[exclusion\n", "not a TOML file"),
        (GOOD + "[drawings]\nbeta = 7\n", "drawings.beta"),
    ):
        settings(folder).write_text(bad)
        for sensor in ("inbox", "automation"):
            assert team.evaluate(sensor) == []
            assert sentence in team.skipped
    settings(folder).write_text(GOOD)
    (request,) = team.evaluate("inbox")
    assert team.execute(request, "import_exports").success
    assert [planned.partition_key for planned in team.evaluate("automation")] == ["10-v3.2"]


def test_definitions_that_were_loaded_with_a_problem_work_once_it_is_mended(folder):
    folder.root.mkdir()
    settings(folder).write_text(BAD)
    put(folder, "first.csv", ["Yes"])
    with daemon(folder, datetime.datetime(2026, 3, 1, tzinfo=UTC)) as running:
        assert running.tick() == []
        settings(folder).write_text(GOOD)
        running.come_to_rest()
    assert folder.tables.scan(TABLES["question_consensus"], "10-v3.2").collect()["votes"].to_list() == [1]


def test_each_problem_is_reported_once_also_where_alerts_cannot_be_read(team, folder, monkeypatch, hook, caplog):
    monkeypatch.setenv(WEBHOOK_VARIABLE, hook.url)
    settings(folder).write_text("[alerts\n")
    for _ in range(3):
        team.evaluate("automation")
    settings(folder).write_text(BAD)
    team.evaluate("automation")
    settings(folder).write_text(GOOD)
    team.evaluate("automation")
    settings(folder).write_text(BAD)
    team.evaluate("automation")
    problems = [message["text"].splitlines()[1] for message in hook.messages]
    assert ["not a TOML file" in problem for problem in problems] == [True, False, False]
    assert problems[1] == problems[2] != problems[0]
    assert "did you mean exclusion.repeat?" in caplog.text


def test_alerts_are_sent_as_the_readable_sections_say(team, folder, hook):
    settings(folder).write_text(f'[alerts]\nwebhook = "{hook.url}"\n{BAD}')
    team.evaluate("automation")
    (message,) = hook.messages
    assert message["text"].startswith("zoo_dag: the settings have a problem, and nothing is imported or built.\n")


def test_a_run_that_failed_for_the_settings_is_requested_again_once_they_are_mended(team, folder):
    put(folder, "first.csv", ["Yes"])
    (request,) = team.evaluate("inbox")
    assert team.execute(request, "import_exports").success
    (planned,) = team.evaluate("automation")
    settings(folder).write_text(BAD)
    assert not team.execute(planned).success
    assert team.evaluate("automation") == []
    settings(folder).write_text(GOOD)
    (again,) = team.evaluate("automation")
    assert (again.job_name, again.partition_key) == (planned.job_name, planned.partition_key)
    assert team.execute(again).success


@pytest.mark.parametrize("job", ["fetch_exports", "import_exports"])
def test_a_run_that_fails_for_the_settings_is_not_retried(folder, job):
    folder.root.mkdir()
    definitions = build_definitions(folder)
    settings(folder).write_text(BAD)
    with instance_of(folder) as instance:
        result = definitions.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)
    kinds = [event.event_type for event in result.all_events]
    assert dg.DagsterEventType.STEP_UP_FOR_RETRY not in kinds
    (failure,) = step_failures(result.all_events)
    assert failure.is_for_the_user
    assert "did you mean exclusion.repeat?" in failure.sentence
