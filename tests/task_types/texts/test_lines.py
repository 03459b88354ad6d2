"""Lines under transcribed text: which are one line, one per volunteer, and their order."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_dag.task_types.texts.lines import Group, Line, _near_pairs, group_lines

EPS = 30.0
Ends = tuple[float, float, float, float]

PLACES = st.tuples(*[st.integers(0, 120)] * 4, st.integers(1, 4))
PROPERTY = settings(deadline=None, max_examples=100)


def line(ends: Sequence[float], user: int, *, text: str = "", frame: int = 0, index: int = 0) -> Line:
    return Line(
        frame,
        *ends,
        classification_id=user,
        annotation_index=0,
        mark_index=index,
        user_key=f"user:{user}",
        text=text,
    )


def texts(groups: list[Group]) -> list[list[str]]:
    return [sorted(group.texts) for group in groups]


def page(*heights: float, user: int, shift: float = 0) -> list[Line]:
    """One line of a volunteer at each height, saying which it is."""
    return [
        line((100 + shift, y + shift / 4, 900 + shift, y), user, text=f"line {place}", index=place)
        for place, y in enumerate(heights)
    ]


def test_lines_of_several_volunteers_at_one_place_are_one_line_at_the_median() -> None:
    (group,) = group_lines(
        [line((10, 50, 400, 52), 1), line((14, 48, 390, 50), 2), line((60, 55, 450, 60), 3)], EPS
    )
    assert group[:5] == (0, 14, 50, 400, 52)


def test_lines_closer_than_eps_stay_apart_because_each_volunteer_drew_both() -> None:
    drawn = [one for user, shift in enumerate((0, 6, -8, 12)) for one in page(50, 70, 90, user=user, shift=shift)]
    assert texts(group_lines(drawn, EPS)) == [["line 0"] * 4, ["line 1"] * 4, ["line 2"] * 4]


def test_lines_farther_apart_than_eps_are_different_lines() -> None:
    high, low = (10, 50, 400, 50), (10, 81, 400, 81)
    assert len(group_lines([line(high, 1), line(low, 2)], EPS)) == 2
    assert len(group_lines([line(high, 1), line((10, 79, 400, 79), 2)], EPS)) == 1


def test_along_the_line_four_times_as_much_is_allowed() -> None:
    assert len(group_lines([line((10, 50, 900, 50), 1), line((120, 50, 900, 50), 2)], EPS)) == 1
    assert len(group_lines([line((10, 50, 900, 50), 1), line((150, 50, 900, 50), 2)], EPS)) == 2


def test_words_side_by_side_are_different_lines() -> None:
    assert len(group_lines([line((10, 50, 50, 50), 1), line((60, 50, 100, 50), 2)], EPS)) == 2
    assert len(group_lines([line((10, 50, 50, 50), 1), line((60, 50, 100, 50), 1)], EPS)) == 2


def test_lines_that_cross_at_an_angle_are_different_lines() -> None:
    assert len(group_lines([line((0, 0, 200, 0), 1), line((13, -50, 187, 50), 2)], EPS)) == 2


def test_a_line_drawn_backwards_is_the_same_line_and_the_majority_sets_the_direction() -> None:
    forth, back = (10, 50, 400, 52), (400, 52, 10, 50)
    for first, second, third in ((forth, forth, back), (back, forth, forth), (forth, back, forth)):
        (group,) = group_lines([line(first, 1), line(second, 2), line(third, 3)], EPS)
        assert group[1:5] == forth
    assert group_lines([line(back, 1)], EPS)[0][1:5] == back


def test_a_line_entered_twice_by_one_volunteer_counts_once_with_its_last_text() -> None:
    once = line((10, 50, 400, 52), 1, text="Deer", index=0)
    again = line((12, 51, 398, 53), 1, text="Dear", index=1)
    other = line((10, 50, 400, 52), 2, text="Dear")
    assert texts(group_lines([once, other, again], EPS)) == [["Dear", "Dear"]]


def test_frames_are_never_mixed_and_come_one_after_the_other() -> None:
    drawn = [line((10, 50, 400, 50), 1, text="b", frame=1), line((10, 90, 400, 90), 2, text="a", frame=0)]
    assert [(group.frame, group.texts) for group in group_lines(drawn, 100)] == [(0, ["a"]), (1, ["b"])]


def test_reading_order_is_top_to_bottom_then_left_to_right() -> None:
    ends = {"a": (10, 52, 400, 52), "b": (500, 48, 900, 48), "c": (500, 90, 900, 90), "d": (10, 140, 900, 140)}
    drawn = [line(ends[name], 1, text=name) for name in "dcba"]
    assert [group.texts[0] for group in group_lines(drawn, EPS)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("slope", [-0.3, 0.3])
def test_a_page_that_lies_askew_is_read_by_rows_or_columns(slope: float) -> None:
    def tilted(x: float, y: float) -> Ends:
        return (x, y + slope * x, x + 800, y + slope * (x + 800))

    places = {"a": (0, 100), "b": (900, 100), "c": (0, 150), "d": (900, 150)}
    drawn = [line(tilted(*places[name]), 1, text=name) for name in "cbda"]
    assert [group.texts[0] for group in group_lines(drawn, EPS, "rows")] == ["a", "b", "c", "d"]
    assert [group.texts[0] for group in group_lines(drawn, EPS)] == ["a", "c", "b", "d"]


def test_points_and_no_lines_are_no_problem() -> None:
    assert group_lines([], EPS) == []
    assert len(group_lines([line((5, 5, 5, 5), 1), line((5, 6, 5, 6), 2)], EPS)) == 1


@PROPERTY
@given(st.lists(PLACES, max_size=25), st.randoms(use_true_random=False))
def test_every_line_is_in_one_group_with_at_most_one_of_each_volunteer(
    places: list[tuple[int, ...]], random: Random
) -> None:
    drawn = [
        line(place[:4], place[4], text=f"{place[4]} {number}", index=number) for number, place in enumerate(places)
    ]
    groups = group_lines(drawn, EPS)
    found = [text for group in groups for text in group.texts]
    assert len(found) == len(set(found)) <= len(drawn)
    for group in groups:
        users = [text.split()[0] for text in group.texts]
        assert len(users) == len(set(users))
    assert group_lines(random.sample(drawn, len(drawn)), EPS) == groups


@PROPERTY
@given(st.lists(PLACES, max_size=25))
def test_comparing_only_lines_at_similar_heights_misses_no_pair(places: list[tuple[int, ...]]) -> None:
    drawn = [line(place[:4], place[4]) for place in places]
    first, second, _ = _near_pairs(drawn, 5.0)
    brute = [
        (one, other)
        for other in range(len(drawn))
        for one in range(other)
        if len(_near_pairs([drawn[one], drawn[other]], 5.0)[0])
    ]
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == sorted(brute)


def test_a_click_on_a_line_is_that_line() -> None:
    lines = page(100, 160, user=1) + page(100, 160, user=2) + page(100, user=3)
    for place, x in ((3, 100), (4, 900), (5, 500)):
        lines.append(line((x, 162, x, 162), place, text="line 1"))
    groups = group_lines(lines, EPS)
    assert texts(groups) == [["line 0"] * 3, ["line 1"] * 5]
    # The line that others drew; a click has no other end.
    assert groups[1][1:5] == (100, 160, 900, 160)


def test_clicks_alone_are_a_line_where_they_are_near() -> None:
    clicks = [line((x, 50, x + 1, 50), user, text="word") for user, x in enumerate((10, 12, 15, 300))]
    assert texts(group_lines(clicks, EPS)) == [["word"] * 3, ["word"]]


def test_a_click_beside_a_steep_line_is_that_line() -> None:
    drawn = line((100, 0, 110, 800), 1, text="down")
    assert texts(group_lines([drawn, line((112, 700, 112, 700), 2, text="down")], EPS)) == [["down"] * 2]
    assert len(group_lines([drawn, line((150, 700, 150, 700), 2)], EPS)) == 2
