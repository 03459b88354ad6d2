"""What the audit of dependencies says: pip-audit calls a dependency that it could not look up sound."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parents[1] / ".ci" / "audit.py"
SOUND = {"name": "click", "version": "8.1", "vulns": []}
VULNERABLE = {"name": "rich", "version": "13.7", "vulns": [{"id": "PYSEC-1", "fix_versions": ["13.8", "14.0"]}]}
UNKNOWN = {"name": "numpy", "skip_reason": "not found"}
ALL = "2 of 2 pinned dependencies: "
SOME = "1 of 2 pinned dependencies; the service does not know the others: "


@pytest.mark.parametrize(
    ("dependencies", "said", "is_vulnerable"),
    [
        ([SOUND, SOUND], [f"Vulnerabilities were looked up of {ALL}0 found."], False),
        ([SOUND, UNKNOWN], [f"Vulnerabilities were looked up of {SOME}0 found."], False),
        (
            [SOUND, VULNERABLE],
            [
                f"Vulnerabilities were looked up of {ALL}1 found.",
                "rich 13.7 has a known vulnerability: PYSEC-1, mended in 13.8, 14.0.",
            ],
            True,
        ),
        (
            [UNKNOWN],
            ["Vulnerabilities were not looked up: the service knows none of the pinned versions."],
            False,
        ),
    ],
)
def test_what_could_not_be_looked_up_is_not_called_sound(
    dependencies: list[dict[str, Any]], said: list[str], is_vulnerable: bool
) -> None:
    audit: Callable[[dict[str, Any]], tuple[list[str], bool]] = runpy.run_path(str(AUDIT))["audit"]
    assert audit({"dependencies": dependencies, "fixes": []}) == (said, is_vulnerable)


@pytest.mark.parametrize("program", ["/nowhere/pip-audit", "echo"])
def test_a_service_out_of_reach_is_said_and_is_no_failure(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["audit.py", program, "constraints.txt"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(AUDIT), run_name="__main__")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said == "Vulnerabilities were not looked up: the service cannot be reached.\n"
