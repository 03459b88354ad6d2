"""Asks whether a pinned dependency has a known vulnerability, and fails where one has.

`python .ci/audit.py PIP_AUDIT constraints.txt`. Where nobody can be asked it says so and does not fail: pip-audit
itself then says that no vulnerabilities were found.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

_SECONDS = 60


class Audit(NamedTuple):
    """What is to be said about the dependencies, and whether one is vulnerable."""

    sentences: list[str]
    is_vulnerable: bool


def audit(report: Mapping[str, Any]) -> Audit:
    """What a report of pip-audit says, a mapping from its JSON."""
    packages = report["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']} has a known vulnerability: {known['id']}, "
        f"mended in {', '.join(known['fix_versions']) or 'no version yet'}."
        for package in asked
        for known in package["vulns"]
    ]
    number = f"{len(asked)} of {len(packages)} pinned dependencies"
    if not asked:
        return Audit(["Vulnerabilities were not looked up: the service knows none of the pinned versions."], False)
    if len(asked) < len(packages):
        number += "; the service does not know the others"
    return Audit([f"Vulnerabilities were looked up of {number}: {len(found)} found.", *found], bool(found))


def main() -> None:
    """Ask, and exit with code 1 where a dependency is vulnerable."""
    program, pinned = sys.argv[1:]
    options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    try:
        asked = subprocess.run(  # noqa: S603
            [program, "--requirement", pinned, *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        result = audit(json.loads(asked.stdout))
    except subprocess.TimeoutExpired:
        result = Audit([f"Vulnerabilities were not looked up: no answer within {_SECONDS} seconds."], False)
    except (json.JSONDecodeError, OSError):
        result = Audit(["Vulnerabilities were not looked up: the service cannot be reached."], False)
    print(*result.sentences, sep="\n")
    sys.exit(1 if result.is_vulnerable else 0)


if __name__ == "__main__":
    main()
