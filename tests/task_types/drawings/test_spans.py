"""Spans on light curves and columns on pictures: one axis, overlap without a unit."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulated_spans import METHODS, scores
from tests.builders import workflow_row
from tests.plots.samples import caption, image, paths, texts
from tests.task_types.drawings.builders import rows_of
from tests.task_types.drawings.marks import clusters, consensus, drawn
from tests.task_types.metamorphic import PROPERTY
from tests.task_types.samples import NO_WORKFLOWS, flat
from zoo_dag.clustering.boxes import spans
from zoo_dag.settings.drawings import Drawings, MarkOverride
from zoo_dag.task_types.drawings import plots
from zoo_dag.task_types.drawings.frames import estimated_sides

SPAN = {"x": 15.2, "tool": 0, "width": 0.92, "toolType": "graph2dRangeX", "zoomLevelOnCreation": 1}
RANGE = {"tool_type": "graph2dRangeX", "tool_label": "Transit", "unit": "data"}
DIPS = workflow_row(
    tasks={
        "T1": {
            "type": "dataVisAnnotation",
            "instruction": "Mark the dips",
            "tools": [{"type": "graph2dRangeX", "label": "Transit"}],
        }
    },
    strings={},
)


def spanned(value: Any, workflows: Any = NO_WORKFLOWS) -> list[dict[str, Any]]:
    return rows_of(flat([{"task": "T1", "value": value, "taskType": "dataVisAnnotation"}], workflows=workflows))


def curve(*volunteers: list[tuple[float, float]], **cells: Any) -> pl.DataFrame:
    """The table of the spans of volunteers, centre and width in days."""
    return drawn(*([{"x": x, "width": width} for x, width in own] for own in volunteers), **RANGE | cells)


def test_a_span_is_a_mark_in_the_unit_of_the_data() -> None:
    (row,) = spanned([SPAN], [DIPS])
    said = ("x", "y", "width", "frame", "tool_index", "tool_type", "tool_label", "unit", "status", "task_type")
    transit = (15.2, None, 0.92, 0, 0, "graph2dRangeX", "Transit", "data", "answered", "dataVisAnnotation")
    assert tuple(row[name] for name in said) == transit


def test_what_a_span_lacks() -> None:
    assert [(row["status"], row["unit"]) for row in spanned([])] == [("blank", None)]
    values = [
        {"x": 15.2, "tool": 0, "width": 0.92},
        SPAN | {"width": 0},
        SPAN | {"width": -1},
        SPAN | {"width": "wide"},
        SPAN | {"tool": 7},
        7,
    ]
    rows = spanned(values, [DIPS])
    statuses = ["answered", "answered", "malformed", "malformed", "unknown_label", "malformed"]
    assert [row["status"] for row in rows] == statuses
    assert {(row["tool_type"], row["unit"]) for row in rows} == {("graph2dRangeX", "data")}
    assert [row["x"] for row in rows[:2]] == [15.2, 15.2], "the centre, where a column has its left edge"


def test_the_distance_of_spans_is_what_they_do_not_share() -> None:
    metric = spans(np.array([1.0, 1.5, 4.0, 1.0]), np.array([2.0, 2.0, 1.0, 0.0]))
    one, other = np.array([0, 0, 0, 0]), np.array([0, 1, 2, 3])
    assert metric.distance(one, other).tolist() == [0, pytest.approx(1 - 1.5 / 2.5), 1, 1]


def test_dips_of_a_curve_stay_apart_and_have_mean_and_spread() -> None:
    rows = curve([(3.0, 0.3), (9.0, 0.2)], [(3.1, 0.4), (9.0, 0.3)], [(3.05, 0.2), (20.0, 0.3)], [])
    first, second, third = consensus(rows).to_dicts()
    assert (first["n_members"], first["detection"], first["unit"]) == (3, 3 / 4, "data")
    assert (first["x"], first["width"]) == (pytest.approx(3.05), pytest.approx(0.3))
    assert (first["x_std"], first["width_std"]) == (pytest.approx(0.05), pytest.approx(0.1))
    # Three tenths of four, all of the second's three quarters, all of the third's two thirds.
    assert first["iou"] == pytest.approx((0.25 / 0.35 + 0.3 / 0.4 + 0.2 / 0.3) / 3)
    assert (second["x"], second["n_members"], second["is_candidate"]) == (9.0, 2, False)
    assert (third["n_members"], third["is_candidate"]) == (1, True)


def test_a_span_without_a_width_is_in_no_cluster() -> None:
    found = consensus(curve([(3.0, 0.3)], [(3.0, 0.3)], [(3.0, 0.0)]))
    assert found.select("n_members", "is_candidate").rows() == [(2, False), (1, True)]


def test_spans_of_all_tools_are_together_where_the_settings_say_so() -> None:
    dip = {"x": 3.0, "width": 0.3, **RANGE}
    rows = drawn([dip], [dip | {"tool_index": 1}], [dip | {"tool_index": 1}])
    assert [row["n_members"] for row in consensus(rows).to_dicts()] == [1, 2]
    (row,) = clusters(rows, overrides=(MarkOverride(task="T0", tools="together"),))
    assert (row["n_members"], row["tool_index"]) == (3, 1)
    assert [entry["votes"] for entry in row["tools"]] == [2, 1]


def test_the_setting_of_spans_is_their_own() -> None:
    # A third of both together is in common.
    rows = curve([(3.0, 0.4)], [(3.2, 0.4)])
    assert len(clusters(rows)) == 1
    assert not clusters(rows, eps_span=0.6)
    assert len(clusters(rows, eps_overlap=0.1)) == 1
    assert not clusters(rows, overrides=(MarkOverride(tool=0, eps_span=0.6),))


def test_columns_of_a_picture_are_spans_in_pixels() -> None:
    column = {"tool_type": "column", "unit": "pixels"}
    rows = drawn(
        [{"x": 100.0, "width": 40.0}], [{"x": 110.0, "width": 40.0}], [{"x": 150.0, "width": 20.0}], **column
    )
    (row,) = clusters(rows)
    assert (row["x"], row["width"], row["unit"], row["iou"]) == (105, 40, "pixels", pytest.approx(35 / 45))


def test_a_curve_has_no_picture() -> None:
    rows = curve([(3.0, 0.3)], [(3.0, 0.3)], frame_width=1.0, frame_height=1.0)
    assert consensus(rows)["n_members"].to_list() == [2], "the size of a picture does not matter"
    assert estimated_sides(curve([(3.0, 0.3)]).lazy()).is_empty()


def test_spans_are_drawn_along_the_axis_of_the_data() -> None:
    dips = [[(3.0, 0.5), (9.0, 0.5)], [(3.0, 0.5), (9.0, 0.5)], [(3.0, 0.5), (14.0, 0.0)], []]
    rows = curve(*dips)
    opened = {"drawing_annotations": rows.lazy()}
    drawn = plots.consensus(consensus(rows).lazy(), opened.get)
    assert list(drawn) == ["spans, most clusters", "example subjects"]
    told = drawn["spans, most clusters"]
    assert caption(told) == (
        "Subject 101, task T0: 2 clusters, mean detection 0.62 in 4 classifications; grey: 6 of 6 marks. "
        "From 2.5 to 14.2 in the unit of the data."
    )
    raw, bars, axis = paths(image(told))
    # The rows of three volunteers, below that of the tool.
    assert raw.split("M")[1:] == ["8 18h18", "223 18h18", "8 24h18", "223 24h18", "8 30h18", "412 30h0"]
    assert bars == "M8 6h18M223 6h18"
    assert axis == "M0 36h420"
    assert texts(image(told)) == ["2.5", "14.2", "Transit"]
    alone = plots.annotations(rows.lazy(), opened.get)
    assert list(alone) == ["spans, most marks"]
    assert caption(alone["spans, most marks"]).startswith("Subject 101, task T0: 6 marks. From 2.5 to 14.2 in")
    assert paths(image(alone["spans, most marks"]))[0].startswith("M8 6h18M223 6h18M8 12h18")
    columns = curve(*dips, tool_type="column", unit="pixels")
    assert list(plots.annotations(columns.lazy(), opened.get)) == ["marks, most marks"]


_SPANS = st.lists(st.tuples(st.integers(0, 20).map(float), st.sampled_from([0.0, 1.0, 2.5])), max_size=3)


@PROPERTY
@given(st.lists(_SPANS, min_size=2, max_size=6), st.randoms())
def test_names_and_order_do_not_matter_and_nor_do_units(volunteers: Any, random: Any) -> None:
    rows = curve(*volunteers)
    expected = consensus(rows)
    order = list(range(rows.height))
    random.shuffle(order)
    renamed = rows[order].with_columns(user_key=pl.format("user:{}", pl.col("user_key").str.reverse()))
    assert consensus(renamed).equals(expected)
    scaled = consensus(rows.with_columns(pl.col("x", "width") * 1024))
    assert scaled["n_members"].to_list() == expected["n_members"].to_list()
    assert scaled["x"].to_list() == pytest.approx([x and x * 1024 for x in expected["x"]])


# Of things far apart, which volunteers who see them mark a little off.
_DIPS = st.lists(
    st.tuples(st.sampled_from([10.0, 30.0]), st.sampled_from([0, 0.25, 0.5])),
    max_size=2,
    unique_by=lambda dip: dip[0],
)


@PROPERTY
@given(st.lists(_DIPS, min_size=2, max_size=6))
def test_every_volunteer_twice_leaves_the_spans(volunteers: Any) -> None:
    own = [[(x + off, 2 + off) for x, off in dips] for dips in volunteers]
    once, twice = (consensus(curve(*every), Drawings(min_volunteers=1)) for every in (own, own * 2))
    assert twice["n_members"].to_list() == [2 * n for n in once["n_members"]]
    for name in ("x", "width", "iou", "detection"):
        assert twice[name].to_list() == [value and pytest.approx(value) for value in once[name]]


def test_dips_of_simulated_stars_are_found() -> None:
    found = scores(60, 10, 0.25)
    assert set(found) == set(METHODS)
    assert found["eps 0.7"].f1 > 0.93
    assert 0.8 > found["single"].f1 > found["edges"].f1
