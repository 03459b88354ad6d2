"""Every command that the README shows is run, in its order, and does what the README says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from zoo_dag.cli.main import main

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


@pytest.fixture(scope="module")
def printed(session: Path) -> dict[str, str]:
    """What each command of the session prints, in its order; of `zoo-dag ui` nothing, since it waits."""
    found = {}
    with pytest.MonkeyPatch.context() as user:
        user.chdir(session)
        user.setenv("COLUMNS", "132")
        for name in ("DAGSTER_HOME", "ZOO_DAG_DATA"):
            user.delenv(name, raising=False)
        for command in COMMANDS:
            if command.startswith("zoo-dag") and not command.startswith("zoo-dag ui"):
                result = CliRunner().invoke(main, shlex.split(command)[1:])
                assert result.exit_code == 0, f"{command}\n{result.output}"
                found[command] = result.stdout
    return found


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


def test_every_command_of_the_session_runs_and_prints_what_the_readme_shows(session, printed):
    shown = [body for kind, body in BLOCKS if kind == "text"]
    for block, command in zip(shown, list(printed)[:2], strict=True):
        missing = set(rows_of(block)) - set(rows_of(printed[command]))
        assert not missing, command
    assert (
        (session / "consensus.csv").read_text().startswith("workflow_id,workflow_version,partition,parent_task,")
    )
    assert (session / "classifications.parquet").stat().st_size > 0


@pytest.mark.usefixtures("printed")
def test_the_python_of_the_readme_runs_after_the_session(session, monkeypatch, capsys):
    (code,) = [body for kind, body in BLOCKS if kind == "python"]
    monkeypatch.chdir(session)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  (the Python of the page)
    assert "fraction_low" in capsys.readouterr().out


def test_the_other_commands_are_the_page_and_a_line_for_cron():
    others = [command for command in COMMANDS if not command.startswith("zoo-dag")]
    assert others == ["0 5 * * *   zoo-dag run /exports --data /science/zoo_data"]
    assert "zoo-dag ui --data zoo_data" in COMMANDS
