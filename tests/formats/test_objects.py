"""The form of an object on its picture."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.marks import outline
from zoo_dag.formats.objects import Form, box_around, form_of
from zoo_dag.tables.geometry import GEOMETRY

FRAME = {"width_of_frame": 100.0, "height_of_frame": 80.0}


def formed(tool: str, **columns: Any) -> Form | None:
    return form_of({**dict.fromkeys(GEOMETRY), "tool_type": tool, "unit": "pixels", **FRAME, **columns})


@pytest.mark.parametrize(
    ("tool", "columns", "box", "area"),
    [
        ("rectangle", {"width": 20.0, "height": 10.0}, (40, 35, 20, 10), 200),
        # Half of it lies beyond the right edge.
        ("rectangle", {"x": 100.0, "width": 20.0, "height": 10.0}, (90, 35, 10, 10), 100),
        ("rotateRectangle", {"width": 20.0, "height": 10.0, "angle": 90.0}, (45, 30, 10, 20), 200),
        ("circle", {"r": 10.0}, (40, 30, 20, 20), 100 * math.pi),
        ("ellipse", {"rx": 20.0, "ry": 10.0, "angle": 90.0}, (40, 20, 20, 40), 200 * math.pi),
        ("point", {}, (50, 40, 0, 0), 0),
    ],
)
def test_a_form_is_the_box_around_it(tool: str, columns: Any, box: tuple[float, ...], area: float) -> None:
    form = formed(tool, **{"x": 50.0, "y": 40.0, **columns})
    assert form is not None
    assert (form.x, form.y, form.width, form.height) == pytest.approx(box)
    assert form.area == pytest.approx(area)
    assert form.is_point == (tool == "point")
    assert bool(form.rings) == (tool in ("rectangle", "rotateRectangle"))


def test_an_outline_that_the_edge_cuts_has_its_pieces_the_largest_first() -> None:
    # A fork whose prongs, 10 and 20 pixels wide, reach into the frame.
    fork = outline((-9, 0), (10, 0), (10, 10), (-5, 10), (-5, 20), (10, 20), (10, 40), (-9, 40))
    form = formed("polygon", closed=True, points=fork)
    assert form is not None
    assert (form.x, form.y, form.width, form.height, form.area) == (0, 0, 10, 40, 300)
    assert [min(y for _, y in ring) for ring in form.rings] == [20, 0]


@pytest.mark.parametrize(
    ("tool", "columns"),
    [
        ("point", {"x": 101.0, "y": 1.0}),
        ("point", {"x": None, "y": 1.0}),
        ("rectangle", {"x": 200.0, "y": 1.0, "width": 5.0, "height": 5.0}),
        ("rectangle", {"x": 20.0, "y": 1.0, "width": 0.0, "height": 5.0}),
        ("circle", {"x": 20.0, "y": 1.0, "r": None}),
        ("line", {"x1": 20.0, "y1": 1.0, "x2": 2.0, "y2": 5.0}),
        ("polygon", {"closed": True, "points": outline((1, 1), (2, 2))}),
        ("polygon", {"closed": True, "points": outline((1, 1), (2, 2), (3, 3))}),
    ],
)
def test_what_has_no_area_on_the_picture_has_no_form(tool: str, columns: Any) -> None:
    assert formed(tool, **columns) is None


@given(
    st.sampled_from(["rectangle", "rotateRectangle", "circle", "ellipse"]),
    st.lists(st.floats(-150, 150), min_size=3, max_size=3),
    st.lists(st.floats(0.5, 90), min_size=2, max_size=2),
)
def test_a_form_lies_in_its_frame(tool: str, place: list[float], size: list[float]) -> None:
    (x, y, angle), (across, down) = place, size
    sizes = {"width": across, "height": down, "rx": across, "ry": down, "r": across}
    form = formed(tool, x=x, y=y, angle=angle, **sizes)
    if form:
        assert form.x >= 0
        assert form.y >= 0
        assert form.x + form.width <= 100 + 1e-9
        assert form.y + form.height <= 80 + 1e-9
        assert 0 < form.area <= form.width * form.height * (1 + 1e-9)


def test_a_box_around_a_point_is_cut_at_the_edge() -> None:
    assert box_around(Form(2.0, 40.0, 0.0, 0.0, 0.0), 10.0, (100, 80)) == Form(0.0, 35.0, 7.0, 10.0, 70.0)
