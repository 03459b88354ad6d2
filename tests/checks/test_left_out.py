"""How much of a workflow is left out of the consensus, and why."""

from typing import Any

import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks.finding import Finding
from zoo_dag.checks.left_out import EXPLAINED, few_are_left_out
from zoo_dag.settings.loading import Settings
from zoo_dag.tables.ledger import EXCLUSION_REASONS


def found(reasons: dict[str | None, int], settings: dict[str, Any] | None = None, key: str = "user:1") -> Finding:
    rows = [{"excluded": reason, "user_key": key} for reason, number in reasons.items() for _ in range(number)]
    return few_are_left_out(check_input("10", settings, classifications=table("classifications", *rows)))


def test_a_third_left_out_as_repeats_is_a_warning_that_says_why_and_names_the_setting():
    finding = found({None: 65, "repeat": 33, "gold_standard": 2})
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "Left out of the consensus as repeat: 33 of 100 classifications (33 %). The same volunteer classified the "
        "same subject several times, and only the first counts."
    )
    assert 'exclusion.repeat = "first", "last" or "all" says which of them count.' in finding.advice
    assert "gold_standard" not in finding.message + finding.advice
    assert finding.numbers == {"classifications": 100, "left out": 35, "share left out": 0.35}


def test_the_share_is_that_of_one_reason_and_more_than_the_limit():
    passes = found({None: 80, "repeat": 10, "pre_launch": 10})
    assert passes.passed
    assert passes.message == (
        "Left out of the consensus: 20 of 100 classifications (20 %), for no reason more than 10 %."
    )
    assert not found({None: 79, "repeat": 11, "pre_launch": 10}).passed
    assert found({None: 79, "repeat": 21}, {"checks": {"left_out": 0.21}}).passed
    assert found({}).passed


def test_the_volunteer_that_counts_and_those_known_by_an_address_are_said():
    finding = found({None: 70, "repeat": 30}, {"exclusion": {"repeat": "last"}}, key="ip:a")
    assert finding.message.endswith(
        "only the last counts. 30 classifications of these come from people known only by their network address, "
        "which several may share."
    )
    assert "address" not in found({None: 70, "gold_standard": 30}, key="ip:a").message


@pytest.mark.parametrize("reason", EXCLUSION_REASONS)
def test_every_reason_is_explained_with_settings_that_there_are(reason):
    finding = found({None: 3, reason: 3})
    assert f"as {reason}: 3 of 6 classifications (50 %). " in finding.message
    names = [word.strip(",.") for word in EXPLAINED[reason].setting.split() if word.startswith("exclusion.")]
    assert names
    assert {name.removeprefix("exclusion.") for name in names} <= set(type(Settings().exclusion).model_fields)
