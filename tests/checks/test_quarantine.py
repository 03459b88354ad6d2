"""From where on a quarantine warns, and from where on it is an error."""

import pytest

from tests.checks.given import table
from zoo_dag.checks.quarantine import Quarantined, judged
from zoo_dag.settings.checks import Checks

ROWS = table("quarantine", {"column": "metadata", "reason": "not JSON", "found": "{"})


@pytest.mark.parametrize(
    ("wrong", "whole", "passed", "grave"),
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
def test_a_share_warns_and_a_larger_one_is_an_error_unless_it_is_a_handful(wrong, whole, passed, grave):
    found = judged(Quarantined(wrong, whole), ROWS, Checks(), "Download it again.")
    assert (found.passed, found.grave) == (passed, grave)
    assert found.numbers["quarantined"] == wrong


def test_the_shares_are_settings():
    limits = Checks(quarantined=0.5, quarantined_error=0.9)
    assert judged(Quarantined(49, 100), ROWS, limits, "").passed
    assert not judged(Quarantined(51, 100), ROWS, limits, "").grave
