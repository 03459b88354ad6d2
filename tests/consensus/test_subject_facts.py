"""What is known about a subject: from the newest subjects export, else from the classifications."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from zoo_dag.consensus.subject_facts import subject_facts
from zoo_dag.tables import TABLES

AT = datetime(2024, 5, 1, tzinfo=UTC)


def table(name: str, rows: list[dict[str, Any]]) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=TABLES[name].dtypes).lazy()


def subject(number: int, subject_set: int = 5, **cells: Any) -> dict[str, Any]:
    row = {"subject_id": number, "workflow_id": 11, "subject_set_id": subject_set, "is_current": True}
    return row | {"metadata": f'{{"n":{number}}}', "locations": [f"{number}.jpg"], "updated_at": AT} | cells


def facts(
    units: list[str],
    subjects: list[dict[str, Any]],
    shown: list[dict[str, Any]] | None = None,
    training: str | None = None,
) -> dict[str, dict[str, Any]]:
    """The facts by unit; the classifications say that the unit `training` is for training."""
    rows = [{"subject_ids": unit, "training": unit == training} for unit in (*units, units[0])]
    classifications = table("classifications", rows)
    found = subject_facts(classifications, table("subjects", subjects), table("shown_subjects", shown or []))
    return {row.pop("subject_ids"): row for row in found.collect().to_dicts()}


def test_a_subjects_export_is_better_than_the_classifications() -> None:
    shown = [
        {"subject_id": 1, "metadata": "shown", "classifications_count": 9, "retired_at": AT},
        {"subject_id": 2, "metadata": "shown", "classifications_count": 8, "retirement_reason": "other"},
    ]
    found = facts(["1", "2", "3"], [subject(1, classifications_count=4)], shown)
    one = {"classifications_count": 4, "retired_at": None, "retirement_reason": None, "metadata": '{"n":1}'}
    two = {"classifications_count": 8, "retired_at": None, "retirement_reason": "other", "metadata": "shown"}
    unknown = {"subject_known": False, "training": False, "subject_set_ids": None, "same_as": None, "urls": None}
    known = unknown | {"subject_known": True, "subject_set_ids": [5], "urls": ["1.jpg"]}
    assert found["1"] == one | known
    assert found["2"] == two | unknown
    assert found["3"] == dict.fromkeys(one) | unknown


def test_the_row_of_the_newest_import_counts() -> None:
    rows = [
        subject(1, 7, classifications_count=10, retired_at=AT, is_current=False),
        subject(1, 6, classifications_count=3),
        subject(2, 7, classifications_count=5, is_current=False),
    ]
    found = facts(["1", "2"], rows)
    assert (found["1"]["classifications_count"], found["1"]["retired_at"]) == (3, None)
    assert found["2"]["classifications_count"] == 5


def test_the_newest_version_of_what_was_shown_counts() -> None:
    shown = [
        {"subject_id": 1, "metadata": "new", "classification_id": 8},
        {"subject_id": 1, "metadata": "old", "classification_id": 7},
    ]
    assert facts(["1"], [], shown)["1"]["metadata"] == "new"


def test_subjects_shown_together_are_known_by_their_members() -> None:
    rows = [
        subject(10, locations=["a", None], classifications_count=4),
        subject(2, locations=["b"], classifications_count=4),
        subject(3, locations=None),
        subject(4, locations=[]),
    ]
    found = facts(["2;10", "2;99", "3;4"], rows)
    assert found["2;10"] == {
        "subject_known": True,
        "training": False,
        "subject_set_ids": [5],
        "same_as": None,
        "urls": ["b", "a", None],
        **dict.fromkeys(("classifications_count", "retired_at", "retirement_reason", "metadata")),
    }
    assert (found["2;99"]["subject_known"], found["2;99"]["urls"]) == (False, ["b"])
    assert (found["3;4"]["subject_known"], found["3;4"]["urls"]) == (True, [])


def test_sets_are_those_of_the_newest_import() -> None:
    rows = [
        subject(1, 9),
        subject(1, 7),
        subject(1, 5, is_current=False),
        subject(2, 4, is_current=False),
        subject(3, None),
    ]
    found = facts(["1", "2", "3", "1;2"], rows)
    assert {unit: row["subject_set_ids"] for unit, row in found.items()} == {
        "1": [7, 9],
        "2": [4],
        "3": [],
        "1;2": [4, 7, 9],
    }


def test_training_is_what_the_subjects_export_says_else_the_classifications() -> None:
    rows = [subject(1, training=True), subject(2, training=False)]
    found = facts(["1", "2", "1;2"], rows, training="2")
    assert {unit: row["training"] for unit, row in found.items()} == {"1": True, "2": False, "1;2": True}
    assert facts(["3", "4"], rows, training="3")["3"]["training"] is True
    assert facts(["3", "4"], rows, training="3")["4"]["training"] is False


def test_pictures_are_compared_with_all_subjects_of_the_workflow() -> None:
    name = '{"Filename":"a.jpg"}'
    rows = [subject(1, metadata=name), subject(2, metadata=name), subject(2, 6, metadata=name), subject(3)]
    shown = [{"subject_id": 4, "metadata": name}, {"subject_id": 3, "metadata": name}]
    found = facts(["1", "3", "4", "1;4"], rows, shown)
    same_as = {unit: row["same_as"] for unit, row in found.items()}
    assert same_as == {"1": [2, 4], "3": None, "4": [1, 2], "1;4": None}
