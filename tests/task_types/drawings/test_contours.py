"""Contours: what at least k volunteers cover, of clusters and of all marks together."""

from typing import Any

import polars as pl
import pytest

from tests.task_types.drawings.marks import consensus, drawn, path, rows_of, table
from tests.task_types.samples import seen_by
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.drawings import Drawings
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.drawings.contours import CONTOURS, levels_of


def square(left: float, *, side: float = 10.0) -> dict[str, Any]:
    corners = [(left, 0), (left + side, 0), (left + side, side), (left, side)]
    return {"tool_type": "polygon", "closed": True, "points": path(corners)}


def contours(annotations: pl.DataFrame, wanted: Any) -> pl.DataFrame:
    rows = {"drawing_annotations": annotations.lazy(), SEEN: seen_by([annotations.lazy()], VERSION)}
    settings = Settings(drawings=Drawings(contours=wanted))
    return aggregate(CONTOURS, rows, TABLES["tasks"].empty().lazy(), VERSION, settings).table.collect()


SQUARES = drawn([square(0)], [square(1)], [square(2)], [square(100)], [])
LEVELS = ("cluster_index", "n_members", "k", "share", "k_detection", "area", "n_pieces")


def test_there_are_none_unless_the_settings_ask_for_them() -> None:
    found = contours(SQUARES, ())
    assert (found.height, found.schema) == (0, TABLES["contour_consensus"].dtypes)


def test_every_level_of_a_cluster_and_of_all_marks() -> None:
    found = contours(SQUARES, "all")
    assert found.filter(pl.col("cluster_index").is_not_null()).select(LEVELS).rows() == [
        (0, 3, 1, 1 / 3, 1 / 5, pytest.approx(120), 1),
        (0, 3, 2, 2 / 3, 2 / 5, pytest.approx(100), 1),
        (0, 3, 3, 1, 3 / 5, pytest.approx(80), 1),
    ]
    # The square that one volunteer drew elsewhere is in no cluster, but covers a place.
    assert found.filter(pl.col("cluster_index").is_null()).select(LEVELS).rows() == [
        (None, 4, 1, 1 / 5, 1 / 5, pytest.approx(220), 2),
        (None, 4, 2, 2 / 5, 2 / 5, pytest.approx(100), 1),
        (None, 4, 3, 3 / 5, 3 / 5, pytest.approx(80), 1),
        (None, 4, 4, 4 / 5, 4 / 5, 0, 0),
    ]
    assert found["tool_label"].unique().to_list() == ["Nest"]
    assert found["method"].unique().to_list() == ["faces"]


def test_a_share_is_the_smallest_number_that_is_no_less() -> None:
    assert levels_of((0.25, 0.5, 0.75), 4, 4) == [1, 2, 3]
    assert levels_of((0.25, 0.5, 0.75), 2, 2) == [1, 2]
    assert levels_of((0.3, 1.0), 10, 7) == [3, 10]
    found = contours(SQUARES, (0.5,))
    assert found.select("cluster_index", "k", "area").rows() == [
        (0, 2, pytest.approx(100)),
        (None, 3, pytest.approx(80)),
    ]


def test_more_than_half_is_the_consensus_of_the_cluster() -> None:
    (cluster,) = consensus(SQUARES).filter(~pl.col("is_candidate")).to_dicts()
    (contour,) = contours(SQUARES, (0.5,)).filter(cluster_index=0).to_dicts()
    assert contour["points"] == cluster["points"] == contour["pieces"][0]


def test_pieces_are_rings_with_holes_by_the_even_odd_rule() -> None:
    found = contours(drawn([square(0, side=30), square(3)], [square(0, side=30)]), "all")
    united = found.filter(pl.col("cluster_index").is_null())
    assert united["area"].to_list() == pytest.approx([900, 900]), "a volunteer's marks are not counted twice"
    ring = path([(0, 0), (40, 0), (40, 10), (10, 10), (10, 30), (30, 30), (30, 10), (40, 10), (40, 40), (0, 40)])
    hollow = [{"tool_type": "polygon", "closed": True, "points": ring}]
    (both,) = contours(drawn(hollow, hollow), (1.0,)).filter(cluster_index=0).to_dicts()
    assert (both["area"], both["n_pieces"], len(both["pieces"])) == (pytest.approx(1200), 1, 2)
    assert {(point["x"], point["y"]) for point in both["pieces"][1]} == {(10, 10), (10, 30), (30, 30), (30, 10)}


def test_boxes_and_ellipses_have_contours_and_points_have_none() -> None:
    box = {"tool_type": "rectangle", "y": 5.0, "width": 10.0, "height": 10.0, "x": 5.0}
    ellipse = {"tool_type": "ellipse", "x": 50.0, "y": 50.0, "rx": 20.0, "ry": 20.0, "angle": 0.0}
    point = {"x": 3.0, "y": 3.0}
    marks = [box, ellipse | {"tool_index": 1}, point | {"tool_index": 2}]
    found = contours(drawn(marks, marks), (1.0,)).filter(pl.col("cluster_index").is_not_null())
    assert found.select("tool_index", "area").rows() == [(0, 100), (1, pytest.approx(1257, rel=2e-3))]


def test_renamed_and_shuffled_volunteers_have_the_same_contours() -> None:
    rows = [row for number in range(6) for row in rows_of(number, [square(number / 3), square(number + 40.0)])]
    expected = contours(table(rows), "all")
    other = table(rows[::-1]).with_columns(user_key=pl.format("user:{}", 9 - pl.col("classification_id")))
    assert expected.height > 6
    assert contours(other, "all").equals(expected)


def test_every_volunteer_twice_doubles_k_and_leaves_the_areas() -> None:
    volunteers = [[square(shift)] for shift in (0, 1, 2, 5)]
    once, twice = (
        contours(drawn(*every), "all").filter(cluster_index=0) for every in (volunteers, volunteers * 2)
    )
    assert twice["k"].to_list() == list(range(1, 9))
    assert twice["area"].to_list()[1::2] == pytest.approx(once["area"].to_list())
    assert twice["area"].to_list()[::2] == pytest.approx(once["area"].to_list())
