"""Bars are as long as what they stand for, and as many as there is room for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.plots.samples import LABELS, caption, image, paths, texts
from zoo_dag.plots.bars import Layer, Row, lying, ridges, standing
from zoo_dag.plots.picture import BLUE, ORANGE, WIDTH
from zoo_dag.wording.markdown import shown_at_once


def widths(path: str) -> list[int]:
    """The widths of lying bars."""
    return [int(width) for width in re.findall(r"h(\d+)v", path)]


def test_lying_bars_are_as_long_as_their_values():
    drawn = lying("Winners", [Row("40 Fox", [40]), Row("20 Deer", [20]), Row("0 Hare", [0])], [BLUE], "All.")
    (path,) = paths(image(drawn))
    assert widths(path) == [270, 135]
    assert texts(image(drawn)) == ["40 Fox", "20 Deer", "0 Hare"]
    assert caption(drawn) == "All."


def test_parts_of_a_bar_lie_one_after_the_other_in_their_colours():
    drawn = lying("Rows", [Row("a", [30, 10]), Row("b", [0, 20])], [BLUE, ORANGE], "", names=("kept", "left out"))
    kept, left_out = paths(image(drawn))
    assert kept == "M150 2h202v13h-202"
    assert left_out == "M352 2h68v13h-68M150 20h135v13h-135"
    assert texts(image(drawn)) == ["a", "b", "kept", "left out"]


@given(
    st.lists(
        st.builds(Row, LABELS, st.lists(st.integers(0, 10**6), min_size=3, max_size=3)), min_size=1, max_size=30
    )
)
def test_horizontal_bars_fit_whatever_their_labels_and_count_those_left_out(rows):
    drawn = lying("Rows", rows, ["#48c", "#d70", "#777"], "All.")
    assert drawn is not None
    assert shown_at_once(drawn)
    left_out = len(rows) - len(texts(image(drawn)))
    assert caption(drawn) == ("All." if left_out == 0 else f"All. {left_out} more are not drawn.")
    for path in paths(image(drawn)):
        for x, width in re.findall(r"M(\d+) \d+h(\d+)", path):
            assert int(x) + int(width) <= WIDTH


def test_layers_stand_on_one_another_by_one_scale():
    drawn = standing("Votes", [Layer([4, 8], ORANGE), Layer([4, 6], BLUE)], ("Monday", "Tuesday"), "Two days.")
    assert paths(image(drawn)) == ["M0 80V40h210V0h210v80", "M0 80V40h210V20h210v60"]
    assert texts(image(drawn)) == ["Monday", "Tuesday"]


def test_each_ridge_has_a_separate_scale():
    drawn = ridges("Agreement", [Row("T0", [0, 10]), Row("T1", [1, 1])], ("0", "1"), "Two tasks.")
    (path,) = paths(image(drawn))
    assert path == "M150 28h135V4h135v24M150 58V34h270v24"
    assert texts(image(drawn)) == ["T0", "T1", "0", "1"]
