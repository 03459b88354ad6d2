"""Every command that the README shows is run, in its order, and does what the README says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(kind, body) for kind, body in _BLOCK.findall(README)]
COMMANDS = [line for kind, body in BLOCKS[1:] if kind == "sh" for line in body.splitlines()]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, demo_by_command: Path) -> Path:
    """A folder in which the demo has run, as the README's first command leaves it."""
    folder = tmp_path_factory.mktemp("session")
    shutil.copytree(demo_by_command, folder / "zoo_demo")
    return folder


def run(command: list[str], folder: Path) -> str:
    """Run a command as a user would, and return what it prints."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "ZOO_DAG_DATA")
    }
    environment |= {"COLUMNS": "132", "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, f"{shlex.join(command)}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def rows_of(text: str) -> list[str]:
    """What a table says, without its frame."""
    return [
        " ".join(line.split())
        for line in text.splitlines()
        if line.strip() and "━" not in line and "─" not in line
    ]


def test_the_first_block_has_the_two_commands_that_set_up_a_fresh_machine():
    first, second = BLOCKS[0][1].splitlines()
    assert first.endswith("zoo-dag demo --data zoo_demo")
    assert second == ".venv/bin/python -m pytest"


def test_every_command_of_the_session_runs_and_prints_what_the_readme_shows(session):
    commands = [
        command for command in COMMANDS if command.startswith("zoo-dag") and not command.startswith("zoo-dag ui")
    ]
    printed = {command: run(shlex.split(command), session) for command in commands}
    shown = [body for kind, body in BLOCKS if kind == "text"]
    for block, command in zip(shown, [commands[0], commands[1]], strict=True):
        missing = set(rows_of(block)) - set(rows_of(printed[command]))
        assert not missing, command
    assert (
        (session / "consensus.csv").read_text().startswith("workflow_id,workflow_version,partition,parent_task,")
    )
    assert (session / "classifications.parquet").stat().st_size > 0


def test_the_python_of_the_readme_runs_after_the_session(session):
    (code,) = [body for kind, body in BLOCKS if kind == "python"]
    (command,) = [command for command in COMMANDS if command.startswith("zoo-dag run")]
    run(shlex.split(command), session)
    assert "fraction_low" in run([sys.executable, "-c", code], session)


def test_the_other_commands_are_the_page_and_a_line_for_cron():
    others = [command for command in COMMANDS if not command.startswith("zoo-dag")]
    assert others == ["0 5 * * *   zoo-dag run /exports --data /science/zoo_data"]
    assert "zoo-dag ui --data zoo_data" in COMMANDS
