"""Names of columns that R, pandas and SQL take as they are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.wording.column_names import column_name, name_part, taken_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Features or disk", "features_or_disk"),
        ("  Yes! ", "yes"),
        ("Eating & drinking", "eating_and_drinking"),
        # R and spreadsheets know these apart, so names do.
        ("11+", "11_plus"),
        ("<5", "under_5"),
        ("> 5 %", "over_5_percent"),
        ("1-5", "1_5"),
        ("-1", "minus_1"),
        ("\u22121", "minus_1"),
        ("Grant's gazelle", "grants_gazelle"),
        ("Größe, Élan", "grosse_elan"),
        ("鳥", ""),
        ("???", ""),
    ],
)
def test_a_label_becomes_words_and_underscores(text: str, expected: str) -> None:
    assert name_part(text) == expected


def test_a_long_label_is_cut_at_a_word() -> None:
    sentence = "Is the animal in this picture looking at the camera or elsewhere"
    assert name_part(sentence) == "is_the_animal_in_this_picture_looking_at_the_camera_or"
    assert name_part("x" * 70) == "x" * 60


@given(st.text())
def test_a_name_is_one_that_r_takes_as_it_is(text: str) -> None:
    # make.names: letters, digits, dots and underscores, beginning with a letter.
    assert re.fullmatch("[a-z][a-z0-9_]*", column_name(text, "task"))
    assert len(column_name(text, "task")) <= 61


def test_the_first_keeps_a_name_and_others_get_a_number_that_is_free() -> None:
    taken: set[str] = set()
    assert [taken_name(name, taken) for name in ("yes", "yes_2", "yes", "yes", "no")] == [
        "yes",
        "yes_2",
        "yes_3",
        "yes_4",
        "no",
    ]
