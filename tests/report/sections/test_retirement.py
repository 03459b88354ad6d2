"""Retired subjects against the rule, and the rules of the settings."""

from datetime import UTC, datetime

from tests.plots.samples import rows
from tests.volunteers.vote_rows import vote_rows
from zoo_dag.report.sections.retirement import Rule, against, retirement, rule_of
from zoo_dag.settings.retirement import Rule as OwnRule
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.retirements import replay_rules

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
NO_RULES = rows("retirements", [])


def subject(number: int, n: int, *, retired: bool, server: int | None = None) -> dict:
    return {
        "workflow_id": 7,
        "subject_id": number,
        "subject_known": True,
        "n_classifications": n,
        "classifications_count": server,
        "n_after_retirement": 1,
        "retired_at": NOON if retired else None,
        "retirement_reason": "classification_count" if retired else None,
    }


SUMMARY = rows(
    "subject_summary",
    [subject(1, 10, retired=True), subject(2, 3, retired=True, server=12), subject(3, 4, retired=False)],
)


def test_the_rule_is_that_of_the_newest_version():
    versions = [
        {
            "version_major": 2,
            "version_minor": 10,
            "retirement_criteria": "classification_count",
            "retirement_count": 15,
        },
        {"version_major": 2, "version_minor": 9, "retirement_criteria": "never_retire", "retirement_count": None},
    ]
    assert rule_of(rows("workflow_versions", versions)) == Rule("classification_count", 15)
    assert rule_of(rows("workflow_versions", [])) == Rule(None, None)


def test_subjects_by_reason_and_against_the_rule():
    section = retirement(SUMMARY, NO_RULES, Rule("classification_count", 10))
    reasons, table = section.parts
    assert reasons.numbers.rows() == [("classification count", 2), ("not retired", 1)]
    assert table.rows.rows() == [("fewer than 10", 0, 1), ("10", 1, 0), ("more than 10", 1, 0)]
    assert section.sentences == [
        "2 of 3 subjects are retired (67 %). 3 classifications that count were made after that.",
        "By the rule of the newest version a subject retires after 10 classifications.",
    ]


def test_what_the_server_counts_goes_before_our_own_number():
    assert against(SUMMARY, 12).rows() == [("fewer than 12", 1, 1), ("12", 1, 0), ("more than 12", 0, 0)]


def test_other_rules_and_none_are_named():
    assert retirement(SUMMARY, NO_RULES, Rule("never_retire", None)).sentences[1] == (
        "The rule of the newest version is never retire."
    )
    assert "not known" in retirement(SUMMARY, NO_RULES, Rule(None, None)).sentences[1]


def test_the_rules_of_the_settings_are_replayed():
    votes = vote_rows([(str(subject), who, "a") for subject in range(4) for who in "uvwx"])
    replayed = replay_rules(by_task(votes), [OwnRule(kind="count", votes=3)]).table.lazy()
    group = retirement(SUMMARY, replayed, Rule(None, None)).parts[-1]
    (table,) = group.parts
    assert table.rows.select("Task", "Subjects", "Retired", "Share of votes saved").rows() == [
        ("T0@1.1", 4, 4, 0.25)
    ]
    assert "25 % of 16 votes would be saved" in group.sentences[0]
