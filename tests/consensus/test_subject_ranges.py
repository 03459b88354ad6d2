"""Ranges of subjects: how many rows they have, and that no row is in two of them or in none."""

import polars as pl

from zoo_dag.consensus.subject_ranges import SubjectRange, subject_ranges


def test_ranges_have_about_as_many_rows_as_wanted_and_whole_subjects() -> None:
    numbers = {"10": 2, "2": 1, "21": 3, "3": 5, "4;5": 1}
    rows = pl.LazyFrame({"subject_ids": [subject for subject, n in numbers.items() for _ in range(n)]})
    ranges = [tuple(each) for each in subject_ranges([rows], 3)]
    assert ranges == [(None, "21"), ("21", "3"), ("3", "4;5"), ("4;5", None)]
    assert subject_ranges([rows, rows.limit(0)], 12) == (SubjectRange(),)
    assert subject_ranges([], 3) == (SubjectRange(),)


def test_the_points_of_paths_count_as_rows() -> None:
    points = [[{"x": 1.0, "y": 1.0}] * n for n in (80, 0, 8)]
    rows = pl.LazyFrame({"subject_ids": ["1", "2", "3"], "points": points})
    assert subject_ranges([rows], 5) == [SubjectRange(None, "2"), SubjectRange("2", None)]


def test_every_row_is_in_one_range() -> None:
    rows = pl.LazyFrame({"subject_ids": ["1", "10", "1;2", "2", "3"]})
    found = [each.of(rows).collect()["subject_ids"].to_list() for each in subject_ranges([rows], 1)]
    assert found == [["1"], ["10"], ["1;2"], ["2"], ["3"]]
