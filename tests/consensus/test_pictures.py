"""The size of each frame of a subject, by what browsers wrote."""

import polars as pl

from zoo_dag.consensus.pictures import subject_frames
from zoo_dag.tables import TABLES

Size = tuple[float, float] | None
DIMENSIONS = TABLES["classifications"].dtypes["subject_dimensions"]


def frames(
    *seen: tuple[int | None, list[Size] | None], n_frames: dict[int, int] | None = None
) -> list[tuple[object, ...]]:
    """The frames by a classification each: its subject, and the natural sizes that its browser wrote."""
    names = ("natural_width", "natural_height")
    classifications = pl.LazyFrame(
        {
            "workflow_id": [11 for _ in seen],
            "subject_id": [subject for subject, _ in seen],
            "subject_dimensions": [
                None if sizes is None else [dict(zip(names, size or (None, None), strict=True)) for size in sizes]
                for _, sizes in seen
            ],
        },
        {"workflow_id": pl.Int64, "subject_id": pl.Int64, "subject_dimensions": DIMENSIONS},
    )
    known = {"subject_id": [*(n_frames or {})], "n_frames": [*(n_frames or {}).values()]}
    subjects = pl.LazyFrame(known, {"subject_id": pl.Int64, "n_frames": pl.Int64})
    found = TABLES["subject_frames"].conform(subject_frames(classifications, subjects)).collect()
    assert found["workflow_id"].eq(11).all()
    return found.drop("workflow_id").rows()


def test_the_size_of_a_frame_is_what_most_classifications_saw() -> None:
    large, small = (1600.0, 1200.0), (800.0, 600.0)
    seen: list[tuple[int, list[Size]]] = [
        (102, [small, large]),
        (101, [small]),
        (101, [large]),
        (102, [small, None]),
        (101, [small]),
    ]
    assert frames(*seen) == [(101, 0, *small, 2), (102, 0, *small, 2), (102, 1, *large, 1)]


def test_of_sizes_that_as_many_saw_the_widest_and_then_the_highest_counts() -> None:
    sizes: list[Size] = [(800.0, 900.0), (1600.0, 100.0), (1600.0, 1200.0)]
    expected = [(101, 0, 1600.0, 1200.0, 1)]
    assert frames(*((101, [size]) for size in sizes)) == expected
    assert frames(*((101, [size]) for size in reversed(sizes))) == expected


def test_no_size_is_no_row_and_subjects_shown_together_have_none() -> None:
    assert frames((101, None), (102, [None]), (None, [(800.0, 600.0)])) == []


def test_sizes_beyond_the_frames_of_a_subject_are_left_out_where_these_are_known() -> None:
    both: list[Size] = [(800.0, 600.0), (400.0, 300.0)]
    assert frames((101, both), (102, both), n_frames={101: 1}) == [
        (101, 0, 800.0, 600.0, 1),
        (102, 0, 800.0, 600.0, 1),
        (102, 1, 400.0, 300.0, 1),
    ]
