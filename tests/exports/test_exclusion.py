"""Which classifications are left out of consensus, and for which reason."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from zoo_dag.exports.exclusion import SCOPE_COLUMNS, exclusions, is_listed
from zoo_dag.settings.results import Exclusion
from zoo_dag.tables import TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS

START = datetime(2024, 3, 5, 1, 0, 0, tzinfo=UTC)
DTYPES = {
    "classification_id": pl.Int64,
    "user_key": pl.String,
    "workflow_id": pl.Int64,
    "subject_ids": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
    "started_at": pl.Datetime("us", "UTC"),
    "finished_at": pl.Datetime("us", "UTC"),
    "annotations": pl.String,
    "gold_standard": pl.Boolean,
    "live_project": pl.Boolean,
    "translation_bug": pl.Boolean,
    "tutorial_subject_id": pl.Int64,
    "listed": pl.Boolean,
    "training": pl.Boolean,
    "after_retirement": pl.Boolean,
}


def decide(*rows: dict[str, Any], **rules: Any) -> dict[int, str | None]:
    """The decisions by id; rows are numbered from 1 and are one person's on one subject where nothing is said."""
    filled = []
    for number, row in enumerate(rows, 1):
        usual = {
            "classification_id": number,
            "user_key": "user:1",
            "workflow_id": 11,
            "subject_ids": "101",
            "created_at": START + timedelta(minutes=number),
            "started_at": START + timedelta(minutes=number, seconds=-20),
            "finished_at": START + timedelta(minutes=number, seconds=-2),
            "annotations": "[]",
            "live_project": True,
        }
        filled.append({**dict.fromkeys(SCOPE_COLUMNS), **usual, **row})
    frame = exclusions(pl.LazyFrame(filled, schema=DTYPES), Exclusion(**rules)).collect()
    assert frame.columns == ["classification_id", "excluded"]
    assert frame["classification_id"].to_list() == [row["classification_id"] for row in filled]
    return dict(frame.iter_rows())


def somebody(number: int, **fields: Any) -> dict[str, Any]:
    return {"user_key": f"user:{number}", **fields}


def test_of_a_repeat_the_first_counts() -> None:
    assert decide({}, {}, {}) == {1: None, 2: "repeat", 3: "repeat"}
    assert decide({}, {}, {}, repeat="last") == {1: "repeat", 2: "repeat", 3: None}
    assert decide({}, {}, {}, repeat="all") == {1: None, 2: None, 3: None}


def test_of_one_second_the_lowest_id_is_first_whatever_the_order_of_rows() -> None:
    same = {"created_at": START}
    rows = [{**same, "classification_id": number} for number in (3, 1, 2)]
    assert decide(*rows) == {3: "repeat", 1: None, 2: "repeat"}
    assert decide(*rows, repeat="last") == {3: None, 1: "repeat", 2: "repeat"}


def test_another_subject_volunteer_or_workflow_is_no_repeat() -> None:
    rows = [{}, {"subject_ids": "102"}, somebody(2), {"workflow_id": 12}, {"subject_ids": "101;102"}]
    assert set(decide(*rows).values()) == {None}


@pytest.mark.parametrize("flag", [{"gold_standard": True}, {"live_project": False}, {"translation_bug": True}])
def test_a_row_left_out_for_another_reason_is_no_first(flag: dict[str, bool]) -> None:
    decided = decide(flag, {}, {}, somebody(2))
    assert decided[1] not in (None, "repeat")
    assert (decided[2], decided[3]) == (None, "repeat")


def test_of_a_classification_sent_twice_the_lowest_id_stays() -> None:
    content = {"started_at": START, "finished_at": START}
    rows = [content | {"created_at": START + timedelta(minutes=5)}, content | {"created_at": START}]
    assert decide(*rows) == {1: None, 2: "network_duplicate"}
    assert decide(*rows, network_duplicate=False) == {1: "repeat", 2: None}


def test_other_annotations_or_no_times_are_no_duplicate() -> None:
    content = {"started_at": START, "finished_at": START}
    assert decide(content, content | {"annotations": "[1]"}) == {1: None, 2: "repeat"}
    untimed = {"started_at": None}
    assert decide(untimed, untimed) == {1: None, 2: "repeat"}


def test_rows_from_before_launch_are_left_out_where_there_are_live_ones() -> None:
    early = {"live_project": False}
    assert decide(early, somebody(2)) == {1: "pre_launch", 2: None}
    assert decide(early, somebody(2), pre_launch=False) == {1: None, 2: None}
    assert decide(early, somebody(2, live_project=None)) == {1: None, 2: None}
    assert decide(early, somebody(2, workflow_id=12)) == {1: None, 2: None}


def test_no_statement_is_kept() -> None:
    assert decide({"live_project": None}, somebody(2)) == {1: None, 2: None}


def test_gold_standard_is_left_out_unless_wanted() -> None:
    assert decide({"gold_standard": True}, somebody(2, gold_standard=False)) == {1: "gold_standard", 2: None}
    assert decide({"gold_standard": True}, gold_standard=False) == {1: None}


def test_rows_that_the_server_marked_are_left_out() -> None:
    assert decide({"translation_bug": True}, somebody(2, translation_bug=False)) == {1: "known_bad", 2: None}
    assert decide({"translation_bug": True}, known_bad=False) == {1: None}


def test_the_subject_of_the_tutorial_is_left_out() -> None:
    tutorial = {"tutorial_subject_id": 101}
    assert decide(tutorial, {**tutorial, "subject_ids": "102"}) == {1: "tutorial_subject", 2: None}
    assert decide(tutorial, tutorial_subject=False) == {1: None}


def test_the_first_reason_that_applies_is_stored() -> None:
    everything = {
        "gold_standard": True,
        "live_project": False,
        "tutorial_subject_id": 101,
        "translation_bug": True,
    }
    rows = [everything, somebody(2)]
    assert decide(*rows)[1] == "gold_standard"
    assert decide(*rows, gold_standard=False)[1] == "pre_launch"
    assert decide(*rows, gold_standard=False, pre_launch=False)[1] == "tutorial_subject"
    assert decide(*rows, gold_standard=False, pre_launch=False, tutorial_subject=False)[1] == "known_bad"


def test_what_the_settings_list_is_no_first_of_repeats() -> None:
    assert decide({"listed": True}, {}, {}) == {1: "listed", 2: None, 3: "repeat"}
    assert decide({"listed": True, "gold_standard": True}) == {1: "gold_standard"}


@pytest.mark.parametrize(("field", "reason"), [("training", "training_subject"), ("after_retirement",) * 2])
def test_reasons_that_are_off_by_default(field: str, reason: str) -> None:
    rows = [{field: True}, somebody(2, **{field: False}), somebody(3, **{field: None})]
    assert decide(*rows) == {1: None, 2: None, 3: None}
    assert decide(*rows, **{reason: True}) == {1: reason, 2: None, 3: None}


def listed(rules: dict[str, Any], *rows: dict[str, Any]) -> list[bool]:
    """Which rows the settings list; a row is ann's, of workflow 11, version 3.10, at START."""
    usual = {
        "user_key": "user:7",
        "user_name": "Ann",
        "workflow_id": 11,
        "workflow_version": "3.10",
        "created_at": START,
    }
    frame = pl.DataFrame([usual | row for row in rows], schema_overrides={"created_at": DTYPES["created_at"]})
    return frame.select(is_listed(Exclusion.model_validate(rules))).to_series().to_list()


def test_volunteers_are_listed_by_login_id_or_key() -> None:
    rows = [
        {},
        {"user_name": "bob", "user_key": "user:8"},
        {"user_name": "not-logged-in-x", "user_key": "session:S1"},
        {"user_name": None, "user_key": "user:AB12"},
        {"user_name": "7", "user_key": "name:7"},
    ]
    assert listed({"users": ["ann"]}, *rows) == [True, False, False, False, False]
    assert listed({"users": ["BOB ", "session:s1"]}, *rows) == [False, True, True, False, False]
    assert listed({"users": [8, "ab12"]}, *rows) == [False, True, False, True, False]
    # A number is an id, and may be a login.
    assert listed({"users": ["7"]}, *rows) == [True, False, False, False, True]
    assert listed({}, *rows) == [False] * 5


def test_times_are_listed_from_a_moment_or_a_day_on() -> None:
    moments = [START - timedelta(seconds=1), START, START + timedelta(seconds=1), None]
    rows = [{"created_at": moment} for moment in moments]
    assert listed({"before": "2024-03-05 01:00:00 UTC"}, *rows) == [True, False, False, False]
    assert listed({"after": "2024-03-05T03:00:00+02:00"}, *rows) == [False, False, True, False]
    days = [
        {"created_at": datetime(2024, 3, day, hour, tzinfo=UTC)}
        for day, hour in ((4, 23), (5, 0), (5, 23), (6, 0))
    ]
    assert listed({"before": date(2024, 3, 5)}, *days) == [True, False, False, False]
    assert listed({"after": date(2024, 3, 5)}, *days) == [False, False, False, True]
    assert listed({"before": "2024-03-05", "after": "2024-03-05"}, *days) == [True, False, False, True]


def test_versions_are_listed_in_every_workflow_or_in_one() -> None:
    rows = [{}, {"workflow_id": 12}, {"workflow_version": "3.1"}, {"workflow_version": "13.10"}]
    assert listed({"versions": ["3.10"]}, *rows) == [True, True, False, False]
    assert listed({"versions": ["12 3.10", "11-v3.1"]}, *rows) == [False, True, True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"versions": [3.1]},
        {"versions": ["3"]},
        {"versions": ["v3.10"]},
        {"versions": ["Birds 3.10"]},
        {"before": "last spring"},
        {"after": "05/03/2024"},
        {"users": [True]},
    ],
)
def test_a_list_that_cannot_be_read_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Exclusion.model_validate(wrong)


def test_order_is_that_of_the_server_not_of_the_client() -> None:
    late_clock = {"started_at": START + timedelta(days=1), "finished_at": START + timedelta(days=1)}
    assert decide(late_clock, {}) == {1: None, 2: "repeat"}


def test_no_rows_give_no_decisions() -> None:
    assert decide() == {}


def test_every_reason_has_a_setting_and_a_column_of_the_accounting() -> None:
    lists = {"users", "before", "after", "versions"}
    assert set(Exclusion.model_fields) - lists == set(EXCLUSION_REASONS) - {"listed"}
    columns = [name for name in TABLES["accounting"].dtypes if name.startswith("excluded_")]
    assert columns == [f"excluded_{reason}" for reason in EXCLUSION_REASONS]
