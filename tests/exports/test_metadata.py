"""The metadata of a classification: the keys that tables use, of any type that clients send."""

import polars as pl
import pytest

from tests.builders import json_text
from zoo_dag.exports.metadata import METADATA_DTYPES, metadata_columns


def columns(*cells: object) -> pl.DataFrame:
    return metadata_columns(
        pl.Series([json_text(cell) if isinstance(cell, dict) else cell for cell in cells], dtype=pl.String)
    )


def test_the_keys_become_columns() -> None:
    state = {"already_seen": False, "retired": True}
    frame = columns({"session": "s", "classifier_version": "2.0", "subject_selection_state": state})
    assert frame.schema == METADATA_DTYPES
    row = frame.row(0, named=True)
    assert (row["session"], row["classifier_version"]) == ("s", "2.0")
    assert (row["already_seen"], row["retired_when_shown"]) == (False, True)
    assert row["metadata_problem"] is None


def test_seen_before_may_be_text_and_absence_is_not_false() -> None:
    frame = columns({"seen_before": True}, {"seen_before": "true"}, {}, {"seen_before": "false"}, None)
    assert frame["seen_before"].to_list() == [True, True, None, False, None]


def test_live_project_is_null_where_the_server_did_not_say() -> None:
    assert columns({"live_project": False}, {"live_project": True}, {})["live_project"].to_list() == [
        False,
        True,
        None,
    ]


def test_the_mark_of_a_bad_row_is_read() -> None:
    assert columns({"translation_bug": True}, {})["translation_bug"].to_list() == [True, None]


def test_what_the_volunteer_was_shown_is_in_the_selection_state() -> None:
    frame = columns({"subject_selection_state": {"retired": True}}, {"subject_selection_state": None}, {})
    assert frame["retired_when_shown"].to_list() == [True, None, None]


def test_values_of_another_type_are_text_or_null() -> None:
    frame = columns({"session": 17, "source": ["api"], "live_project": 1, "subject_selection_state": []}, {})
    assert frame.row(0, named=True) == dict.fromkeys(METADATA_DTYPES) | {
        "session": "17",
        "n_feedback": 0,
        "n_feedback_right": 0,
    }


def test_training_feedback_is_counted() -> None:
    right, wrong = {"id": "7", "strategy": "singleAnswerQuestion", "success": True}, {"id": "8", "success": False}
    frame = columns(
        {"feedback": {"T0": [right, wrong], "T1": [right]}},
        {"feedback": {}},
        {},
        {"feedback": {"T0": [{"id": "7"}, "x", {"success": "true"}], "T1": None}},
        {"feedback": [right]},
    )
    assert frame.select("n_feedback", "n_feedback_right").rows() == [(3, 2), (0, 0), (0, 0), (1, 1), (0, 0)]


@pytest.mark.parametrize("cell", ["", "{", "nope"])
def test_a_cut_off_cell_is_a_problem_of_its_row_only(cell: str) -> None:
    frame = columns(cell, {"session": "s"})
    assert frame["metadata_problem"][0].startswith("not JSON: ")
    assert frame["session"].to_list() == [None, "s"]
    assert frame["metadata_problem"][1] is None


@pytest.mark.parametrize(("cell", "found"), [("[]", "list"), ("null", "NoneType"), ("3", "int"), ('"x"', "str")])
def test_json_that_is_no_object_is_a_problem(cell: str, found: str) -> None:
    assert columns(cell)["metadata_problem"].to_list() == [f"expected a JSON object, found {found}"]


def test_no_cells_give_the_columns() -> None:
    assert columns().schema == METADATA_DTYPES


def test_sizes_of_frames_are_read_whatever_else_clients_send() -> None:
    def sizes(dimensions: object) -> list[tuple[object, ...]] | None:
        frames = columns({"subject_dimensions": dimensions}).row(0, named=True)["subject_dimensions"]
        return frames and [tuple(frame.values()) for frame in frames]

    size: dict[str, object] = {
        "clientWidth": 300.5,
        "clientHeight": 200,
        "naturalWidth": 1600,
        "naturalHeight": 1200,
    }
    assert sizes([size]) == [(1600.0, 1200.0, 300.5, 200.0)]
    nothing, natural = (None, None, None, None), {"naturalWidth": 640.0, "naturalHeight": 480.0}
    assert sizes([size, None, natural]) == [(1600.0, 1200.0, 300.5, 200.0), nothing, (640.0, 480.0, None, None)]
    # The mobile app writes one without a list.
    assert sizes(size) == [(1600.0, 1200.0, 300.5, 200.0)]
    assert sizes(["1600", 7, {}]) == [nothing] * 3
    assert sizes(None) is None
    assert sizes("1600") is None
    for wrong in (0, -1, "1600", True, 1e300, None):
        assert sizes([size | {"naturalWidth": wrong}]) == [(None, None, 300.5, 200.0)]
        assert sizes([size | {"clientHeight": wrong}]) == [(1600.0, 1200.0, None, None)]
    cells = [{"subject_dimensions": each} for each in ([natural, size], None, [size], [natural, size])]
    widths = columns(*cells).select(
        pl.col("subject_dimensions").list.eval(pl.element().struct.field("natural_width"))
    )
    assert widths.to_series().to_list() == [[640.0, 1600.0], None, [1600.0], [640.0, 1600.0]]


@pytest.mark.parametrize(
    ("cell", "started_at"),
    [
        ('{"started_at":"2024-03-01T06:00:00Z"}', "2024-03-01T06:00:00Z"),
        # A letter of two bytes where the 24 letters of other times end.
        ('{"started_at":"2024-03-01 06:00:00","s":"ä\u00e4"}', "2024-03-01 06:00:00"),
        ('{"started\\u005fat":"2024-03-01T06:00:00.000Z"}', "2024-03-01T06:00:00.000Z"),
        # Times of other lengths before it.
        ('{"x_at":"2024","y_at":"","started_at":"2024-03-01T06:00:00.000Z"}', "2024-03-01T06:00:00.000Z"),
        ('{"x_at":"' + "0" * 60 + '","started_at":"2024","s":"' + "ä" * 60 + '"}', "2024"),
        ('{"x_at":"","started_at":"a","s":"' + "ä" * 60 + '"}', "a"),
        ('{"x_at":"2024-03-01T05:00:00.0000Z","y_at":"2024-03-01T05:00:00.00Z","started_at":"a"}', "a"),
        ('{"started_at":"first","x":{"started_at":"2024-03-01T06:00:00.000Z"}}', "first"),
        ('{"started_at": "2024-03-01T06:00:00.000Z"}', "2024-03-01T06:00:00.000Z"),
        ('{"finished_at":"2024-03-01T06:00:00.000Z"}', None),
    ],
)
def test_a_time_in_another_form_stands_among_usual_ones(cell: str, started_at: str | None) -> None:
    usual = ['{"started_at":"2024-03-01T05:59:59.990Z"}', '{"started_at":"2024-03-01T05:59:59.991Z"}']
    frame = columns(usual[0], cell, usual[1])
    assert frame["started_at"].to_list() == ["2024-03-01T05:59:59.990Z", started_at, "2024-03-01T05:59:59.991Z"]


def test_the_times_are_those_of_the_cell_wherever_else_such_keys_stand() -> None:
    def cell(time: str) -> str:
        return f'{{"x":{{"started_at":"in x {time}"}},"started_at":"{time}","finished_at":"","selected_at":"z"}}'

    frame = columns(
        cell("2024-03-01T05:59:59.990Z"),
        '{"started_at":"first","started_at":"last"}',
        '{"x":{"finished_at":"in x"}}',
        '{"user_language":"\\"started_at\\":\\"a\\"","started_at":"b","session":"s"}',
        cell("2024-03-01T06:00:00.000Z"),
        '{"started_at":7,"finished_at":null}',
        '{"started_at":"\\u0041"}',
    )
    assert frame["started_at"].to_list() == [
        "2024-03-01T05:59:59.990Z",
        "last",
        None,
        "b",
        "2024-03-01T06:00:00.000Z",
        "7",
        "A",
    ]
    assert frame["finished_at"].to_list() == ["", None, None, None, "", None, None]
    assert frame["user_language"].to_list() == [None, None, None, '"started_at":"a"', None, None, None]


def test_a_cell_that_is_no_json_is_described_with_its_own_times() -> None:
    frame = columns(
        '{"started_at":"2024-03-01T05:59:59.990Z","x', None, '{"started_at":"a\nb"}', '{"session":"s"}'
    )
    problems = frame["metadata_problem"].to_list()
    assert [bool(problem) for problem in problems] == [True, False, True, False]
    assert "at character 43" in problems[0]
    assert frame["session"].to_list() == [None, None, None, "s"]
