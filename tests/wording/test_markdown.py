"""Texts of volunteers stay texts, wherever they are put."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plots.samples import LABELS, tokens
from zoo_dag.wording.markdown import code, link, plain, plain_labels, without_markup


@given(LABELS, st.integers(2, 40))
def test_a_plain_text_is_one_line_that_can_be_seen_and_is_not_longer_than_allowed(label, limit):
    found = plain(label, limit)
    assert len(found) <= limit
    assert found.isprintable()
    assert found == found.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red deer", "Red deer"),
        ("Red\n\tdeer ", "Red deer"),
        ("Rhinoceros hornbill", "Rhinoceros…"),
        (None, "None"),
    ],
)
def test_a_text_is_cut_with_a_sign_that_it_was(text, expected):
    assert plain(text, 11) == expected


@given(LABELS)
def test_code_is_one_piece_of_code_and_nothing_else(label):
    (only,) = [token for token in tokens(code(label)) if token.content or token.type != "text"]
    assert only.type == "code_inline"
    assert "`" not in only.content
    assert "|" not in only.content


@given(LABELS)
def test_code_in_a_table_stays_in_its_cell(label):
    table = f"| a | b |\n| --- | --- |\n| {code(label)} | {code('last')} |"
    cells = [token.content for token in tokens(table) if token.type == "code_inline"]
    assert len(cells) == 2
    assert cells[1] == "last"


@given(LABELS)
def test_code_in_a_list_stays_in_its_line(label):
    found = tokens(f"- 12: {code(label)}, 50 %\n- 13: {code('last')}")
    assert [token.type for token in found] == ["text", "code_inline", "text", "text", "code_inline"]


def test_of_an_image_in_a_label_what_it_says_is_kept():
    assert without_markup("Bird ![a bird](https://example.org/b.png =100x)") == "Bird a bird"
    assert without_markup("Is it **day** or __night__?") == "Is it day or night?"
    assert without_markup("2 ** 3 and a__b, **, ****") == "2 ** 3 and a__b, **, ****"


def test_plain_labels_are_without_pictures_and_as_different_as_the_texts():
    picture = "![a bird](https://example.org/b.png =100x)"
    assert plain_labels([f"Bird {picture}", f"{picture} Cat,", "Dog", picture]) == {
        f"Bird {picture}": "Bird",
        f"{picture} Cat,": "Cat",
        picture: "a bird",
    }
    assert plain_labels([f"Bird {picture}", "Bird"]) == {}
    assert plain_labels(["![](b.png)", "Is it **day**?", "day,"]) == {}


@given(st.lists(st.tuples(LABELS, st.sampled_from(["", " ![](a.png)", "![b](b.png)"])).map("".join), unique=True))
def test_plain_labels_of_different_texts_differ(texts):
    plain = plain_labels(texts)
    assert len({plain.get(text, text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    "url",
    [
        "https://panoptes-uploads.zooniverse.org/subject_location/0c8f.jpeg",
        "http://example.org/a.jpg?size=1&lt;=2#top",
        "https://example.org/a%20b.jpg",
        "HTTPS://example.org/a.jpg",
    ],
)
def test_a_web_address_leads_where_it_says(url):
    start, words, _ = tokens(link("12", url))
    assert (start.type, words.content) == ("link_open", "12")
    assert start.attrs["href"] == url


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://example.org/a(1).jpg", "https://example.org/a%281%29.jpg"),
        ("https://example.org/my bird.jpg", "https://example.org/my%20bird.jpg"),
        ('https://example.org/"><b>', "https://example.org/%22%3E%3Cb%3E"),
        (
            "https://example.org/a) [b](javascript:alert(1)",
            "https://example.org/a%29%20%5Bb%5D%28javascript:alert%281%29",
        ),
    ],
)
def test_what_would_end_an_address_is_written_as_its_code(url, reached):
    start, *_, end = tokens(link("12", url))
    assert (start.type, end.type) == ("link_open", "link_close")
    assert start.attrs["href"] == reached


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,<b>",
        " https://example.org/a.jpg",
        "//example.org/a.jpg",
        "file:///etc/passwd",
        "https://",
        "https://example.org/\u202egpj.exe",
        "https://example.org/" + 400 * "a",
    ],
)
def test_what_is_no_web_address_leads_nowhere(url):
    assert link("12", url) == "12"


@given(LABELS)
def test_no_address_gets_out_of_its_link(label):
    found = tokens(link("12", f"https://example.org/{label}"))
    assert [token.type for token in found] in (["text"], ["link_open", "text", "link_close"])
    if len(found) == 3:
        assert str(found[0].attrs["href"]).startswith("https://example.org/")
