"""The subject_data cell: ids, and the retirement state at export time, which is left out of hashes."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tests.builders import json_text
from zoo_dag.exports.subject_data import read_cell, subject_ids, subject_states

STATE = {
    "id": 1,
    "workflow_id": 11,
    "classifications_count": 15,
    "retired_at": "2017-01-10T03:27:13.475Z",
    "retirement_reason": None,
}


def stable(cell: str) -> str | None:
    return read_cell(cell)[0]


def test_all_subjects_of_a_pair_are_read_whatever_their_order() -> None:
    cell = json_text({"102": {"retired": None}, "101": {"retired": None}, "99": {}})
    assert subject_ids(cell) == "99;101;102"


def test_a_group_is_itself_unless_asked_for() -> None:
    cell = json_text({"9": {"retired": None, "#subject_group_id": 3, "#group_subject_ids": "102-101"}})
    assert subject_ids(cell) == "9"
    assert subject_ids(cell, expand_groups=True) == "101;102"


def test_an_entry_that_is_no_object_is_a_subject() -> None:
    assert subject_ids('{"5":null}', expand_groups=True) == "5"


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
def test_a_cell_without_a_subject_says_why(cell: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        subject_ids(cell)


@pytest.mark.parametrize(
    "state", [None, True, False, STATE, STATE | {"retired_at": None}, STATE | {"retirement_reason": "blank"}]
)
def test_the_state_of_the_server_is_left_out(state: object) -> None:
    assert stable(json_text({"5": {"retired": state, "x": 1}, "6": {}})) == '{"5":{"x":1},"6":{}}'


@pytest.mark.parametrize("field", ["yes", {"since": 2020}, 3, []])
def test_a_field_of_the_project_that_hides_the_state_stays(field: object) -> None:
    cell = json_text({"5": {"retired": field, "x": 1}})
    assert stable(cell) == cell


def test_metadata_stay_as_they_are() -> None:
    fields = {" x": 1, "#y": [1, None], "a.b": {"c": "1", "retired": None}, "": None}
    assert stable(json_text({"5": {"retired": None, **fields}})) == json_text({"5": fields})


@pytest.mark.parametrize("cell", ["", "[]", "[1, 2]", '{"5":', "null", '{"5": ' + "[" * 300 + "]" * 300 + "}"])
def test_a_cell_that_cannot_be_read_stays_as_it_is(cell: str) -> None:
    assert stable(cell) == cell


AT = datetime(2023, 5, 1, 10, 0, 0, 999_000, tzinfo=UTC)
RETIRED = {"workflow_id": 11, "retired_at": "2023-05-01T10:00:00.999Z"}


def states(*cells: object, keys: tuple[str, ...] = ("#training_subject",)) -> list[tuple[object, ...]]:
    """Whether the subjects of each cell are for training, and when they were retired."""
    texts = [cell if cell is None or isinstance(cell, str) else json_text(cell) for cell in cells]
    return subject_states(pl.Series("subject_data", texts, pl.String), keys).rows()


def test_the_state_of_subjects_is_read() -> None:
    cells = [
        {"1": {"retired": RETIRED}},
        {"1": {"retired": None, "#Training_Subject": "TRUE"}},
        {"1": {"retired": RETIRED, "#training_subject": False}},
        {"1": {"retired": "2001", "retired_at": "2001"}},
        {"1": {"name": "#training_subject"}},
        None,
        "{",
    ]
    assert states(*cells) == [
        (False, AT),
        (True, None),
        (False, AT),
        (False, None),
        (False, None),
        (None, None),
        (False, None),
    ]
    assert states() == []


def test_subjects_shown_together_are_for_training_with_any_and_retired_with_all() -> None:
    later = {"retired": RETIRED | {"retired_at": "2023-05-01T10:00:01.000Z"}, "#training_subject": 1}
    assert states({"1": {"retired": RETIRED}, "2": later}) == [(True, AT + timedelta(milliseconds=1))]
    assert states({"1": {"retired": RETIRED}, "2": {"retired": None}}) == [(False, None)]


def test_keys_that_json_writes_in_another_way_are_found() -> None:
    cell = {"1": {"#sim & <test>": "yes"}}
    assert states(cell, keys=("#sim & <test>",)) == [(True, None)]
    assert states(cell, keys=("#élève",)) == [(False, None)]
