"""Every format has a module, a section of the page, and its line in the help."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from zoo_dag.cli.main import main
from zoo_dag.formats.catalogue import CATALOGUE, Format

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def target(each: Format) -> str:
    return f"a file `{each.suffixes[0]}`" if each.suffixes else "a folder"


def test_the_page_lists_the_formats_as_they_are_declared() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert rows == [(each.name, each.description, target(each)) for each in CATALOGUE.values()]


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_format_is_a_module_with_a_section_of_the_page(name: str) -> None:
    module = import_module(f"zoo_dag.formats.{name.replace('-', '_')}")
    assert list(inspect.signature(module.write).parameters) == ["source", "target"]
    assert re.search(rf"^## .*`{name}`", PAGE, re.MULTILINE)


def test_the_help_lists_the_formats_and_a_shell_completes_them() -> None:
    text = CliRunner().invoke(main, ["export", "--help"]).output
    assert [name for name in CATALOGUE if not re.search(rf"^  {name} +\w", text, re.MULTILINE)] == []
    complete = {"_ZOO_DAG_COMPLETE": "bash_complete", "COMP_WORDS": "zoo-dag export --format ", "COMP_CWORD": "3"}
    offered = CliRunner().invoke(main, env=complete, prog_name="zoo-dag").output
    assert [line.partition(",")[2] for line in offered.splitlines()] == list(CATALOGUE)
