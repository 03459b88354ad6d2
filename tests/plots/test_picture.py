"""A picture is one image that Dagster shows at once, whatever stands in it."""

import html
import itertools
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plots.samples import LABELS, caption, image, paths, texts, tokens
from zoo_dag.plots.picture import (
    COLOURS,
    WIDTH,
    area,
    fitting,
    legend,
    line,
    many,
    pens,
    percent,
    picture,
    scaled,
    skyline,
    width_of,
    words,
)
from zoo_dag.wording.markdown import first_fitting, most_that_fits, plain, shown_at_once, without_markup


@given(LABELS)
def test_any_label_gives_one_image_of_well_formed_xml_that_holds_it_as_text(label):
    drawn = picture("Marks", (420, 20), [area("M0 0h9v9z", "#48c"), words(label, (0, 12))], "A caption.")
    assert texts(image(drawn)) == [plain(without_markup(label), 24)]
    assert paths(image(drawn)) == ["M0 0h9v9z"]
    assert caption(drawn) == "A caption."
    assert [token.type for token in tokens(drawn)] == ["image", "text"]
    assert shown_at_once(drawn)


@given(LABELS)
def test_the_address_of_an_image_holds_nothing_that_could_end_it(label):
    drawn = picture("Marks", (420, 20), [words(label, (0, 12))], "")
    address = drawn.removeprefix("![Marks](").removesuffix(")\n\n")
    assert not re.search(r'[\x00-\x20"()#\\&]', address)


def test_an_image_has_its_size_and_only_what_it_needs():
    svg = image(picture("Marks", (420, 90), [pens([line("M1 1h0", "#777", 4), line("", "#48c")])], ""))
    assert (svg.attrib["width"], svg.attrib["height"]) == ("420", "90")
    assert "style" not in svg.attrib
    assert paths(svg) == ["M1 1h0"]


def test_dagster_counts_in_utf_16_where_an_emoji_counts_twice():
    assert shown_at_once("a" * 999)
    assert not shown_at_once("a" * 1000)
    assert not shown_at_once("😀" * 500)


@given(st.integers(1, 300), st.integers(1, 30), st.integers(0, 900))
def test_as_many_things_are_drawn_as_fit(most, width, head):
    def draft(count: int) -> str:
        return "x" * (head + width * count)

    fitting = [count for count in range(1, most + 1) if head + width * count < 1000]
    assert most_that_fits(draft, most) == (draft(fitting[-1]) if fitting else None)


def test_nothing_is_drawn_where_less_than_the_least_fits():
    assert most_that_fits(lambda count: "x" * (100 * count), 40, least=10) is None
    assert most_that_fits(lambda count: "x" * (100 * count), 3, least=10) is None


def test_the_first_draft_that_fits_is_taken():
    assert first_fitting(["x" * 1000, None, "y" * 999, "z"]) == "y" * 999
    assert first_fitting([]) is None


def heights_drawn(path: str, width: int, base: int) -> list[int]:
    """How high a skyline is above each pixel of its width; it goes by `h` and `v` only."""
    x, y = map(int, re.match(r"M(-?\d+) (-?\d+)", path).groups())
    heights = [0] * width
    for command, number in re.findall(r"([hvV])(-?\d+)", path):
        if command == "h":
            heights[x : x + int(number)] = [base - y] * int(number)
            x += int(number)
        else:
            y = int(number) if command == "V" else y + int(number)
    assert y == base, "the skyline ends on the ground"
    return heights


@given(st.lists(st.integers(0, 80), min_size=1, max_size=60))
def test_a_skyline_is_as_high_as_each_bar(heights):
    drawn = heights_drawn(skyline(heights, 0, 420, 100), 420, 100)
    edges = [round(420 * place / len(heights)) for place in range(len(heights) + 1)]
    for place, height in enumerate(heights):
        assert set(drawn[edges[place] : edges[place + 1]]) == {height}


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_what_is_there_at_all_is_seen(values):
    heights = scaled(values, max(values), 80)
    assert [height > 0 for height in heights] == [value > 0 for value in values]
    assert max(heights) == (80 if max(values) else 0)


@pytest.mark.parametrize(("count", "told"), [(0, "0 subjects"), (1, "1 subject"), (1200, "1,200 subjects")])
def test_one_item_has_its_noun_in_the_singular(count, told):
    assert many(count, "subject") == told


def test_a_share_is_shown_in_percent():
    assert percent(0.426) == "43 %"


def ends(drawn: str) -> list[tuple[int, int]]:
    """Where the texts at the height of a legend begin and end, at most."""
    found = re.findall(r"<text(?: x='(\d+)')? y='(\d+)'[^>]*>([^<]*)</text>", unquote(drawn))
    lowest = max(int(y) for _, y, _ in found)
    return [(int(x or 0), int(x or 0) + width_of(html.unescape(text))) for x, y, text in found if int(y) == lowest]


@given(st.lists(LABELS, min_size=1, max_size=5))
def test_the_names_of_a_legend_stand_side_by_side_inside_the_picture(names):
    drawn = picture("Rows", (WIDTH, 20), legend(names, COLOURS, 12), "")
    places = ends(drawn)
    assert len(places) == len(names)
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(places))
    assert places[-1][1] <= WIDTH


@given(LABELS, st.integers(20, 200))
def test_a_text_is_cut_to_its_room(label, room):
    assert width_of(fitting(label, room)) <= room
