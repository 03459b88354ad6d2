"""What holds for the consensus of drawings, on any marks."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.task_types.drawings.marks import HERE, consensus, drawn, noisy, path
from tests.task_types.metamorphic import PROPERTY, everybody_twice
from tests.task_types.said import CASES
from zoo_dag.settings.drawings import Drawings
from zoo_dag.task_types.drawings.shapes import is_closed, shape_of

ROWS, _ = CASES["drawing"]


def test_the_names_of_volunteers_do_not_even_change_rounding() -> None:
    rows = drawn(*noisy(HERE, {"x": 3, "y": 3}, 30))
    names = {f"user:{number}": f"user:{99 - number}" for number in range(1, 31)}
    renamed = rows.with_columns(pl.col("user_key").replace(names))
    assert consensus(renamed).equals(consensus(rows))
    assert consensus(renamed.sort("classification_id", descending=True)).equals(consensus(rows))


@PROPERTY
@given(ROWS)
def test_every_cluster_adds_up(rows: pl.DataFrame) -> None:
    found = consensus(rows, Drawings(min_volunteers=2, min_detection=0))
    assert set(found["subject_ids"]) == set(rows.filter(pl.col("excluded").is_null())["subject_ids"])
    some = found.filter(pl.col("cluster_index").is_not_null())
    assert (some["n_members"] == some["n_marks"]).all()
    assert (some["is_candidate"] == (some["n_members"] < 2)).all()
    assert (some["n_members"] <= some["n_volunteers"]).all()
    assert some["detection"].is_between(0, 1).all()
    assert some["iou"].drop_nulls().is_between(0, 1).all()


@PROPERTY
@given(ROWS)
def test_every_mark_is_in_one_cluster(rows: pl.DataFrame) -> None:
    once = rows.filter(annotation_index=0)
    has_shape = shape_of(is_closed()).is_not_null()
    n_marks = once.filter(has_shape, pl.col("excluded").is_null(), status="answered").height
    for settings in (Drawings(), Drawings(tools="together", min_volunteers=3, eps_pixels=1)):
        assert consensus(once, settings)["n_marks"].sum() == n_marks


# Of things far apart, which volunteers who see them draw larger or smaller, and a little off.
_AREA = st.tuples(st.sampled_from([40.0, 44.0, 50.0]), st.integers(0, 4))
_AREAS = st.lists(st.dictionaries(st.sampled_from([0, 500]), _AREA), min_size=1, max_size=6)


def area(tool: str, left: float, size: float) -> dict:
    """A square, a box or an ellipse."""
    corners = [(left, 0), (left + size, 0), (left + size, size), (left, size)]
    return {
        "polygon": {"points": path(corners), "closed": True},
        "rectangle": {"x": left, "y": 0.0, "width": size, "height": size},
        "ellipse": {"x": left, "y": 0.0, "rx": size, "ry": size / 2, "angle": 0.0},
    }[tool]


@PROPERTY
@given(st.sampled_from(["polygon", "rectangle", "ellipse"]), _AREAS)
def test_every_volunteer_twice_leaves_the_areas(tool: str, volunteers: list[dict]) -> None:
    marks = (
        [area(tool, place + shift, size) for place, (size, shift) in sorted(own.items())] for own in volunteers
    )
    rows = drawn(*marks, tool_type=tool, unit="pixels")
    settings = Drawings(min_volunteers=1)
    once, twice = (consensus(each, settings) for each in (rows, everybody_twice(rows)))
    same = ("cluster_index", "detection", "is_candidate", "area", "n_pieces", "n_holes", "points")
    same += ("x", "y", "width", "height", "rx", "ry", "iou")
    assert_frame_equal(twice.select(same), once.select(same), rel_tol=1e-9)
    assert twice["n_members"].to_list() == [2 * n for n in once["n_members"]]
