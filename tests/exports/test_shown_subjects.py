"""What a classifications export says about its subjects."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.builders import CLASSIFICATION_COLUMNS, classification_row, write_classifications
from tests.exports.raw_project import RawProject
from zoo_dag.exports.shown_subjects import shown_subjects
from zoo_dag.exports.subject_cells import read_subject_cells
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey

RETIRED = {
    "id": 5,
    "workflow_id": 11,
    "subject_id": 101,
    "classifications_count": 15,
    "created_at": "2023-04-01T00:00:00.000Z",
    "updated_at": "2023-05-01T10:00:01.999Z",
    "retired_at": "2023-05-01T10:00:00.999Z",
    "retirement_reason": "consensus",
}
AT = datetime(2023, 5, 1, 10, tzinfo=UTC)


def shown(project: RawProject, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The subjects of the rows, without the columns that say which version it is."""
    path = project.root.parent / "classifications.csv"
    project.add(write_classifications(path, rows, CLASSIFICATION_COLUMNS))
    (frame,) = shown_subjects(read_subject_cells(project.raw().lazy()), [VersionKey(11, 3, 10)])
    assert frame.schema == TABLES["shown_subjects"].dtypes
    assert frame["workflow_version"].to_list() == ["3.10"] * frame.height
    return frame.drop("workflow_id", "workflow_version").to_dicts()


def test_metadata_and_the_state_of_the_server_are_read(project: RawProject) -> None:
    entry = {"retired": RETIRED, "Filename": "a.jpg", "#site": {"name": "K7"}}
    rows = shown(project, classification_row(1, subject_data={"101": entry}))
    assert rows == [
        {
            "subject_id": 101,
            "metadata": '{"Filename":"a.jpg","#site":{"name":"K7"}}',
            "classifications_count": 15,
            # A subjects export has full seconds.
            "retired_at": AT,
            "retirement_reason": "consensus",
            "classification_id": 1001,
        }
    ]


@pytest.mark.parametrize(
    "state", [None, False, True, RETIRED | {"retired_at": None, "classifications_count": "x"}]
)
def test_a_state_without_details_says_nothing(project: RawProject, state: Any) -> None:
    entry = {"retired": state, "name": "a"}
    (row,) = shown(project, classification_row(1, subject_data={"101": entry}))
    assert row["metadata"] == '{"name":"a"}'
    assert (row["classifications_count"], row["retired_at"]) == (None, None)


def test_a_field_of_metadata_called_retired_is_metadata(project: RawProject) -> None:
    (row,) = shown(project, classification_row(1, subject_data={"101": {"retired": "in 1998"}}))
    assert row["metadata"] == '{"retired":"in 1998"}'
    assert row["retirement_reason"] is None


def test_the_newest_classification_of_a_subject_counts(project: RawProject) -> None:
    rows = shown(
        project,
        classification_row(3, subject_data={"101": {"retired": RETIRED, "name": "new"}}),
        classification_row(1, subject_data={"101": {"retired": None, "name": "old"}}),
        classification_row(2, subject_ids="101;102", subject_data={"102": {"name": "b"}, "101": {"name": "c"}}),
    )
    assert [(row["subject_id"], row["metadata"], row["classification_id"]) for row in rows] == [
        (101, '{"name":"new"}', 1003),
        (102, '{"name":"b"}', 1002),
    ]


@pytest.mark.parametrize("cell", [None, "", "{", "[]", {"x": {"name": "a"}}, {"101": 5}, {"1" * 30: {}}])
def test_a_cell_that_names_no_subject_is_passed_over(project: RawProject, cell: Any) -> None:
    rows = shown(project, classification_row(1, subject_data=cell), classification_row(2, subject_ids="102"))
    assert [row["subject_id"] for row in rows] == [102]


def test_versions_that_share_cells_say_of_their_subjects_what_each_says_alone() -> None:
    cells = ['{"101":{"name":"a"}}', '{"102":{"name":"b"},"101":{"name":"c"}}', "{", None]
    places = [[0, 1, 0], [], [1, 3, 2], [0]]
    frames = [
        pl.DataFrame(
            {
                "classification_id": [str(100 * version + number) for number in range(len(of_version))],
                "subject_data": [cells[place] for place in of_version],
            },
            schema={"classification_id": pl.String, "subject_data": pl.String},
        )
        for version, of_version in enumerate(places)
    ]
    keys = [VersionKey(11, 3, minor) for minor in range(len(frames))]
    read = read_subject_cells(pl.concat(frames).lazy(), [frame.height for frame in frames])
    together = shown_subjects(read, keys)
    for frame, key, found in zip(frames, keys, together, strict=True):
        (alone,) = shown_subjects(read_subject_cells(frame.lazy()), [key])
        assert_frame_equal(found, alone)
    assert [each["metadata"].to_list() for each in together[:2]] == [['{"name":"a"}', '{"name":"b"}'], []]
