"""Spans of several volunteers' intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.task_types.highlights.spans import (
    Intervals,
    Spans,
    clusters_of,
    pieces_of,
    spans_of,
    volunteers_of_half,
)

Interval = tuple[int, int, int, int]
# Group, volunteer, start, end.
INTERVALS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 20), st.integers(1, 9)).map(
        lambda one: (*one[:3], one[2] + one[3])
    ),
    max_size=30,
)


def intervals(*rows: Interval) -> Intervals:
    return Intervals(*np.array(rows, np.int64).reshape(-1, 4).T)


def found(*rows: Interval, join: int = 1, eps: float = 0.5, least: int = 3) -> list[tuple[int, int, int, int]]:
    """Group, start, end and members of each span."""
    pieces, _ = pieces_of(intervals(*rows), join)
    spans, _ = spans_of(pieces, clusters_of(pieces, eps, np.full(len(pieces.start), least)))
    return list(zip(*(column.tolist() for column in spans[:4]), strict=True))


@pytest.mark.parametrize(
    ("members", "span"),
    [
        ([(0, 10)], (0, 10)),
        # Of two, what both cover; of four, what three do.
        ([(0, 10), (2, 12)], (2, 10)),
        ([(0, 10), (1, 11), (2, 12), (3, 13)], (2, 11)),
        ([(0, 10), (1, 10), (4, 12)], (1, 10)),
    ],
)
def test_a_span_is_what_more_than_half_of_its_members_cover(
    members: list[tuple[int, int]], span: tuple[int, int]
) -> None:
    rows = [(0, number, *ends) for number, ends in enumerate(members)]
    assert found(*rows, least=1) == [(0, *span, len(members))]


def test_a_chain_without_a_common_part_has_the_outer_medians() -> None:
    # Each overlaps the next by half of both together, the first and the last by nothing.
    assert found(*((0, number, 4 * number, 4 * number + 12) for number in range(4)), least=2) == [(0, 8, 16, 4)]
    pieces, _ = pieces_of(intervals((0, 0, 0, 4), (0, 1, 10, 14)), 1)
    spans, _ = spans_of(pieces, np.zeros(2, np.int64))
    assert (spans.start.tolist(), spans.end.tolist(), spans.iou.tolist()) == ([0], [14], [4 / 14])


def test_pieces_of_a_volunteer_are_one_and_count_once() -> None:
    rows = [(0, 0, 0, 5), (0, 0, 6, 10), (0, 1, 0, 10), (0, 2, 0, 9)]
    assert found(*rows) == [(0, 0, 10, 3)]


def test_what_one_volunteer_says_often_is_no_span_of_several() -> None:
    rows = [(0, 0, 0, 8), (0, 0, 10, 18), (0, 1, 0, 8)]
    assert found(*rows) == [(0, 0, 8, 2), (0, 10, 18, 1)]


def test_groups_do_not_touch_each_other() -> None:
    rows = [(group, number, 0, 10) for group in (0, 1) for number in range(3)]
    assert found(*rows) == [(0, 0, 10, 3), (1, 0, 10, 3)]
    assert found() == []


def test_spread_and_overlap_are_those_of_the_members() -> None:
    pieces, _ = pieces_of(intervals((0, 0, 0, 10), (0, 1, 2, 10), (0, 2, 4, 12)), 1)
    spans, _ = spans_of(pieces, np.zeros(3, np.int64))
    assert (spans.start[0], spans.end[0]) == (2, 10)
    assert spans.start_std[0] == 2.0
    assert spans.end_std[0] == pytest.approx(np.std([10, 10, 12], ddof=1))
    assert spans.iou[0] == pytest.approx((8 / 10 + 1 + 6 / 10) / 3)
    alone, _ = spans_of(pieces, np.arange(3))
    assert np.isnan(alone.start_std).all()
    assert alone.iou.tolist() == [1, 1, 1]


@given(INTERVALS, st.integers(0, 3))
def test_pieces_cover_what_their_highlights_do(rows: list[Interval], join: int) -> None:
    pieces, number = pieces_of(intervals(*rows), join)
    expected = []
    for group, volunteer in sorted({row[:2] for row in rows}):
        current: list[int] = []
        for _, _, start, end in sorted(row for row in rows if row[:2] == (group, volunteer)):
            if current and start <= current[1] + join:
                current[1] = max(current[1], end)
            else:
                current = [start, end]
                expected.append((group, volunteer, current))
    assert sorted(zip(*(column.tolist() for column in pieces), strict=True)) == sorted(
        (group, volunteer, *ends) for group, volunteer, ends in expected
    )
    for row, piece in zip(rows, number, strict=True):
        assert (pieces.groups[piece], pieces.volunteers[piece]) == row[:2]
        assert pieces.start[piece] <= row[2] < row[3] <= pieces.end[piece]


@given(INTERVALS, INTERVALS)
def test_who_highlighted_half_of_a_span_is_counted_as_by_hand(
    rows: list[Interval], places: list[Interval]
) -> None:
    pieces, _ = pieces_of(intervals(*rows), 0)
    spans = intervals(*sorted((group, 0, start, end) for group, _, start, end in places))
    of_spans = Spans(spans.groups, spans.start, spans.end, *[np.zeros(len(places))] * 4)
    expected = [
        len(
            {
                volunteer
                for group, volunteer, start, end in zip(*(column.tolist() for column in pieces), strict=True)
                if group == own and 2 * (min(end, high) - max(start, low)) >= high - low
            }
        )
        for own, low, high in zip(spans.groups, spans.start, spans.end, strict=True)
    ]
    assert volunteers_of_half(of_spans, pieces).tolist() == expected


@given(INTERVALS, st.integers(1, 3))
def test_every_volunteer_twice_leaves_the_spans(rows: list[Interval], least: int) -> None:
    twice = [*rows, *((group, volunteer + 5, start, end) for group, volunteer, start, end in rows)]
    before = found(*rows, least=least)
    assert found(*twice, least=2 * least) == [(*span, 2 * members) for *span, members in before]
