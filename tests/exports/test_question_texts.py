"""Whether two texts ask the same question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.exports.question_texts import asks_the_same


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Is there a bird?", "is there  a BIRD ?"),
        ("Is teh nest empty?", "Is the nest empty?"),
        ("Is ther a bird?", "Is there a bird?"),
        ("Do you see any anmials?", "Do you see any animals?"),
        ("Is the photograhp recieved?", "Is the photograph received?"),
        ("**Is there a [bird](https://a.org/?x=1)?**", "Is there a bird?"),
        ("![](a.jpg =100x) Is there a bird?", "Is there a bird?"),
        ("<p>Is there a bird?</p><p>Look closely.</p>", "Is there a bird?<br>See the tutorial"),
        ("Is there a bird?\nWings count.", "Is there a bird? Legs do not count!"),
        ("Is there a bird", "Is there a bird?"),
        ("Is there a bird&nbsp;?", "Is there a bird\uff1f"),
        ("Cafe\u0301 open?", "Caf\u00e9 open?"),
        ("Transcribe the text", "Transcribe  the *text*."),
        (None, "Is there a bird?"),
        ("Is there a bird?", " "),
    ],
)
def test_a_mended_text_asks_the_same(before: str | None, after: str | None) -> None:
    assert asks_the_same(before, after)
    assert asks_the_same(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Is there a bird?", "Is there a bear?"),
        ("Is there a bird?", "Is there no bird?"),
        ("Is there a bird?", "Is there a bird or a nest?"),
        ("Is it a male?", "Is it a female?"),
        ("Is the disk symmetric?", "Is the disk asymmetric?"),
        ("Is the nest visible?", "Is the nest invisible?"),
        ("Is the light increasing?", "Is the light decreasing?"),
        ("Is it light?", "Is it night?"),
        ("Seen before 19999?", "Seen before 19998?"),
        ("Write the name", "Write the year"),
        ("Birds come in spring. Is there one?", "Birds come in spring. Are there two?"),
        ("\N{OWL}", "\N{DUCK}"),
    ],
)
def test_other_words_are_another_question(before: str, after: str) -> None:
    assert not asks_the_same(before, after)
    assert not asks_the_same(after, before)


@given(st.text(max_size=60))
def test_every_text_asks_what_it_asks_in_any_case_and_spacing(text: str) -> None:
    assert asks_the_same(text, text)
    assert asks_the_same(text, f"  {text}\n")


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_order_of_two_texts_does_not_matter(one: str, other: str) -> None:
    assert asks_the_same(one, other) == asks_the_same(other, one)
