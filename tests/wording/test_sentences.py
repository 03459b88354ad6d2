"""How checks put numbers and other people's words."""

import polars as pl
import pytest

from zoo_dag.checks.examples import markdown
from zoo_dag.wording.sentences import counted, listed, percent, quoted, share, verb


def test_numbers_have_their_nouns():
    assert (counted(1, "rows"), counted(0, "rows"), counted(7568, "rows")) == ("1 row", "0 rows", "7,568 rows")
    assert share(3, 7568, "rows") == "3 of 7,568 rows (0.04 %)"
    assert share(0, 0, "rows") == "0 of 0 rows (0 %)"


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0, "0 %"), (0.01, "1 %"), (0.015, "1.5 %"), (0.2, "20 %"), (1, "100 %"), (0.00001, "under 0.01 %")],
)
def test_percentages_have_as_many_digits_as_matter(fraction, text):
    assert percent(fraction) == text


def test_long_lists_are_cut():
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert listed(["a", "b"]) == "a, b"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a`b`", "\x1b[31mred", "two\nlines", "x" * 500, "|a|"]
)
def test_texts_of_volunteers_stay_between_backticks_on_one_short_line(text):
    said = quoted(text)
    assert said.startswith("`")
    assert said.endswith("`")
    assert said.count("`") == 2
    assert said.isprintable()
    assert len(said) <= 43


def test_examples_are_a_markdown_table_that_shows_at_once():
    rows = pl.DataFrame({"task": ["T0"] * 30, "example": ["`<b>|</b>` " * 20] * 30, "rows": [None, *range(29)]})
    text = markdown(rows)
    assert len(text) < 1000
    assert text.splitlines()[0] == "| task | example | rows |"
    assert {line.count("|") for line in text.splitlines()} == {4}
    assert text.splitlines()[2].endswith("|  |")


def test_a_verb_agrees_with_the_number():
    assert [f"{number} {verb(number, 'has', 'have')}" for number in (0, 1, 2)] == ["0 have", "1 has", "2 have"]
