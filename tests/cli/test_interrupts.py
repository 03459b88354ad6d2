"""Ctrl+C: a sentence and code 130 at any time, and the same command goes on."""

import logging
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

import zoo_dag
from tests.builders import classification_row, write_export
from zoo_dag.cli import interrupts
from zoo_dag.cli.main import main

# The command, which says when it has begun: a busy machine may take long to start Python.
COMMAND = """
from zoo_dag.cli.interrupts import end_at_interrupt
end_at_interrupt()
print("begun", flush=True)
from zoo_dag.__main__ import start
start()
"""
HIDE_CURSOR, SHOW_CURSOR, CLEAR_LINE = b"\x1b[?25l", b"\x1b[?25h", b"\x1b[2K"


@pytest.mark.parametrize("seconds", [0.2, 2])
def test_a_run_that_is_stopped_says_how_to_go_on_and_goes_on(
    seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [classification_row(number, workflow_version=f"3.{number}") for number in range(1, 16)]
    command = ["run", "--data", str(tmp_path / "data"), str(write_export(tmp_path / "a b.csv", rows))]
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", COMMAND, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate()
    file = f"'{tmp_path / 'a b.csv'}'"
    assert messages.strip().splitlines()[-1] == f"Stopped. To go on: zoo-dag run --data {tmp_path / 'data'} {file}"
    assert "Traceback" not in messages
    assert process.returncode == 130
    if seconds < 1:
        # Nothing was done yet.
        return
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 0, again.stderr
    assert zoo_dag.scan("classifications", tmp_path / "data").collect().height == 15


# The progress bar is drawn, and Dagster is being loaded.
DURING_PROGRESS = """
import os, signal, time
from zoo_dag.cli.terminal import Terminal
from zoo_dag.cli.interrupts import end_at_interrupt
from zoo_dag.cli.running import progress
end_at_interrupt()
with progress(Terminal(stderr=True)):
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
"""


def test_the_terminal_is_left_with_the_sentence_and_a_cursor() -> None:
    terminal, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", DURING_PROGRESS], stdout=subprocess.DEVNULL, stderr=end, env=environment
    ) as process:
        os.close(end)
        written = b"".join(_read_all(terminal))
    os.close(terminal)
    assert process.returncode == 130
    assert HIDE_CURSOR in written
    assert written.split(HIDE_CURSOR)[-1].endswith(b"\r" + CLEAR_LINE + SHOW_CURSOR + b"Stopped.\r\n")


def _read_all(terminal: int) -> Iterator[bytes]:
    # Linux reports the end of a terminal as an error.
    with suppress(OSError):
        while read := os.read(terminal, 65536):
            yield read


def test_only_commands_that_go_on_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["zoo-dag", "tables", "--data", "x"])
    assert interrupts.sentence() == "Stopped."
    monkeypatch.setattr(sys, "argv", ["zoo-dag", "fetch", "7"])
    assert interrupts.sentence() == "Stopped. To go on: zoo-dag fetch 7"


def test_what_libraries_log_about_the_interruption_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    def close() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:
            logging.getLogger("pool").exception("Exception closing connection")
            raise

    with pytest.raises(KeyboardInterrupt), interrupts.raising_interrupts():
        close()
    logging.getLogger("pool").error("Another fault.")
    assert [record.message for record in caplog.records] == ["Another fault."]
