"""What holds for the consensus of drawings, on any marks."""

import polars as pl
from hypothesis import given

from tests.task_types.drawings.marks import HERE, consensus, drawn, noisy
from tests.task_types.metamorphic import PROPERTY
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
