"""Texts about boxes, paths, points and other marks: one row for each place, aligned like lines."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from tests.task_types.drawings.marks import DTYPES, entry, path, rows_of, table
from tests.task_types.samples import aggregated
from zoo_dag.consensus.units import POOLED, VERSION, Scope
from zoo_dag.settings.results import DEFAULTS
from zoo_dag.tables import TABLES
from zoo_dag.task_types.texts import TEXTS
from zoo_dag.task_types.texts.places import line_of_mark

Row = dict[str, Any]
NO_TASKS = TABLES["tasks"].empty()


def written(text: str | None, **mark: Any) -> Row:
    """A mark with a text sub-task."""
    return {**mark, "details": [entry(0, detail_type="text", text=text)]}


def box(x: float, y: float, text: str | None, width: float = 200, height: float = 40, **cells: Any) -> Row:
    return written(text, tool_type="rectangle", x=x, y=y, width=width, height=height, tool_label="Field", **cells)


def texts(*volunteers: Sequence[Mapping[str, Any]], scope: Scope = VERSION) -> pl.DataFrame:
    """The table `text_consensus` of volunteers with their marks."""
    rows = table(row for number, marks in enumerate(volunteers, 1) for row in rows_of(number, marks))
    tables = {"drawing_annotations": rows, "text_annotations": TABLES["text_annotations"].empty()}
    return aggregated(TEXTS, tables, NO_TASKS, scope=scope)


def place(**mark: Any) -> tuple[float, ...]:
    (found,) = pl.DataFrame([mark], schema=DTYPES).select(line_of_mark()).rows()
    return found


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ({"x1": 9.0, "y1": 8.0, "x2": 70.0, "y2": 6.0}, (9, 8, 70, 6, 0)),
        ({"x": 50.0, "y": 60.0}, (50, 60, 50, 60, 0)),
        ({"x": 50.0, "y": 60.0, "width": 80.0, "height": 20.0}, (10, 60, 90, 60, 20)),
        ({"x": 50.0, "y": 60.0, "width": 20.0, "height": 80.0}, (40, 60, 60, 60, 80)),
        ({"x": 50.0, "y": 60.0, "r": 10.0}, (40, 60, 60, 60, 20)),
        ({"x": 50.0, "y": 60.0, "rx": 30.0, "ry": 10.0, "angle": 0.0}, (20, 60, 80, 60, 20)),
        ({"x": 50.0, "y": 60.0, "width": 80.0, "height": 20.0, "angle": 90.0}, (50, 20, 50, 100, 20)),
        ({"x": 50.0, "y": 60.0, "width": 20.0, "height": 80.0, "angle": 0.0}, (50, 20, 50, 100, 20)),
        ({"x": 50.0, "y": 60.0, "width": 40.0, "height": 39.0, "angle": 90.0}, (30, 60, 70, 60, 39)),
        ({"points": path([(10, 10), (90, 10), (90, 30)]), "closed": True}, (10, 20, 90, 20, 20)),
        ({"points": path([(10, 10), (90, 12)]), "closed": False}, (10, 11, 90, 11, 0)),
        ({"x": 70.0}, (70, 0, 70, 0, 0)),
        ({"y": 70.0}, (0, 70, 0, 70, 0)),
        ({"x": 70.0, "width": 20.0}, (60, 0, 80, 0, 0)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_the_line_that_stands_for_a_mark(mark: Row, expected: tuple[float, ...]) -> None:
    assert place(**mark) == pytest.approx(expected)


def test_a_box_and_its_quarter_turn_with_swapped_sides_are_at_one_place() -> None:
    one = place(x=50.0, y=60.0, width=80.0, height=20.0, angle=30.0)
    other = place(x=50.0, y=60.0, width=20.0, height=80.0, angle=-60.0)
    assert other == pytest.approx(one)


def test_texts_of_boxes_are_aligned_place_by_place() -> None:
    found = texts(
        [box(110, 30, "John Smith"), box(110, 90, "born 1871")],
        [box(112, 28, "John Smyth"), box(108, 93, "born 1871")],
        [box(109, 33, "Jon Smith"), box(111, 91, "born 1877")],
        [],
    )
    columns = ("line_index", "x1", "y1", "x2", "y2", "text", "n_answered", "n_classifications", "n_blank")
    assert found.select(columns).rows() == [
        (0, 10, 30, 210, 30, "John Smith", 3, 4, 1),
        (1, 10, 91, 210, 91, "born 1871", 3, 4, 1),
    ]
    assert found["agreement"].to_list() == [pytest.approx(4 / 6), pytest.approx(5 / 6)]
    assert [token["votes"] for token in found["tokens"][0]] == [2, 2]
    assert found.select("frame", "tool_index", "tool_type", "tool_label").unique().rows() == [
        (0, 0, "rectangle", "Field")
    ]


def test_fields_below_each_other_stay_apart_where_volunteers_fill_in_different_ones() -> None:
    found = texts(
        [box(110, 30, "one", height=24)], [box(110, 54, "two", height=24)], [box(111, 55, "two", height=24)]
    )
    assert found.select("text", "n_answered").rows() == [("one", 1), ("two", 2)]


def test_large_areas_may_be_farther_apart_than_lines() -> None:
    found = texts(*([box(500, 500 + shift, "A long letter", 600, 400)] for shift in (0, 60, 120)))
    assert found.select("text", "n_answered", "y1").rows() == [("A long letter", 3, 560)]


@pytest.mark.parametrize(
    "mark",
    [
        {"tool_type": "polygon", "points": path([(10, 10), (200, 10), (200, 50), (10, 50)]), "closed": True},
        {"tool_type": "freehandLine", "points": path([(10, 50), (90, 52), (200, 50)]), "closed": False},
        {"tool_type": "freehandShape", "points": path([(10, 10), (200, 20), (100, 50)]), "closed": True},
        {"tool_type": "point", "x": 40.0, "y": 50.0},
        {"tool_type": "circle", "x": 40.0, "y": 50.0, "r": 15.0},
        {"tool_type": "ellipse", "x": 90.0, "y": 50.0, "rx": 80.0, "ry": 15.0, "angle": 4.0},
        {"tool_type": "rotateRectangle", "x": 90.0, "y": 50.0, "width": 160.0, "height": 30.0, "angle": 4.0},
        {"tool_type": "column", "x": 90.0, "width": 30.0},
        {"tool_type": "fullHeightLine", "x": 90.0},
        {"tool_type": "fullWidthLine", "y": 90.0},
    ],
    ids=lambda mark: mark["tool_type"],
)
def test_texts_about_marks_of_every_tool_are_aligned(mark: Row) -> None:
    said = ("kept in the attic", "kept in the attic", "left in the attic", "kept in an attic")
    found = texts(*([written(text, **mark)] for text in said))
    assert found.select("text", "n_answered", "tool_type").rows() == [("kept in the attic", 4, mark["tool_type"])]
    assert found["agreement"].to_list() == [pytest.approx(14 / 16)]


def test_marks_of_different_tools_are_different_places() -> None:
    date = {"tool_index": 1}
    found = texts(*([box(110, 30, "Smith"), box(110, 32, "1871", **date)] for _ in range(3)))
    assert found.select("tool_index", "text", "n_answered").rows() == [(0, "Smith", 3), (1, "1871", 3)]


def test_one_volunteer_has_one_text_at_a_place() -> None:
    found = texts([box(110, 30, "Smit"), box(111, 31, "Smith")], [box(110, 30, "Smith")])
    assert found.select("text", "n_answered").rows() == [("Smith", 2)]


def test_subjects_without_a_text_about_a_mark_have_no_row() -> None:
    assert texts([box(110, 30, None)], [box(110, 30, " ")], []).is_empty()
    assert texts([{"x": 1.0, "y": 2.0}]).is_empty()


def test_in_the_summary_the_clusters_say_whether_such_a_drawing_is_reached() -> None:
    found = texts(*([box(110, 30, "Smith"), box(110, 90, "1871")] for _ in range(3)), scope=POOLED)
    summarised = TEXTS.consensus.task_columns.named(found, "T0", DEFAULTS.agreement)
    assert summarised["T0_text"].to_list() == ["Smith\n1871"]
    assert "T0_reached" not in summarised.columns


def test_marks_that_cannot_be_read_have_no_text() -> None:
    assert texts([box(110, 30, "Smith", status="malformed")]).is_empty()
