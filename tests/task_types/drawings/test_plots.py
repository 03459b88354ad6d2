"""Plots of marks on sample subjects, and of their clusters."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plots.samples import LABELS, caption, image, nothing, others, paths, rows, texts
from zoo_dag.task_types.drawings import plots


def drawn_mark(subject: int = 1, tool: int = 0, **columns: object) -> dict:
    """A mark of a point tool."""
    return {
        "classification_id": 5,
        "subject_id": subject,
        "subject_ids": str(subject),
        "task": "T0",
        "status": "answered",
        "mark_index": 0,
        "frame": 0,
        "tool_index": tool,
        "tool_type": "point",
        "tool_label": f"tool {tool}",
        "x": 10.0,
        "y": 20.0,
    } | columns


def cluster(subject: int = 1, tool: int = 0, detection: float = 0.5, **columns: object) -> dict:
    """A cluster of points."""
    found = (
        drawn_mark(subject, tool, cluster_index=0, is_candidate=False, detection=detection, n_classifications=10)
        | columns
    )
    return {
        name: value for name, value in found.items() if name not in ("classification_id", "status", "mark_index")
    }


def consensus(clusters: list[dict], raw: list[dict] | None = None) -> dict:
    tables = {} if raw is None else {"drawing_annotations": rows("drawing_annotations", raw)}
    return plots.consensus(rows("drawing_consensus", clusters), others(**tables))


def test_clusters_of_a_task_in_several_combos_lie_over_the_marks_of_their_combo():
    clusters = [cluster(x=float(x), parent_task=combo) for x, combo in ((0, "A"), (50, "A"), (400, "B"))]
    raw = [drawn_mark(x=float(x), parent_task=combo) for x, combo in ((0, "A"), (60, "A"), (400, "B"), (7, None))]
    found = consensus(clusters, raw)
    told = caption(found["marks, most clusters"])
    assert told.startswith("Subject 1, task A.T0: 2 clusters")
    assert "grey: 2 of 2 marks" in told
    told = caption(found["marks, median detection"])
    assert told.startswith("Subject 1, task B.T0: 1 cluster")
    assert "grey: 1 of 1 mark" in told


def test_subjects_are_chosen_by_most_clusters_and_by_median_and_least_detection():
    clusters = [
        *(cluster(1, x=float(x)) for x in range(0, 300, 100)),
        *(cluster(subject, detection=subject / 10) for subject in (2, 3, 4, 5)),
    ]
    found = consensus(clusters)
    assert list(found) == [
        "marks, most clusters",
        "marks, median detection",
        "marks, least detection",
        "example subjects",
    ]
    told = [caption(found[name]) for name in list(found)[:3]]
    assert told[0].startswith("Subject 1, task T0: 3 clusters, mean detection 0.50 in 10 classifications.")
    assert told[1].startswith("Subject 3, task T0: 1 cluster, mean detection 0.30")
    assert told[2].startswith("Subject 2, task T0: 1 cluster, mean detection 0.20")


def test_raw_marks_that_count_lie_in_grey_below_the_clusters():
    raw = [
        *(drawn_mark(x=10.0 + step, y=20.0) for step in range(3)),
        drawn_mark(x=50.0, excluded="repeat"),
        drawn_mark(x=50.0, status="malformed"),
        drawn_mark(subject=2, x=50.0),
        drawn_mark(x=50.0, frame=1),
    ]
    told = consensus([cluster(x=11.0)], raw)["marks, most clusters"]
    assert "; grey: 3 of 3 marks. " in caption(told)
    border, dots, crosses = paths(image(told))
    assert border.startswith("M0 0h")
    assert dots.count("h0") == 3
    assert crosses.count("h8m-4 -4v8") == 1
    assert texts(image(told)) == ["tool 0"]


def test_the_frame_with_most_clusters_is_shown():
    found = consensus([cluster(frame=0), cluster(frame=2), cluster(frame=2, x=90.0)])
    assert caption(found["marks, most clusters"]).startswith("Subject 1, task T0, frame 2: 2 clusters")


def test_shapes_of_raw_marks_lie_in_grey_with_the_border():
    polygon = [{"x": float(x), "y": float(y)} for x, y in ((0, 0), (50, 0), (60, 30), (20, 60), (5, 40))]
    shaped = {"tool_type": "polygon", "closed": True, "x": None, "y": None, "points": polygon}
    clusters = [cluster(cluster_index=n, **shaped) for n in range(8)]
    raw = [drawn_mark(mark_index=n, **shaped) for n in range(60)]
    told = consensus(clusters, raw)["marks, most clusters"]
    grey, outlines = paths(image(told))
    assert grey.count("z") == 61
    assert outlines.count("z") == 8
    assert "; grey: 60 of 60 marks. " in caption(told)


def test_of_very_many_clusters_some_are_drawn_and_the_number_is_shown():
    clusters = [cluster(cluster_index=n, x=float(n * 7 % 1000), y=float(n * 11 % 800)) for n in range(300)]
    told = consensus(clusters, [drawn_mark()])["marks, most clusters"]
    (border, dots, crosses) = paths(image(told))
    assert border.endswith("z")
    assert dots.count("h0") == 1
    assert caption(told).startswith("Subject 1, task T0: 300 clusters, ")
    assert "; 100 are drawn; grey: 1 of 1 mark." in caption(told)
    assert crosses.count("h8m") == 100


def test_tools_have_different_colours_and_many_share_the_last_one():
    few = [cluster(tool=tool, x=float(100 * tool), cluster_index=0) for tool in range(3)]
    assert texts(image(consensus(few)["marks, most clusters"])) == ["tool 0", "tool 1", "tool 2"]
    many = [cluster(tool=tool, x=float(100 * tool), cluster_index=0) for tool in range(6)]
    assert texts(image(consensus(many)["marks, most clusters"])) == ["tool 0", "tool 1", "tool 2", "other tools"]


def test_contours_of_the_place_with_most_pieces_are_drawn_by_k():
    ring = [{"x": 0.0, "y": 0.0}, {"x": 90.0, "y": 0.0}, {"x": 90.0, "y": 90.0}]
    unit = {"subject_ids": "1", "task": "T0", "frame": 0, "tool_index": 0, "cluster_index": None}
    levels = [unit | {"k": k, "n_pieces": 1, "pieces": [ring]} for k in range(1, 8)]
    other = levels[0] | {"subject_ids": "2", "n_pieces": 2}
    found = plots.contours(rows("contour_consensus", [*levels, other, levels[0] | {"cluster_index": 0}]), nothing)
    assert caption(found["contours"]).startswith("Subject 1, task T0: what so many volunteers cover")
    assert [text for text in texts(image(found["contours"])) if "or more" in text] == [
        f"{k} or more" for k in (1, 3, 5, 7)
    ]
    assert plots.contours(rows("contour_consensus", [levels[0] | {"n_pieces": 0, "pieces": []}]), nothing) == {}


def test_without_clusters_nothing_is_shown():
    blank = cluster(
        cluster_index=None,
        is_candidate=None,
        x=None,
        y=None,
        tool_index=None,
        tool_type=None,
        tool_label=None,
        frame=None,
    )
    assert consensus([blank]) == {}
    assert plots.consensus(rows("pooled_drawing_consensus", []), nothing) == {}
    assert plots.annotations(rows("drawing_annotations", []), nothing) == {}


def test_raw_marks_are_shown_of_the_most_marked_and_of_the_median_subject():
    raw = [
        drawn_mark(subject, x=100.0 * place, mark_index=place)
        for subject, count in ((1, 1), (2, 2), (3, 3), (4, 9))
        for place in range(count)
    ]
    found = plots.annotations(rows("drawing_annotations", raw), nothing)
    told = {name: caption(plot)[:31] for name, plot in found.items()}
    assert told == {
        "marks, most marks": "Subject 4, task T0: 9 marks. Th",
        "marks, median number": "Subject 2, task T0: 2 marks. Th",
    }


def test_of_very_many_marks_some_are_drawn_evenly_and_the_true_number_is_shown():
    raw = [drawn_mark(mark_index=n, x=float(n), y=float(n * 11 % 800)) for n in range(3000)]
    of_marks = plots.annotations(rows("drawing_annotations", raw), nothing)["marks, most marks"]
    assert caption(of_marks).startswith("Subject 1, task T0: 3,000 marks; 100 are drawn. ")
    _, crosses = paths(image(of_marks))
    assert crosses.count("h8m") == 100
    of_clusters = consensus([cluster()], raw)["marks, most clusters"]
    assert "; grey: 100 of 3,000 marks." in caption(of_clusters)


def test_a_plot_stays_small_enough_to_be_kept():
    """Metadata of a run is stored in Dagster's database."""
    generator = random.Random(1)  # noqa: S311  (places of invented marks)

    def somewhere() -> list[dict]:
        return [{"x": generator.uniform(0, 9999), "y": generator.uniform(0, 9999)} for _ in range(500)]

    shaped = {"tool_type": "freehandShape", "closed": True, "x": None, "y": None}
    clusters = [cluster(cluster_index=n, points=somewhere(), **shaped) for n in range(200)]
    raw = [drawn_mark(mark_index=n, points=somewhere(), **shaped) for n in range(200)]
    assert len(consensus(clusters, raw)["marks, most clusters"]) < 25_000


@pytest.mark.parametrize("tool", ["fullWidthLine", "fullHeightLine"])
def test_lines_over_the_entire_image_are_drawn_over_the_entire_picture(tool):
    place = {"x": None, "y": 30.0} if tool == "fullWidthLine" else {"x": 30.0, "y": None}
    told = consensus([cluster(tool_type=tool, **place)])["marks, most clusters"]
    assert len(paths(image(told))) == 2


MEASURE = st.one_of(st.none(), st.floats(-5000, 5000))
GEOMETRY = st.fixed_dictionaries(
    dict.fromkeys(("x", "y", "x1", "y1", "x2", "y2", "angle", "spread"), MEASURE)
    | {name: st.one_of(st.none(), st.floats(0, 5000)) for name in ("width", "height", "r", "rx", "ry")}
    | {
        "points": st.one_of(
            st.none(),
            st.lists(st.fixed_dictionaries({"x": st.floats(-9e3, 9e3), "y": st.floats(-9e3, 9e3)}), min_size=1),
        ),
        "closed": st.one_of(st.none(), st.booleans()),
        "tool_index": st.one_of(st.none(), st.integers(0, 8)),
        "tool_label": st.one_of(st.none(), LABELS),
    }
)


@settings(max_examples=40)
@given(st.lists(GEOMETRY, min_size=1, max_size=30), LABELS)
def test_any_marks_and_labels_give_pictures(geometry, task):
    clusters = [cluster(cluster_index=n, task=task, **columns) for n, columns in enumerate(geometry)]
    raw = [drawn_mark(mark_index=n, task=task, **columns) for n, columns in enumerate(geometry)]
    found = consensus(clusters, raw) | plots.annotations(rows("drawing_annotations", raw), nothing)
    for name, plot in found.items():
        if name.startswith("marks"):
            assert image(plot).tag.endswith("svg")
