"""Every block of code in the documentation: commands and Python run on the demo, settings and data are read.

The README, docs/events.md and docs/task_types.md have tests of their own: `tests/test_readme.py`,
`tests/demo/test_demo.py` and `tests/task_types/ratings`.
"""

import csv
import json
import re
import shlex
import shutil
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest
from click.testing import CliRunner

from zoo_dag.cli.main import main
from zoo_dag.formats.catalogue import CATALOGUE
from zoo_dag.settings.loading import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# With tests of their own.
ELSEWHERE = {"events.md", "task_types.md"}
PAGES = sorted(path.name for path in DOCS.glob("*.md") if path.name not in ELSEWHERE)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# They wait for a person, for Zooniverse, a platform or an object store, or `tests/test_readme.py` and
# `tests/report` run them, or the demo has nothing of their kind.
ONLY_READ = re.compile(
    r"zoo-dag (ui|fetch|demo|run|report|.*--name|.*--format (geojson|camtrap-dp|darwin-core)|.*--data s3)\b"
)
# What the Python of a page has to find, by name.
FOUND = {
    "formats.md": ("rows", "huts"),
    "daily_use.md": ("table",),
    "first_hour.md": ("winners",),
}


def blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of code of a page: language and text."""
    return _BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def commands(text: str) -> list[str]:
    """The commands of a block, each in one line."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ").split("  #")[0] for line in lines if re.match(r"(\$ )?zoo-dag ", line)]


def understood(command: str) -> None:
    """Raises a usage error where the command line does not know a command, or an option of it."""
    called: click.Command | None = main
    context, rest = None, shlex.split(command)[1:]
    while isinstance(called, click.Group):
        context = click.Context(called, context)
        _, called, rest = called.resolve_command(context, rest)
    assert called
    called.make_context(called.name, rest, parent=context)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, demo_by_command: Path) -> Path:
    """A folder in which the demo and a run of its exports have built their tables."""
    folder = tmp_path_factory.mktemp("session")
    for name in ("zoo_demo", "zoo_data"):
        shutil.copytree(demo_by_command, folder / name)
    (folder / "export.csv").write_text("text\n'=1+1\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_and_data_of_a_page_can_be_read(page: str) -> None:
    for kind, text in blocks(page):
        assert kind in {"sh", "console", "python", "py", "toml", "yaml", "json", "csv", "r", "text"}, text
        if kind == "toml":
            Settings.model_validate(tomllib.loads(text))
        if kind == "json":
            json.loads(text)
        if kind == "csv":
            assert len({len(row) for row in csv.reader(text.splitlines())}) == 1


@pytest.mark.parametrize("page", [page for page in PAGES if any("zoo-dag " in text for _, text in blocks(page))])
def test_the_commands_of_a_page_run_and_print_what_it_shows(
    page: str, session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(session)
    monkeypatch.setenv("COLUMNS", "132")
    for kind, text in blocks(page):
        printed = ""
        for command in commands(text) if kind in {"sh", "console"} else ():
            if ONLY_READ.match(command):
                understood(command)
                continue
            # There is no terminal to confirm on.
            sure = ["--dry-run"] if "forget" in command else []
            result = CliRunner().invoke(main, [*shlex.split(command)[1:], *sure])
            assert result.exit_code == 0, f"{command}\n{result.output}"
            printed += result.output
        if kind == "console" and printed:
            shown = [line for line in text.splitlines() if line and not line.startswith(("$", "…"))]
            assert [line for line in shown if line not in printed.splitlines()] == []


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(kind in {"python", "py"} for kind, _ in blocks(page))]
)
def test_the_python_of_a_page_runs(page: str, session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(session)
    # A page whose Python stands alone has imported Polars before.
    found: dict[str, Any] = {"polars": pl}
    for command in [
        each for _, text in blocks(page) for each in commands(text) if each.startswith("zoo-dag export")
    ]:
        if not (ONLY_READ.match(command) or Path(shlex.split(command)[-1]).exists()):
            CliRunner().invoke(main, shlex.split(command)[1:])
    for kind, text in blocks(page):
        if kind in {"python", "py"}:
            code = compile(text, page, "exec")
            if "import pandas" not in text or find_spec("pandas"):
                exec(code, found)  # noqa: S102  (the Python of the page)
    for name in FOUND.get(page, ()):
        value = found[name].collect() if isinstance(found[name], pl.LazyFrame) else found[name]
        assert len(value) > 0, name


def test_the_page_on_formats_has_a_command_for_each() -> None:
    written = [shlex.split(each) for kind, text in blocks("formats.md") if kind == "sh" for each in commands(text)]
    assert {each[each.index("--format") + 1] for each in written} == set(CATALOGUE)


def test_the_extras_that_pages_install_are_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [(DOCS / page).read_text(encoding="utf-8") for page in PAGES]
    named = {extra for text in texts for extra in re.findall(r"(?:zoo_dag|\.)\[([\w-]+)\]", text)}
    assert {"report", "duckdb", "object-store"} <= named <= project["optional-dependencies"].keys()


def test_the_programs_of_the_benchmarks_are_there() -> None:
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    programs = set(re.findall(r"^python (benchmarks/\w+\.py)", text, re.MULTILINE))
    assert programs
    assert [name for name in programs if not (ROOT / name).is_file()] == []
