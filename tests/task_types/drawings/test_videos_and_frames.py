"""Marks on videos, by fractions and by seconds, and marks on several frames of one thing."""

from typing import Any

import polars as pl
import pytest

from tests.task_types.drawings.builders import mark
from tests.task_types.drawings.marks import HERE, clusters, consensus, drawn
from zoo_dag.settings.drawings import Drawings, MarkOverride
from zoo_dag.task_types.drawings.frames import video_lengths

SPOT = {"x": 100.0, "y": 200.0, "tool_type": "temporalPoint"}


def at(time: float, stamp: int | None = None, **cells: Any) -> list[dict[str, Any]]:
    """A mark at a fraction of the video, and its whole seconds."""
    return [SPOT | {"start_time": time, "start_stamp": stamp} | cells]


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("0:00", None),
        ("0:07", 7),
        ("2:05", 125),
        ("59:59", 3599),
        ("NaN", None),
        ("1:60", None),
        (7, None),
        (None, None),
    ],
)
def test_a_stamp_is_read_in_whole_seconds(stamp: Any, seconds: int | None) -> None:
    row = mark(x=1, y=2, toolIndex=0, toolType="temporalPoint", displayTime=0.5, displayTimeStamp=stamp)
    assert (row["status"], row["start_time"], row["start_stamp"]) == ("answered", 0.5, seconds)


def lengths(*marks: tuple[float, int | None]) -> list[Any]:
    rows = drawn(*(at(time, stamp) for time, stamp in marks))
    return video_lengths(rows)["video_seconds"].to_list()


def test_all_marks_of_a_video_say_how_long_it_is() -> None:
    # A video of 20 seconds: at .26 it is 5.2 seconds old, at .99 it is 19.8.
    assert lengths((0.26, 5)) == [pytest.approx((5 / 0.26 + 6 / 0.26) / 2, rel=1e-4)]
    assert lengths((0.26, 5), (0.99, 19), (0.4, 8)) == [pytest.approx((20 + 20 / 0.99) / 2, rel=1e-4)]
    assert lengths((0.2, 4), (0.2, 400)) == [None], "they contradict each other"
    assert lengths((0.0, None), (0.01, None)) == []


def test_a_cluster_starts_at_so_many_seconds() -> None:
    (row,) = clusters(drawn(at(0.26, 5), at(0.25, 5), at(0.24, 4)))
    assert row["start_time"] == pytest.approx(0.25)
    # Between 5 / .25 and 5 / .24 seconds.
    assert row["start_seconds"] == pytest.approx(0.25 * (5 / 0.25 + 5 / 0.24) / 2, rel=1e-4)
    (without,) = clusters(drawn(at(0.26), at(0.25)))
    assert without["start_seconds"] is None
    (point,) = clusters(drawn([HERE], [HERE]))
    assert point["start_seconds"] is None


def test_seconds_count_where_the_length_is_known() -> None:
    # Ten seconds: .08 of it are .8 seconds.
    rows = drawn(at(0.50, 5), at(0.58, 5), at(0.995, 9))
    assert len(clusters(rows)) == 0
    assert [row["n_members"] for row in clusters(rows, eps_seconds=1.0)] == [2]
    assert [row["n_members"] for row in clusters(rows, overrides=(MarkOverride(task="T0", eps_seconds=1.0),))] == [
        2
    ]
    assert len(clusters(rows, eps_seconds=0.5, eps_time=0.5)) == 0
    unknown = drawn(at(0.50), at(0.58))
    assert len(clusters(unknown, eps_seconds=0.5, eps_time=0.1)) == 1


def burst(*frames: int) -> pl.DataFrame:
    """One thing that each volunteer marks on a frame of their choice."""
    return drawn(*([HERE | {"frame": frame}] for frame in frames))


def test_frames_are_apart_unless_the_settings_join_them() -> None:
    rows = burst(0, 1, 2, 2, 1)
    found = consensus(rows)
    assert found.select("frame", "cluster_index", "n_members").rows() == [(0, 0, 1), (1, 0, 2), (2, 0, 2)]
    (row,) = consensus(rows, Drawings(frames="together")).to_dicts()
    # Frames 1 and 2 are as common.
    assert (row["frame"], row["n_members"], row["detection"]) == (1, 5, 1)
    (of_task,) = clusters(rows, overrides=(MarkOverride(task="T0", frames="together"),))
    assert of_task["n_members"] == 5
    assert consensus(rows, Drawings(overrides=(MarkOverride(task="T1", frames="together"),))).equals(found)


def test_a_volunteer_is_once_in_a_cluster_of_all_frames() -> None:
    both = [HERE | {"frame": 0}, HERE | {"frame": 1, "x": 101.0}]
    found = consensus(drawn(both, [HERE | {"frame": 1}], [HERE | {"frame": 0}]), Drawings(frames="together"))
    assert found.select("cluster_index", "n_members", "is_candidate").rows() == [(0, 3, False), (1, 1, True)]


def test_frames_of_different_sizes_have_one_largest_distance() -> None:
    sizes = {"frame_height": 100.0}
    rows = drawn(
        [HERE | {"frame": 0, "frame_width": 1000.0, **sizes}],
        [HERE | {"x": 130.0, "frame": 1, "frame_width": 2000.0, **sizes}],
    )
    rows = rows.with_columns(y=pl.lit(50.0))
    (row,) = clusters(rows, frames="together")
    assert (row["n_members"], row["frame"], row["x"]) == (2, 0, 115)


def test_slow_things_are_followed_from_frame_to_frame() -> None:
    """One moves right by 10 pixels a frame, another one is there on two, and again on a later one."""
    slow = [{"x": 100.0 + 10 * frame, "y": 50.0, "frame": frame} for frame in range(4)]
    new = [{"x": 700.0, "y": 50.0, "frame": frame} for frame in (1, 2)]
    again = [{"x": 700.0, "y": 50.0, "frame": 4}]
    rows = drawn(*[[*slow, *new, *again]] * 2, [{"x": 400.0, "y": 50.0, "frame": 2}])
    assert consensus(rows)["track_index"].null_count() == 8
    found = consensus(rows, Drawings(tracks=True)).select("frame", "x", "track_index").rows()
    assert found == [
        (0, 100, 0),
        (1, 110, 0),
        (1, 700, 1),
        (2, 120, 0),
        (2, 700, 1),
        # A candidate.
        (2, 400, None),
        (3, 130, 0),
        # Behind a gap of one frame.
        (4, 700, 2),
    ]


def test_a_track_takes_the_nearest_of_two_and_each_once() -> None:
    first = [{"x": x, "y": 50.0, "frame": 0} for x in (100.0, 115.0)]
    second = [{"x": 113.0, "y": 50.0, "frame": 1}]
    found = consensus(drawn(*[[*first, *second]] * 2), Drawings(tracks=True)).sort("frame", "x")
    assert found["track_index"].to_list() == [0, 1, 1]


def test_tracks_of_a_video_go_by_time() -> None:
    marks = [at(time)[0] | {"x": 100 + 50 * time} for time in (0.1, 0.18, 0.26, 0.6)]
    found = consensus(drawn(marks, marks), Drawings(tracks=True)).sort("start_time")
    assert found["track_index"].to_list() == [0, 0, 0, 1]
