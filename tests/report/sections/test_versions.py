"""Versions, revisions, and drift."""

from datetime import UTC, datetime

from tests.plots.samples import rows
from zoo_dag.report.sections.versions import versions
from zoo_dag.settings.checks import Checks

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def classification(minor: int, subject: str, excluded: str | None = None) -> dict:
    version = {"workflow_version": f"1.{minor}", "version_major": 1, "version_minor": minor}
    return version | {"subject_ids": subject, "created_at": NOON, "excluded": excluded}


def task(version: str, key: str, revision: str, label: str) -> dict:
    return {
        "workflow_version": version,
        "task": key,
        "task_revision": revision,
        "task_type": "single",
        "task_label": label,
    }


def test_versions_revisions_and_whether_they_may_be_pooled():
    classifications = [classification(10, "1"), classification(9, "1"), classification(9, "2", "repeat")]
    tasks = [
        task("1.9", "T0", "T0@1.9", "Waht?"),
        task("1.10", "T0", "T0@1.9", "**What**?"),
        task("1.10", "T1", "T1@1.10", "Where?"),
    ]
    drift = {
        "workflow_id": 7,
        "task": "T0",
        "task_revision": "T0@1.9",
        "newest_version": "1.10",
        "earlier_versions": ["1.9"],
        "n_votes_newest": 100,
        "n_votes_earlier": 100,
        "n_subjects_of_both": 20,
        "drift": 0.5,
        "drift_q": 0.001,
    }
    section = versions(
        rows("classifications", classifications), rows("tasks", tasks), rows("task_agreement", [drift]), Checks()
    )
    of_each, revisions, drifted = section.parts
    assert of_each.rows.rows() == [("1.9", 2, 1, 2, NOON, NOON), ("1.10", 1, 1, 1, NOON, NOON)]
    assert revisions.rows.rows() == [
        ("T0", "T0@1.9", "single", "What?", "1.9, 1.10"),
        ("T1", "T1@1.10", "single", "Where?", "1.10"),
    ]
    (table,) = drifted.parts
    assert table.rows.rows() == [("T0@1.9", "1.10", "1.9", 20, 0.5, 0.001, "no")]
    assert drifted.sentences[1].startswith("T0 of workflow 7 since 1.9 is answered differently in 1.10")
    assert section.sentences == [
        "2 versions of the workflow have classifications.",
        "2 tasks have 2 revisions: votes of versions in which a task means the same count together.",
    ]


def test_without_a_workflows_export_nothing_is_said_of_revisions():
    found = rows("classifications", [classification(9, "1")])
    section = versions(found, rows("tasks", []), rows("task_agreement", []), Checks())
    assert section.sentences == ["1 version of the workflow has classifications."]
    assert [part.rows.height for part in section.parts[:1]] == [1]
    nothing = rows("classifications", [])
    assert versions(nothing, rows("tasks", []), rows("task_agreement", []), Checks()).parts == ()
