"""The share above which a quarantine warns, and the share above which it is an error."""

import pytest

from tests.checks.inputs import table
from zoo_dag.checks.quarantine import Quarantined, evaluate
from zoo_dag.settings.checks import Checks

ROWS = table("quarantine", {"column": "metadata", "reason": "not JSON", "found": "{"})


@pytest.mark.parametrize(
    ("wrong", "total", "passed", "is_error"),
    [
        (0, 100, True, False),
        (1, 100, True, False),
        (2, 100, False, False),
        (20, 100, False, False),
        (21, 100, False, True),
        (9, 10, False, False),
        (10, 10, False, True),
        (2, 2, False, True),
        (0, 0, True, False),
    ],
)
def test_a_share_warns_and_a_larger_one_is_an_error_unless_it_is_a_handful(wrong, total, passed, is_error):
    finding = evaluate(Quarantined(wrong, total), ROWS, Checks(), "Download it again.")
    assert (finding.passed, finding.is_error) == (passed, is_error)
    assert finding.numbers["quarantined"] == wrong


def test_the_shares_are_settings():
    limits = Checks(quarantined=0.5, quarantined_error=0.9)
    assert evaluate(Quarantined(49, 100), ROWS, limits, "").passed
    assert not evaluate(Quarantined(51, 100), ROWS, limits, "").is_error
