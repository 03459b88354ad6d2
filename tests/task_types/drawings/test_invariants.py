"""What must not change the consensus of drawings, on any marks."""

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.task_types.drawings.marks import HERE, consensus, drawn, entry, noisy, path
from tests.task_types.metamorphic import PROPERTY, USERS, Metamorphic, annotations
from tests.task_types.samples import flat
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Drawings
from zoo_dag.task_types.drawings.consensus import aggregate

PLACES = st.sampled_from([(0.0, 0.0), (6.0, 8.0), (12.0, 16.0), (12.5, 1.5), (200.0, 10.0), (208.0, 3.0)])
TOOLS = st.sampled_from(["point", "line", "ellipse", "freehandLine", "polygon"])


def _mark(tool: str, place: tuple[float, float], size: float) -> dict[str, Any]:
    x, y = place
    ring = path([(x, y), (x + 30, y), (x + 30, y + size), (x, y + size)])
    return {
        "point": {"x": x, "y": y},
        "line": {"x1": x, "y1": y, "x2": x + size, "y2": y - size},
        "ellipse": {"x": x, "y": y, "rx": 20.0, "ry": size, "angle": size * 3},
        "freehandLine": {"points": ring, "closed": False},
        "polygon": {"points": ring, "closed": True},
    }[tool]


@st.composite
def _said(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.tuples(TOOLS, PLACES, st.sampled_from([12.0, 20.0, 21.0])), max_size=4))
    if not chosen:
        return [{"status": draw(st.sampled_from(["blank", "malformed"]))}]
    return [
        {"status": "answered", "frame": 0, "tool_index": 0, "tool_type": tool, "mark_index": number}
        | {"details": [entry(0, answer_index=int(size), number=size)]}
        | _mark(tool, place, size)
        for number, (tool, place, size) in enumerate(chosen)
    ]


ROWS = annotations("drawing_annotations", _said())
TWO = Settings(drawings=Drawings(min_volunteers=2))
CHECKS = Metamorphic(lambda rows, tasks, scope: aggregate(rows, tasks, scope, TWO), flat().tables["tasks"])
SUBJECTS = st.sets(st.integers(1, 4))


@PROPERTY
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: pl.DataFrame, random: Any) -> None:
    CHECKS.order_of_rows(rows, random)


@PROPERTY
@given(ROWS, st.permutations(USERS))
def test_the_names_of_volunteers_change_nothing(rows: pl.DataFrame, names: list[str]) -> None:
    CHECKS.names_of_volunteers(rows, names)


def test_the_names_of_volunteers_do_not_even_change_rounding() -> None:
    rows = drawn(*noisy(HERE, {"x": 3, "y": 3}, 30))
    names = {f"user:{number}": f"user:{99 - number}" for number in range(1, 31)}
    renamed = rows.with_columns(pl.col("user_key").replace(names))
    assert consensus(renamed).equals(consensus(rows))
    assert consensus(renamed.sort("classification_id", descending=True)).equals(consensus(rows))


@PROPERTY
@given(ROWS, SUBJECTS)
def test_subjects_and_workflows_do_not_touch_each_other(rows: pl.DataFrame, some: set[int]) -> None:
    CHECKS.split_by_subject(rows, some)
    CHECKS.split_by_workflow(rows, some)


@PROPERTY
@given(ROWS, st.sets(st.integers(0, 25)))
def test_pooled_versions_count_as_one(rows: pl.DataFrame, later: set[int]) -> None:
    CHECKS.split_by_version(rows, later)


@PROPERTY
@given(ROWS)
def test_rows_left_out_might_as_well_not_be_there(rows: pl.DataFrame) -> None:
    CHECKS.rows_left_out(rows)


@PROPERTY
@given(ROWS)
def test_subjects_in_parts_are_the_same_as_all_at_once(rows: pl.DataFrame) -> None:
    whole = consensus(rows, Drawings(min_volunteers=2))
    parts = consensus(rows, Drawings(min_volunteers=2), at_once=3)
    # Sums of floats depend on the order in which Polars' threads add them.
    assert_frame_equal(parts, whole, rel_tol=1e-9, abs_tol=1e-6)


@PROPERTY
@given(ROWS)
def test_every_cluster_adds_up(rows: pl.DataFrame) -> None:
    found = consensus(rows, Drawings(min_volunteers=2))
    assert set(found["subject_ids"]) == set(rows.filter(pl.col("excluded").is_null())["subject_ids"])
    some = found.filter(pl.col("cluster_index").is_not_null())
    assert (some["n_members"] <= some["n_marks"]).all()
    assert (some["n_members"] <= some["n_volunteers"]).all()
    assert some["detection"].is_between(0, 1).all()
    assert some["iou"].drop_nulls().is_between(0, 1).all()
