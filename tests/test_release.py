"""What a release consists of is complete, and says one version. `.ci/release.py` builds it, and tries it."""

import re
import runpy
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import yaml

from zoo_dag import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_all_say_the_same_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (newest, *_) = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert {PROJECT["project"]["version"], citation["version"], newest} == {__version__}


def test_the_citation_has_what_its_format_requires_and_the_license_of_the_project() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["license"] == PROJECT["project"]["license"]


def test_files_that_are_not_python_are_in_the_wheel() -> None:
    package = ROOT / "zoo_dag"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["zoo_dag"]
    files = [str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()]
    others = [name for name in files if not name.endswith((".py", ".pyc"))]
    assert len(others) > 5
    assert [name for name in others if not any(fnmatch(name, pattern) for pattern in patterns)] == []
    assert [path for path in package.rglob("*") if path.is_dir() and not has_code(path)] == [
        package / "report" / "templates"
    ]


def has_code(folder: Path) -> bool:
    return folder.name == "__pycache__" or (folder / "__init__.py").is_file()


def test_the_trial_of_a_release_has_a_command_for_each_extra() -> None:
    release = runpy.run_path(str(ROOT / ".ci" / "release.py"))
    assert release["NEEDING"].keys() == PROJECT["project"]["optional-dependencies"].keys() - {"dev"}
    assert release["version"]() == __version__
