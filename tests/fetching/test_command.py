"""`zoo-dag fetch`: what it prints, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fetching.conftest import CONTENTS, QUICK
from tests.fetching.panoptes_server import PASSWORD, PROJECT, SLUG, Answer
from zoo_dag.cli import main as cli
from zoo_dag.store.working_copy import close_copies


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose settings have short pauses."""
    folder = tmp_path / "data"
    folder.mkdir()
    names = ("poll_seconds", "slowest_poll_seconds", "pause_seconds", "wait_hours", "timeout_seconds")
    lines = [f"{name} = {getattr(QUICK, name)}" for name in names]
    (folder / "zoo_dag.toml").write_text("\n".join(["[fetching]", *lines, "attempts = 2"]))
    return folder


@pytest.fixture
def zoo(data: Path, monkeypatch: pytest.MonkeyPatch):
    """Call zoo-dag with that data folder."""
    monkeypatch.setenv("ZOO_DAG_DATA", str(data))

    def zoo(*arguments: object) -> Result:
        # The consoles hold the streams of the time they were made, so they are created again.
        monkeypatch.setattr(cli, "_output", cli.Terminal(width=200))
        return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])

    return zoo


def test_fetch_puts_the_exports_into_the_inbox_and_names_the_next_command(server, zoo, data, capsys):
    result = zoo("fetch", PROJECT)
    printed = result.output + capsys.readouterr().out
    assert result.exit_code == 0, printed
    inbox = data / "inbox"
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == {
        f"{PROJECT}-{kind}.csv": content for kind, content in CONTENTS.items()
    }
    assert f"Next: zoo-dag run {inbox} --data {data}" in printed
    for kind in CONTENTS:
        (line,) = [line for line in printed.splitlines() if f" {PROJECT}-{kind}.csv " in line]
        assert " seconds │" in line
    assert list((data / "downloads").iterdir()) == []


def test_the_next_command_names_the_object_store(server, object_store, zoo, data, monkeypatch):
    monkeypatch.setenv("ZOO_DAG_CACHE", str(data / "cache"))
    server.put("workflows")
    url = object_store.new_url()
    result = zoo("fetch", PROJECT, "--kind", "workflows", "--no-wait", "--data", url)
    close_copies()
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith(f" --data {url}")


def test_fetch_says_each_step_while_it_tries_and_how_many_bytes_come(server, tmp_path, data):
    command = [sys.executable, "-m", "zoo_dag", "fetch", str(PROJECT), "--kind", "workflows", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    size = f"({len(CONTENTS['workflows']) / 1000:,.1f} kB)"
    steps = done.stderr.splitlines()
    assert steps[:2] == [f"Project {PROJECT}: signing in to Zooniverse", "workflows: asking for the export"]
    assert steps[2].startswith("workflows: requested")
    assert steps[-2:] == [f"workflows: downloading {size}", f"workflows: in place {size}"]


def test_fetch_says_that_an_export_was_taken_as_it_is(server, zoo, capsys):
    for kind in CONTENTS:
        server.put(kind, hours_ago=3.5)
    result = zoo("fetch", SLUG)
    printed = result.output + capsys.readouterr().out
    assert " 3 hours │" in printed
    assert "subjects: downloaded as it is: the server generates one of a kind in 24 hours." in printed


def test_fetch_of_one_kind_leaves_the_others(server, zoo, data):
    assert zoo("fetch", PROJECT, "--kind", "workflows").exit_code == 0
    assert [path.name for path in (data / "inbox").iterdir()] == [f"{PROJECT}-workflows.csv"]


def test_the_parts_of_a_project_may_stand_in_the_settings_or_in_the_command(server, zoo, data):
    server.parts = {"workflows/55": PROJECT, "subject_sets/7": PROJECT}
    for part in server.parts:
        server.contents[f"{part}/classifications"] = server.contents["classifications"]
    settings = data / "zoo_dag.toml"
    settings.write_text(settings.read_text() + f"\nproject = {PROJECT}\nworkflows = [55]\n")
    fetched = {}
    for given in ((), ("--subject-set", 7), (PROJECT,)):
        assert zoo("fetch", *given, "--kind", "classifications").exit_code == 0
        fetched[given] = {path.name for path in (data / "inbox").iterdir()} - set().union(*fetched.values())
    assert [*fetched.values()] == [
        {f"{PROJECT}-workflow-55-classifications.csv"},
        {f"{PROJECT}-subject-set-7-classifications.csv"},
        {f"{PROJECT}-classifications.csv"},
    ]
    assert zoo("fetch", "--workflow", 55, "--kind", "subjects").exit_code == 2
    assert "takes no option but --data" in zoo("fetch", "--workflow", 55, "--texts").stderr


def test_fetch_without_waiting_asks_for_nothing(server, zoo, data):
    server.put("workflows", hours_ago=100)
    assert zoo("fetch", PROJECT, "--kind", "workflows", "--no-wait").exit_code == 0
    assert server.requests("workflows") == 0
    assert (data / "inbox" / f"{PROJECT}-workflows.csv").read_bytes() == CONTENTS["workflows"]


def test_the_project_may_stand_in_the_settings(server, zoo, data):
    settings = data / "zoo_dag.toml"
    settings.write_text(settings.read_text() + f"\nproject = {PROJECT}\n")
    assert zoo("fetch", "--kind", "workflows").exit_code == 0
    assert (data / "inbox" / f"{PROJECT}-workflows.csv").is_file()


def test_without_a_project_there_is_a_sentence(zoo):
    result = zoo("fetch")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: No project. Name one, such as zoo-dag fetch 1234, or set `project` in [fetching].\n"
    )


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (("PANOPTES_USERNAME", ""), "Set the environment variables PANOPTES_USERNAME and PANOPTES_PASSWORD"),
        (("PANOPTES_PASSWORD", "wrong"), "did not accept the login"),
        (("PANOPTES_ENDPOINT", "http://127.0.0.1:1"), "cannot be reached"),
    ],
)
def test_a_problem_of_the_login_is_one_sentence_and_exit_code_2(server, zoo, monkeypatch, setting, sentence):
    monkeypatch.setenv(*setting)
    result = zoo("fetch", PROJECT)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert PASSWORD not in result.output


def test_a_problem_of_the_storage_host_is_one_sentence_without_the_signature(server, zoo):
    server.put("workflows")
    server.storage_events = [Answer(500)] * 2
    result = zoo("fetch", PROJECT, "--kind", "workflows")
    assert result.exit_code == 2
    assert "answered 500 (Internal Server Error), 2 times in a row" in result.stderr
    assert "SIGNATURE" not in result.output


def test_the_fetched_exports_can_be_run(server, zoo, data, monkeypatch, capsys):
    monkeypatch.setenv("DAGSTER_HOME", str(data / "home"))
    zoo("fetch", PROJECT)
    result = zoo("run", data / "inbox")
    printed = result.output + capsys.readouterr().out
    assert result.exit_code == 0, printed
    assert "All sums match." in printed


def test_the_command_itself_works_as_a_program(server, data):
    environment = os.environ | {"ZOO_DAG_DATA": str(data), "PANOPTES_DEBUG": "1"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "zoo_dag", "fetch", str(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    # In 80 columns too, nothing of a name is cut.
    assert f" {PROJECT}-classifications.csv " in done.stdout
    for secret in ("SIGNATURE", PASSWORD, "TOKEN"):
        assert secret not in done.stdout + done.stderr


def test_a_fetch_that_is_stopped_leaves_no_unfinished_files(server, data):
    server.outcomes["workflows"] = ["silent"]
    # A process that was started in the background ignores Ctrl+C, unless it is set to handle it.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from zoo_dag.__main__ import start; start()"
    )
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, "fetch", str(PROJECT), "--data", str(data), "--kind", "workflows"],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None and not server.requests("workflows"):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate()
    assert process.returncode == 130
    assert (
        messages.splitlines()[-1] == f"Stopped. To go on: zoo-dag fetch {PROJECT} --data {data} --kind workflows"
    )
    assert not list((data / "downloads").glob("*"))
