"""The subject_data cell: ids, metadata, and the retirement state at export time."""

from datetime import UTC, datetime

import polars as pl
import pytest

from tests.builders import json_text
from zoo_dag.exports.cells import utc_time
from zoo_dag.exports.subject_data import SubjectEntry, subject_entries, subject_ids

STATE = {
    "id": 1,
    "workflow_id": 11,
    "classifications_count": 15,
    "retired_at": "2017-01-10T03:27:13.475Z",
    "retirement_reason": None,
}


def entry(value: object) -> SubjectEntry:
    return subject_entries(json_text({"5": value}))[5]


def test_all_subjects_of_a_pair_are_found_whatever_their_order() -> None:
    cell = json_text({"102": {"retired": None}, "101": {"retired": None}, "99": {}})
    assert subject_ids(cell) == "99;101;102"
    assert set(subject_entries(cell)) == {99, 101, 102}


def test_a_group_is_itself_unless_asked_for() -> None:
    cell = json_text({"9": {"retired": None, "#subject_group_id": 3, "#group_subject_ids": "102-101"}})
    assert subject_ids(cell) == "9"
    assert subject_ids(cell, expand_groups=True) == "101;102"


def test_a_field_of_the_users_own_hides_the_state() -> None:
    assert entry({"retired": "yes", "x": 1}) == SubjectEntry({"retired": "yes", "x": 1}, retired=None)
    own = {"retired": {"since": 2020}}
    assert entry(own) == SubjectEntry(own, retired=None)


def test_the_truth_values_of_2015_are_a_state() -> None:
    assert entry({"retired": True, "x": 1}) == SubjectEntry({"x": 1}, retired=True)
    assert entry({"retired": False}).retired is False
    assert entry({"retired": None}).retired is False
    assert entry({}).retired is None


def test_a_subject_retired_without_a_reason_is_retired() -> None:
    found = entry({"retired": STATE, "name": "a.jpg"})
    assert (found.retired, found.retirement_reason, found.classifications_count) == (True, None, 15)
    assert found.metadata == {"name": "a.jpg"}
    assert entry({"retired": STATE | {"retirement_reason": "nothing_here"}}).retirement_reason == "nothing_here"
    assert entry({"retired": STATE | {"retired_at": None}}).retired is False


def test_times_are_those_of_the_subjects_export_to_the_second() -> None:
    time = utc_time(pl.Series([entry({"retired": STATE}).retired_at])).dt.truncate("1s")
    assert time.to_list() == [datetime(2017, 1, 10, 3, 27, 13, tzinfo=UTC)]


def test_metadata_is_kept_as_it_is() -> None:
    fields = {" x": 1, "#y": [1, None], "a.b": {"c": "1"}, "": None}
    assert entry({"retired": None, **fields}).metadata == fields


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("", "not JSON"),
        ("[]", "expected a JSON object, found list"),
        ("{}", "no subject in it"),
        ('{"x":{}}', "expected a subject id, found 'x'"),
        ('{"1234567890123456789":{}}', "expected a subject id"),
    ],
)
def test_a_cell_that_tells_no_subject_says_why(cell: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        subject_ids(cell)


def test_an_entry_that_is_no_object_has_no_metadata() -> None:
    assert entry(None) == SubjectEntry({})
