"""What at least k of some areas cover: areas of known size, by faces, by cells, and boxes many at once."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulated_outlines import scores
from tests.task_types.drawings.marks import clusters, consensus, drawn, path, rows_of, table
from tests.task_types.metamorphic import PROPERTY
from zoo_dag.clustering.boxes import Boxes
from zoo_dag.settings.drawings import Drawings
from zoo_dag.task_types.drawings import coverage as by_faces
from zoo_dag.task_types.drawings.box_coverage import box_measures
from zoo_dag.task_types.drawings.coverage import Measures, coverage, measures, more_than_half

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]


def squares(*shifts: float) -> list[shapely.Polygon]:
    return [shapely.Polygon([(x + shift, y) for x, y in SQUARE]) for shift in shifts]


def measured(*shapes: shapely.Geometry) -> Measures:
    covered = coverage(shapes)
    return measures(covered, more_than_half(covered))


def test_what_each_number_covers() -> None:
    covered = coverage(squares(0, 1, 2, 5))
    assert covered.areas.tolist() == pytest.approx([150, 110, 90, 50])
    assert [covered.region(k).bounds for k in (1, 2, 3, 4)] == [
        (0, 0, 15, 10),
        (1, 0, 12, 10),
        (2, 0, 11, 10),
        (5, 0, 10, 10),
    ]


def test_the_consensus_is_what_more_than_half_cover() -> None:
    assert more_than_half(coverage(squares(0, 4))).bounds == (4, 0, 10, 10), (
        "of two what both cover, not the union"
    )
    assert more_than_half(coverage(squares(0, 1, 2))).bounds == (1, 0, 11, 10)
    assert more_than_half(coverage(squares(0, 1, 2, 5))).bounds == (2, 0, 11, 10)


def test_the_area_of_an_even_number_is_between_half_and_more_than_half() -> None:
    assert measured(*squares(0, 1, 2, 5)).area == pytest.approx((110 + 90) / 2)
    assert measured(*squares(0, 1, 2)).area == pytest.approx(100)
    assert measured(*squares(3)) == Measures(100, None, 1, 0)


def test_the_spread_is_the_area_between_the_quartiles_along_the_perimeter() -> None:
    # A quarter is between the shares .125 and .375 of one and two, three quarters between those of three and four.
    between = (150 + 110) / 2 - (90 + 50) / 2
    assert measured(*squares(0, 1, 2, 5)).boundary_std == pytest.approx(between / (1.349 * 38))
    assert measured(*squares(0, 1)).boundary_std is None
    assert measured(*squares(2, 2, 2)).boundary_std == 0


def test_pieces_and_holes_of_the_consensus() -> None:
    hole = shapely.Polygon(SQUARE, [[(4, 4), (6, 4), (6, 6), (4, 6)]])
    both = shapely.union_all([hole, shapely.box(100, 100, 103, 103)])
    assert measured(both, both) == Measures(105, None, 2, 1)
    assert measured(*squares(0, 50)) == Measures(100, None, 0, 0), "nothing in common"
    assert measured(shapely.Polygon()) == Measures(0, None, 0, 0)


def test_very_many_areas_are_counted_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    outlines = [shapely.Point(x, 0).buffer(40) for x in (0, 3, 5, 9)]
    outlines[0] = outlines[0].difference(shapely.Point(0, 0).buffer(10))
    exact = coverage(outlines)
    monkeypatch.setattr(by_faces, "MOST_AREAS", 3)
    cells = coverage(outlines)
    assert (exact.method, cells.method) == ("faces", "cells")
    assert cells.areas == pytest.approx(exact.areas, rel=2e-3)
    for k in (1, 2, 3, 4):
        assert cells.region(k).area == pytest.approx(cells.areas[k - 1])
        assert cells.region(k).symmetric_difference(exact.region(k)).area < 0.01 * exact.areas[k - 1]


_NUMBERS = st.integers(0, 6).map(float)
_BOXES = st.lists(st.tuples(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS), min_size=1, max_size=6)


@PROPERTY
@given(_BOXES)
def test_boxes_at_once_have_the_measures_of_their_shapes(places: Any) -> None:
    boxes = Boxes(*np.array(places).T)
    found = [values[0] for values in box_measures(boxes, np.arange(len(places))[None, :])]
    expected = measured(*(shape if shape.area else shapely.Polygon() for shape in boxes.shapes))
    assert found == pytest.approx([np.nan if each is None else each for each in expected], nan_ok=True)


def outline(*corners: tuple[float, float]) -> list[dict[str, Any]]:
    return [{"tool_type": "polygon", "closed": True, "points": path(corners)}]


def square(shift: float) -> list[dict[str, Any]]:
    return outline(*((x + shift, y) for x, y in SQUARE))


def test_the_columns_of_outlines_boxes_and_ellipses() -> None:
    (outlined,) = clusters(drawn(square(0), square(1), square(2), []))
    assert {point["x"] for point in outlined["points"]} == {1, 2, 10, 11}
    assert (outlined["area"], outlined["n_pieces"], outlined["n_holes"]) == (pytest.approx(100), 1, 0)
    assert outlined["boundary_std"] == pytest.approx((115 - 85) / (1.349 * 40))
    box = {"tool_type": "rectangle", "y": 5.0, "width": 10.0, "height": 10.0}
    (boxed,) = clusters(drawn(*([box | {"x": x}] for x in (5.0, 6.0, 7.0)), []))
    same = ("area", "boundary_std", "n_pieces", "n_holes")
    assert [boxed[name] for name in same] == pytest.approx([outlined[name] for name in same])
    ellipse = {"tool_type": "ellipse", "x": 50.0, "y": 50.0, "ry": 20.0, "angle": 0.0}
    (round_one,) = clusters(drawn(*([ellipse | {"rx": rx}] for rx in (38.0, 40.0, 42.0))))
    assert round_one["area"] == pytest.approx(np.pi * 800, rel=2e-3)
    (point,) = clusters(drawn([{"x": 1.0, "y": 1.0}], [{"x": 1.0, "y": 1.0}]))
    assert [point[name] for name in same] == [None] * 4


def test_an_outline_that_crosses_itself_has_its_even_odd_area() -> None:
    bow_tie = outline((0, 0), (10, 10), (10, 0), (0, 10))
    (found,) = clusters(drawn(bow_tie, bow_tie, bow_tie))
    assert (found["n_members"], found["area"], found["n_pieces"]) == (3, pytest.approx(50), 2)


def test_an_outline_without_an_area_is_in_no_cluster() -> None:
    flat = outline((0, 0), (10, 10))
    found = consensus(drawn(flat, flat, square(0), square(1)))
    assert found.select("n_members", "is_candidate", "area").rows() == [
        (2, False, pytest.approx(100)),
        (1, True, 0),
        (1, True, 0),
    ]


_SHIFTS = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=1, max_size=5)


@PROPERTY
@given(_SHIFTS)
def test_every_volunteer_twice_leaves_the_area(shifts: list[float]) -> None:
    volunteers = [square(shift) for shift in shifts]
    settings = Drawings(min_volunteers=1)
    (once,) = consensus(drawn(*volunteers), settings).to_dicts()
    (twice,) = consensus(drawn(*volunteers, *volunteers), settings).to_dicts()
    assert twice["area"] == pytest.approx(once["area"])
    assert shapely.Polygon([(point["x"], point["y"]) for point in twice["points"]]).equals(
        shapely.Polygon([(point["x"], point["y"]) for point in once["points"]])
    )


@PROPERTY
@given(_SHIFTS, st.randoms())
def test_names_and_order_of_volunteers_do_not_matter(shifts: list[float], random: Any) -> None:
    rows = [row for number, shift in enumerate(shifts) for row in rows_of(number, square(shift))]
    expected = consensus(table(rows))
    random.shuffle(rows)
    renamed = table(rows).with_columns(user_key=pl.format("user:{}", 99 - pl.col("classification_id")))
    assert consensus(renamed).equals(expected)


def test_simulated_outlines_come_near_to_the_truth() -> None:
    found, measures_of = scores(12, 10, 2.0, 0.0)
    assert found["more than half"].off < 0.65 < found["medoid"].off < found["union"].off
    assert abs(measures_of.area) < 0.1 < abs(measures_of.half)
    assert measures_of.boundary_std == pytest.approx(1.9, rel=0.15)
