"""Alerts: a real failed run, a real sensor, a real web server and a real program that hear of it."""

import http.server
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import orjson
import pytest
from click.testing import CliRunner

from tests.builders import write_export
from tests.dagster_project import instance_of, votes
from zoo_dag.cli import main as cli
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.alerts import WEBHOOK_VARIABLE, Alert, hooks, send
from zoo_dag.settings.alerts import Alerts
from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES


class Hook:
    """A web server that records its requests, and answers with `codes`, then with 200."""

    def __init__(self) -> None:
        self.messages: list[dict] = []
        self.answers: list[int] = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.messages.append(json.loads(body))
                self.send_response(hook.answers.pop(0) if hook.answers else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/SECRET"


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    threading.Thread(target=hook.server.serve_forever, daemon=True).start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture(autouse=True)
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEBHOOK_VARIABLE, raising=False)


@pytest.fixture
def program(tmp_path: Path) -> tuple[list[str], Path]:
    """A program that writes its input to a file."""
    script, heard = tmp_path / "tell me; please.py", tmp_path / "heard.json"
    script.write_text("import pathlib, sys\npathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())\n")
    return [sys.executable, str(script), str(heard)], heard


def set_alerts(folder: DataFolder, **alerts: object) -> None:
    folder.root.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in alerts.items()]
    (folder.root / "zoo_dag.toml").write_text("[alerts]\n" + "".join(lines))


def put_a_broken_archive(folder: DataFolder) -> None:
    """Put an archive that cannot be unpacked into the inbox."""
    inbox = folder.root / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "classifications.csv.gz").write_bytes(b"\x1f\x8b\x08\x00" + b"0" * 40)


def evaluate(folder: DataFolder, sensor: str, instance: dg.DagsterInstance, cursor: str | None = None):
    """One evaluation of a sensor, as by the daemon."""
    definitions = build_definitions(folder)
    with dg.build_sensor_context(instance=instance, cursor=cursor, definitions=definitions) as context:
        return definitions.resolve_sensor_def(sensor).evaluate_tick(context)


def after(folder: DataFolder, job: dg.JobDefinition, sensor: str = "alert_on_failure", **options):
    """Execute a job, and evaluate a sensor before and after it."""
    with instance_of(folder) as instance:
        first = evaluate(folder, sensor, instance)
        result = job.execute_in_process(instance=instance, raise_on_error=False, **options)
        return result, evaluate(folder, sensor, instance, first.cursor)


def failing_import(folder: DataFolder) -> dg.JobDefinition:
    put_a_broken_archive(folder)
    return build_definitions(folder).resolve_job_def("import_exports")


def test_a_failed_run_is_sent_to_the_webhook_with_the_sentence_and_the_page_of_the_run(folder, hook):
    set_alerts(folder, webhook=hook.url, pages="http://science.example:3000/")
    result, _ = after(folder, failing_import(folder))
    assert not result.success
    (message,) = hook.messages
    title, problem, page, advice = message["text"].splitlines()
    assert set(message) == {"text"}
    assert title == "zoo_dag: the job import_exports failed."
    assert "classifications.csv.gz: the archive is broken" in problem
    assert page == f"The run: http://science.example:3000/runs/{result.run_id}"
    assert advice.startswith("What to do: ")


def test_a_failed_run_is_sent_to_a_program_as_json_and_no_shell_reads_its_arguments(folder, program):
    command, heard = program
    set_alerts(folder, command=command)
    result, _ = after(folder, failing_import(folder))
    message = orjson.loads(heard.read_bytes())
    assert message["run_id"] == result.run_id
    assert message["job"] == "import_exports"
    assert message["partition"] is None
    assert message["page"] is None
    assert len(message["problems"]) == 1
    assert "the archive is broken" in message["text"]


def test_a_run_that_succeeded_sends_no_alert(folder, hook):
    set_alerts(folder, webhook=hook.url)
    job = build_definitions(folder).resolve_job_def("import_exports")
    result, _ = after(folder, job)
    assert result.success
    assert hook.messages == []


def test_the_alert_names_the_partition_of_a_failed_run(folder, hook, import_rows):
    import_rows(votes("3.2", ["Yes"], 1))
    set_alerts(folder, webhook=hook.url)
    folder.tables.path(TABLES["raw_classifications"], "10-v3.2").unlink()
    after(folder, build_definitions(folder).resolve_job_def("one_version"), partition_key="10-v3.2")
    (message,) = hook.messages
    assert message["text"].startswith("zoo_dag: the job one_version failed for 10-v3.2.\n")


def test_without_a_hook_the_sensor_says_that_the_alert_was_not_sent(folder, capfd):
    after(folder, failing_import(folder))
    assert "The alert was not sent: no alert is configured" in "".join(capfd.readouterr())


def test_several_failed_runs_are_reported_at_one_evaluation(folder, hook):
    set_alerts(folder, webhook=hook.url)
    sensor, job = "alert_on_failure", failing_import(folder)
    with instance_of(folder) as instance:
        first = evaluate(folder, sensor, instance)
        runs = [job.execute_in_process(instance=instance, raise_on_error=False).run_id for _ in range(3)]
        second = evaluate(folder, sensor, instance, first.cursor)
        assert [reaction.dagster_run.run_id for reaction in second.dagster_run_reactions] == runs
        assert len(hook.messages) == 3
        evaluate(folder, sensor, instance, second.cursor)
    assert len(hook.messages) == 3


def test_a_run_that_dagster_tries_again_is_not_reported(history_on_disk, folder, hook):
    set_alerts(folder, webhook=hook.url)
    again = {"dagster/max_retries": "1", "dagster/retry_on_asset_or_op_failure": "true"}
    after(folder, failing_import(folder), tags=again)
    assert hook.messages == []


def test_a_run_in_which_a_step_failed_is_not_tried_again(history_on_disk, folder):
    result, _ = after(folder, failing_import(folder))
    with instance_of(folder) as instance:
        assert instance.get_run_by_id(result.run_id).tags["dagster/will_retry"] == "false"


def test_the_address_of_the_environment_goes_before_that_of_the_settings(folder, monkeypatch):
    set_alerts(folder, webhook="https://settings.example")
    assert hooks(folder).webhook == "https://settings.example"
    monkeypatch.setenv(WEBHOOK_VARIABLE, "https://environment.example")
    assert hooks(folder).webhook == "https://environment.example"


def test_broken_settings_leave_the_address_of_the_environment(folder, monkeypatch):
    set_alerts(folder, telephone="123")
    monkeypatch.setenv(WEBHOOK_VARIABLE, "https://environment.example")
    assert hooks(folder).webhook == "https://environment.example"


def test_alerts_are_no_settings_that_make_results_stale():
    assert Settings(alerts=Alerts(webhook="https://a.example")).fingerprint() == Settings().fingerprint()


ALERT = Alert("A title", ("a problem",), "What to do: nothing.")


def test_a_server_in_trouble_is_asked_three_times_at_most(hook, caplog):
    hook.answers = [503, 429]
    assert send(ALERT, Alerts(webhook=hook.url), logging.getLogger("test"))
    assert len(hook.messages) == 3
    hook.answers = [500] * 9
    assert not send(ALERT, Alerts(webhook=hook.url), logging.getLogger("test"))
    assert len(hook.messages) == 6
    assert "the webhook answered 500" in caplog.text
    assert "SECRET" not in caplog.text


def test_an_address_that_does_not_exist_any_more_is_asked_once(hook, caplog):
    hook.answers = [404] * 9
    assert not send(ALERT, Alerts(webhook=hook.url), logging.getLogger("test"))
    assert len(hook.messages) == 1
    assert "the webhook answered 404" in caplog.text


def test_a_server_that_is_not_there_is_written_to_the_log_without_its_address(caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Alerts(webhook=f"http://127.0.0.1:{port}/SECRET")
    assert not send(ALERT, settings, logging.getLogger("test"))
    assert "the webhook was not reached" in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://a.example", "science.example"])
def test_an_address_that_is_not_of_the_web_is_not_opened(address, caplog):
    # As from the environment, which the settings do not check.
    settings = Alerts().model_copy(update={"webhook": address})
    assert not send(ALERT, settings, logging.getLogger("test"))
    assert "the webhook is not a web address" in caplog.text


def test_a_program_that_fails_or_is_missing_is_written_to_the_log(tmp_path, caplog):
    fails = [sys.executable, "-c", "import sys; sys.exit('no mail today')"]
    assert not send(ALERT, Alerts(command=tuple(fails)), logging.getLogger("test"))
    assert "exit code 1: no mail today" in caplog.text
    assert not send(ALERT, Alerts(command=(str(tmp_path / "gone"),)), logging.getLogger("test"))
    assert "gone could not be started (No such file or directory)" in caplog.text


def test_a_hook_that_fails_does_not_stop_the_sensor(folder, hook):
    hook.answers = [404]
    set_alerts(folder, webhook=hook.url)
    result, tick = after(folder, failing_import(folder))
    assert not result.success
    assert len(hook.messages) == 1
    assert tick.cursor


def test_the_text_of_a_volunteer_calls_nobody_and_makes_no_link():
    text = Alert("A title", ("found `<!channel> @everyone\n<http://evil.example|click>`",), "Do.").text
    assert text.splitlines()[1] == "- `found '(!channel) (at)everyone (http://evil.example|click)'`"


def test_a_long_message_is_cut():
    text = Alert("A title", tuple("x" * 1000 for _ in range(9)), "Do.").text
    lines = text.splitlines()
    assert len(lines) == 8
    assert {len(line) for line in lines[1:6]} == {504}
    assert lines[6] == "- and 4 more"


def job_with_a_check(name: str, severity: dg.AssetCheckSeverity, *, passed: bool) -> dg.JobDefinition:
    @dg.asset(check_specs=[dg.AssetCheckSpec("enough_rows", asset="birds")])
    def birds() -> dg.MaterializeResult:
        check = dg.AssetCheckResult(passed=passed, severity=severity, description="only 3 rows")
        return dg.MaterializeResult(check_results=[check])

    job = dg.define_asset_job(name, selection=dg.AssetSelection.assets("birds"))
    return dg.Definitions(assets=[birds], jobs=[job]).resolve_job_def(name)


@pytest.mark.parametrize(
    ("severity", "passed", "told"),
    [
        (dg.AssetCheckSeverity.ERROR, False, 1),
        (dg.AssetCheckSeverity.WARN, False, 0),
        (dg.AssetCheckSeverity.ERROR, True, 0),
    ],
)
def test_a_failed_check_in_a_run_that_succeeded_sends_an_alert(folder, hook, severity, passed, told):
    set_alerts(folder, webhook=hook.url)
    result, _ = after(folder, job_with_a_check("one_version", severity, passed=passed), "alert_on_failed_check")
    assert result.success
    assert len(hook.messages) == told
    for message in hook.messages:
        assert message["text"].splitlines()[:2] == [
            "zoo_dag: a check did not pass in the job one_version.",
            "- `birds, check enough_rows: only 3 rows`",
        ]


def test_a_failed_check_of_a_job_of_others_sends_none(folder, hook):
    set_alerts(folder, webhook=hook.url)
    after(folder, job_with_a_check("nightly", dg.AssetCheckSeverity.ERROR, passed=False), "alert_on_failed_check")
    assert hook.messages == []


def test_a_command_without_a_terminal_sends_an_alert(tmp_path, hook, monkeypatch):
    monkeypatch.setenv(WEBHOOK_VARIABLE, hook.url)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "data" / "dagster_home"))
    export = write_export(tmp_path / "classifications.csv", votes("3.2", ["Yes"], 1))
    assert CliRunner().invoke(cli.main, ["run", str(export), "--data", str(tmp_path / "data")]).exit_code == 0
    assert hook.messages == []
    missing = CliRunner().invoke(cli.main, ["run", str(tmp_path / "gone.csv"), "--data", str(tmp_path / "data")])
    assert missing.exit_code == 2
    (message,) = hook.messages
    assert message["text"].startswith(f"zoo_dag: zoo-dag run on {tmp_path / 'data'} failed.\n")
    assert "gone.csv: no such file." in message["text"]
