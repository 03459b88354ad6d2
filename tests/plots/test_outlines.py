"""Each shape is drawn where it lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.plots.outlines import View, dot, frame, outline, view_of
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.shapes import BY_NAME

HALF = View(left=100, top=200, width=400, height=300, scale=0.5)
NUMBERS = st.floats(-2000, 2000)
SIZES = st.floats(0, 2000)


def mark(shape: str, points: list[tuple[float, float]] | None = None, **measures: float) -> dict:
    """A mark of a shape."""
    given = [{"x": x, "y": y} for x, y in points] if points is not None else None
    return {**dict.fromkeys(MEASURES), "points": given, "closed": None, "shape": shape, **measures}


MARKS = {
    "point": (mark("point", x=300, y=400), "M96 100h8m-4 -4v8"),
    "line": (mark("line", x1=100, y1=200, x2=300, y2=260), "M0 0L100 30"),
    "circle": (mark("circle", x=300, y=300, r=40), "M80 50a20 20 0 1 1 0 1z"),
    "ellipse": (mark("ellipse", x=300, y=300, rx=40, ry=20, angle=90), "M100 30a20 10 90 1 1 -1 0z"),
    "triangle": (mark("triangle", x=300, y=300, r=40, angle=0), "M120 50L90 67L90 33z"),
    "fan": (mark("fan", x=300, y=300, r=40, angle=0, spread=180), "M100 50L100 30A20 20 0 0 1 100 70z"),
    "box": (mark("box", x=300, y=300, width=40, height=20), "M90 45h20v10h-20z"),
    "turned_box": (mark("turned_box", x=300, y=300, width=40, height=20, angle=90), "M105 40L105 60L95 60L95 40z"),
    "span": (mark("span", x=300, width=40), "M90 0v150h20v-150"),
    "horizontal_line": (mark("horizontal_line", y=300), "M0 50h200"),
    "vertical_line": (mark("vertical_line", x=300), "M100 0v150"),
    "path": (mark("path", [(100, 200), (120, 220), (140, 200)]), "M0 0L10 10L20 0"),
    "click": (mark("click", x=300, y=400, r=0), "M96 100h8m-4 -4v8"),
    "outline": (mark("outline", [(100, 200), (140, 200), (140, 240)]), "M0 0L20 0L20 20z"),
}


def test_every_shape_of_a_mark_is_drawn():
    assert set(MARKS) == set(BY_NAME)


@pytest.mark.parametrize("shape", MARKS)
def test_a_shape_is_drawn_where_it_lies(shape):
    given_mark, drawn = MARKS[shape]
    assert outline(given_mark, HALF) == drawn


def test_a_path_of_many_points_is_drawn_with_twelve_of_them_and_with_both_ends():
    long = mark("path", [(100 + 2 * step, 200) for step in range(111)])
    assert outline(long, HALF) == "M0 0" + "".join(f"L{10 * step} 0" for step in range(1, 12))


def test_points_on_one_pixel_are_one():
    assert outline(mark("path", [(100, 200)] * 5), HALF) == "M0 0h0"
    assert outline(mark("outline", [(100, 200), (140, 200), (140.3, 200)]), HALF) == "M0 0L20 0z"


@pytest.mark.parametrize(
    ("shape", "middle"),
    [
        ("point", (100, 100)),
        ("circle", (100, 50)),
        ("line", (50, 15)),
        ("span", (100, 0)),
        ("outline", (10, 10)),
    ],
)
def test_a_dot_is_in_the_middle_of_a_mark(shape, middle):
    assert dot(MARKS[shape][0], HALF) == f"M{middle[0]} {middle[1]}h0"


@given(st.lists(st.builds(mark, st.just("circle"), x=NUMBERS, y=NUMBERS, r=SIZES), min_size=1))
def test_a_view_holds_all_marks_and_fits_the_picture(marks):
    view = view_of(marks, 420, 240)
    width, height = view.size
    assert width <= 420
    assert height <= 240
    assert width == 420 or height == 240
    for each in marks:
        x, y = view.place(each["x"], each["y"])
        r = each["r"] * view.scale
        assert -1 < x - r <= x + r < width + 1
        assert -1 < y - r <= y + r < height + 1


@pytest.mark.parametrize("shape", MARKS)
def test_a_view_of_any_single_mark_has_room_around_it(shape):
    view = view_of([MARKS[shape][0]], 420, 240)
    assert view.scale > 0
    assert min(view.size) > 0
    assert frame(view) == f"M0 0h{view.size[0]}v{view.size[1]}h-{view.size[0]}z"
