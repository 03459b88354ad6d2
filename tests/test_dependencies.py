"""The versions that are tested: each dependency is pinned and used, and they fit together.

Whether one of them has a known vulnerability, `.ci/audit.py` asks a service on the network.
"""

import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): number for name, number in pins}


def own_requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["dev"]]


def needed() -> tuple[set[str], set[str]]:
    """The names of what zoo_dag and its tools need, through however many others: on this machine, and anywhere."""
    here: set[str] = set()
    anywhere: set[str] = set()
    waiting = [(text, frozenset({""})) for text in own_requirements()]
    seen = set(waiting)
    while waiting:
        text, extras = waiting.pop()
        requirement = Requirement(text)
        marker, name = requirement.marker, canonicalize_name(requirement.name)
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras):
            if "extra" not in str(marker):
                anywhere.add(name)
            continue
        here.add(name)
        further = frozenset(requirement.extras or {""})
        more = {(each, further) for each in distribution(name).requires or ()} - seen
        seen |= more
        waiting.extend(more)
    return here, here | anywhere


def test_every_dependency_is_pinned_to_the_version_that_is_tested() -> None:
    pins, (here, _) = pinned(), needed()
    assert len(here) > len(own_requirements())
    assert {name: version(name) for name in here} == {name: pins.get(name) for name in here}


def test_nothing_is_pinned_that_nobody_needs() -> None:
    assert sorted(pinned().keys() - needed()[1]) == []


def test_the_installed_versions_fit_together() -> None:
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
