"""Marks as fractions of their frames."""

from typing import Any

import polars as pl
import pytest

from zoo_dag.store.mark_units import has_marks, in_fractions
from zoo_dag.tables import TABLES

FRAMES = pl.LazyFrame(
    {
        "workflow_id": [5, 5],
        "subject_id": [101, 101],
        "frame": [0, 1],
        "width": [800.0, 100.0],
        "height": [400.0, 200.0],
    },
    schema_overrides={"frame": pl.Int32},
)
POINTS = [{"x": 80.0, "y": 40.0}, {"x": 400.0, "y": None}]


def fractions(table: str, **columns: Any) -> tuple[dict[str, Any], int]:
    """A row of a table in fractions, its columns that are not null; and how many frames have no known size."""
    declared = TABLES[table].dtypes
    row = {"workflow_id": 5, "subject_id": 101, "frame": 0, **columns}
    frame = pl.DataFrame([{name: row.get(name) for name in declared}], schema=declared).lazy()
    found, n_unknown = in_fractions(frame, FRAMES)
    assert found.collect_schema() == declared
    values = found.collect(engine="streaming").row(0, named=True)
    return {name: value for name, value in values.items() if name in columns and value is not None}, n_unknown


def test_what_lies_along_an_axis_is_divided_by_that_side_and_what_has_none_by_the_larger_one() -> None:
    marks = {"x": 80.0, "y": 80.0, "width": 8.0, "height": 8.0, "r": 80.0, "angle": 30.0, "unit": "pixels"}
    spread = {"x_std": 4.0, "y_std": 4.0, "length_std": 4.0, "angle_std": 2.0, "area": 3200.0, "boundary_std": 8.0}
    expected = {"x": 0.1, "y": 0.2, "width": 0.01, "height": 0.02, "r": 0.1, "angle": 30.0, "unit": "fractions"}
    expected |= {"x_std": 0.005, "y_std": 0.01, "length_std": 0.005, "angle_std": 2.0, "area": 0.01}
    assert fractions("pooled_drawing_consensus", **marks, **spread) == (expected | {"boundary_std": 0.01}, 0)
    # The larger side of the second frame is its height.
    assert fractions("pooled_drawing_consensus", frame=1, x=50.0, r=50.0)[0] == {"frame": 1, "x": 0.5, "r": 0.25}


def test_the_points_of_paths_and_pieces_are_fractions() -> None:
    expected = [{"x": 0.1, "y": 0.1}, {"x": 0.5, "y": None}]
    assert fractions("drawing_annotations", points=POINTS)[0] == {"points": expected}
    assert fractions("contour_consensus", points=POINTS, pieces=[POINTS, POINTS[:1]])[0] == {
        "points": expected,
        "pieces": [expected, expected[:1]],
    }


def test_places_on_a_frame_of_unknown_size_are_null_and_counted() -> None:
    assert fractions("drawing_annotations", frame=7, x=3.0, points=POINTS, tool_label="Nest") == (
        {"frame": 7, "tool_label": "Nest"},
        1,
    )
    # A drawing left blank has no places, and what is in the unit of the data keeps it.
    assert fractions("drawing_annotations", frame=7, tool_label="Nest")[1] == 0
    span = {"x": 3.5, "width": 0.5, "unit": "data"}
    assert fractions("drawing_annotations", **span, frame=7) == (span | {"frame": 7}, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text_consensus", True),
        ("pooled_contour_consensus", True),
        ("subject_frames", False),
        ("classifications", False),
    ],
)
def test_tables_with_places_on_frames_are_known(name: str, *, expected: bool) -> None:
    assert has_marks(TABLES[name].dtypes) is expected
