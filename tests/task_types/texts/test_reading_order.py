"""The order in which lines of a page are read: columns, rows, slopes, and scripts from right to left."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_dag.task_types.texts.reading_order import Order, reading_order

EPS = 30.0
Ends = tuple[float, float, float, float]
AUTO: Order = "auto"
LEFT, RIGHT = (60, 440), (560, 940)


def read(lines: Mapping[str, Ends], order: Order = AUTO, text: str = "Dear Sir") -> str:
    """The names of the lines as they are read."""
    names = list(lines)
    ends = np.array(list(lines.values()), dtype=np.float64)
    return "".join(names[place] for place in reading_order(ends, [text], EPS, order))


def level(x: tuple[float, float], y: float) -> Ends:
    return (x[0], y, x[1], y)


def two_columns(step: float = 0) -> dict[str, Ends]:
    """Lines A, B, C of a left column and a, b, c of a right one, in no order; the right one is `step` lower."""
    lines = {name: level(LEFT, 100 + 60 * place) for place, name in enumerate("ABC")}
    lines |= {name: level(RIGHT, 100 + step + 60 * place) for place, name in enumerate("abc")}
    return {name: lines[name] for name in "cAbBaC"}


def turned(lines: Mapping[str, Ends], degrees: float) -> dict[str, Ends]:
    """The page turned clockwise about its corner."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return {
        name: (x1 * cos - y1 * sin, x1 * sin + y1 * cos, x2 * cos - y2 * sin, x2 * sin + y2 * cos)
        for name, (x1, y1, x2, y2) in lines.items()
    }


@pytest.mark.parametrize("step", [-31, -7, 0, 7, 31, 300])
@pytest.mark.parametrize("order", ["auto", "columns"])
def test_columns_are_read_one_after_the_other(step: float, order: Order) -> None:
    assert read(two_columns(step), order) == "ABCabc"


@pytest.mark.parametrize("step", [-7, 0, 7])
def test_a_ledger_is_read_by_rows(step: float) -> None:
    assert read(two_columns(step), "rows") == "AaBbCc"


def test_three_columns_of_different_lengths() -> None:
    columns = {"ABCD": (0, 280), "ab": (330, 610), "123": (650, 930)}
    lines = {name: level(x, 50 + 40 * place) for names, x in columns.items() for place, name in enumerate(names)}
    assert read({name: lines[name] for name in "3bD1aACB2"}) == "ABCDab123"


def test_a_heading_ends_the_columns_above_it() -> None:
    lines = two_columns()
    lines |= {"=": level((60, 940), 300), "T": level((300, 700), 40)}
    lines |= {"D": level(LEFT, 360), "E": level(LEFT, 420), "d": level(RIGHT, 360), "e": level(RIGHT, 420)}
    assert read(lines) == "TABCabc=DEde"


def test_a_line_that_reaches_into_the_gutter_or_a_little_over_it_is_of_its_column() -> None:
    assert read(two_columns() | {"B": level((60, 555), 160)}) == "ABCabc"
    assert read(two_columns() | {"B": level((60, 585), 160)}) == "ABCabc"


def test_short_and_indented_lines_are_of_their_column() -> None:
    lines = two_columns() | {"B": level((400, 440), 160), "b": level((575, 595), 160), "C": level((60, 70), 220)}
    assert read(lines) == "ABCabc"


def test_single_lines_on_one_side_are_no_column() -> None:
    body = {name: level((60, 940), 240 + 60 * place) for place, name in enumerate("ABC")}
    date, greeting, farewell, place = (
        level((700, 940), 40),
        level((60, 300), 160),
        level((600, 940), 420),
        level((60, 200), 480),
    )
    letter = {"p": place, "f": farewell, **body, "g": greeting, "d": date}
    assert read(letter) == "dgABCfp"
    assert read(letter, "columns") == "dgABCfp"


def test_what_stands_below_each_other_is_no_pair_of_columns() -> None:
    letter = {"a": level((600, 940), 40), "b": level((600, 940), 100)}
    letter |= {"A": level((60, 300), 160), "B": level((60, 300), 220), "C": level((60, 940), 280)}
    assert read(letter) == "abABC"


def test_pieces_of_a_line_with_a_small_gap_are_no_columns_unless_the_setting_says_so() -> None:
    lines = {name: level((0, 480), y) for name, y in (("A", 50), ("B", 110), ("C", 170))}
    lines |= {name: level((495, 900), y) for name, y in (("a", 46), ("b", 114), ("c", 170))}
    assert read(lines) == "AaBbCc"
    assert read(lines, "columns") == "ABCabc"


def test_pieces_of_a_single_line_are_read_from_left_to_right_in_any_order() -> None:
    lines = {
        "A": level((0, 900), 50),
        "b": level((500, 900), 105),
        "B": level((0, 420), 112),
        "C": level((0, 900), 170),
    }
    orders: Sequence[Order] = ("auto", "columns", "rows")
    assert [read(lines, order) for order in orders] == ["ABbC"] * 3


@pytest.mark.parametrize("degrees", [-80, -45, -20, 3, 20, 45, 90])
def test_a_page_that_lies_at_an_angle(degrees: float) -> None:
    assert read(turned(two_columns(7), degrees)) == "ABCabc"
    assert read(turned(two_columns(7), degrees), "rows") == "AaBbCc"


def test_lines_drawn_backwards_do_not_turn_the_page() -> None:
    backwards = {name: (x2, y2, x1, y1) for name, (x1, y1, x2, y2) in turned(two_columns(), 8).items()}
    assert read(backwards) == "ABCabc"


def test_a_note_written_up_the_margin_does_not_turn_the_page() -> None:
    lines = turned(two_columns() | {"N": (1000, 400, 1000, 20)}, 5)
    assert read(lines) == "ABCabcN"


@pytest.mark.parametrize("text", ["שלום עולם", "السلام عليكم", "שלום Sir"])
@pytest.mark.parametrize("degrees", [-10, 0, 10])
def test_a_script_from_right_to_left_is_read_from_the_right_column(text: str, degrees: float) -> None:
    lines = turned(two_columns(), degrees)
    assert read(lines, text=text) == "abcABC"
    assert read(lines, "rows", text=text) == "aAbBcC"


def test_digits_and_signs_have_no_direction() -> None:
    assert read(two_columns(), text="1848: 1, 2") == "ABCabc"


def test_a_page_on_its_side_is_read_as_its_lines_were_drawn() -> None:
    # Hebrew drawn as it is read, from right to left, on a page turned by a quarter.
    lines = {name: (x2, y2, x1, y1) for name, (x1, y1, x2, y2) in two_columns().items()}
    assert read(turned(lines, 90), text="שלום") == "abcABC"
    assert read(turned(lines, -90), text="שלום") == "abcABC"


def test_lines_that_stand_closer_than_eps_are_not_mixed_up() -> None:
    lines = {name: level((10 + 7 * place, 400 - 5 * place), 50 + 12 * place) for place, name in enumerate("ABCDE")}
    lines |= {name: level((500, 900), 52 + 12 * place) for place, name in enumerate("abcde")}
    assert read({name: lines[name] for name in "eEaBdCbDcA"}) == "ABCDEabcde"
    assert read({name: lines[name] for name in "eEaBdCbDcA"}, "rows") == "AaBbCcDdEe"


LINES = st.lists(st.tuples(*[st.integers(0, 300)] * 4), max_size=8, unique=True)


@settings(deadline=None, max_examples=200)
@given(LINES, st.sampled_from(["auto", "columns", "rows"]))
def test_every_line_is_read_once_whatever_the_order_of_the_rows(lines: list[Ends], order: Order) -> None:
    ends = np.array(lines, dtype=np.float64).reshape(-1, 4)
    found = reading_order(ends, [], EPS, order)
    assert sorted(found) == list(range(len(lines)))
