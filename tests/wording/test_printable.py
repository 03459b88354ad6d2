"""Control characters and invisible ones are shown, and everything else stays as it is."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.wording.printable import printable, printable_json, printable_lines

# What a terminal obeys, and what turns the direction of a text round: controls, separators, bidirectional signs.
OBEYED = {"Cc", "Zl", "Zp", "Cs"}
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
ANY_TEXT = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J[red]x.csv", r"\x1b[2J[red]x.csv"),
        ("a\r\nb\tc\x07\x7f", r"a\r\nb\tc\x07\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("photo\u202egnp.csv", r"photo\u202egnp.csv"),
        ("a\u2028b\u200bc\ufeff", r"a\u2028b\u200bc\ufeff"),
        ("name\udcff.csv", r"name\udcff.csv"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("Zoë 日本 شش\u200cشش 👩\u200d🔬 C:\\new", "Zoë 日本 شش\u200cشش 👩\u200d🔬 C:\\new"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_no_text_has_anything_left_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert not {unicodedata.category(letter) for letter in shown} & OBEYED
    assert not {unicodedata.bidirectional(letter) for letter in shown} & DIRECTIONS
    assert printable(shown) == shown


def test_a_message_keeps_its_own_line_breaks() -> None:
    assert printable_lines("first\x1b[2J\n  second\r") == "first\\x1b[2J\n  second\\r"


@given(st.dictionaries(ANY_TEXT, ANY_TEXT))
def test_json_means_the_same(value: dict[str, str]) -> None:
    text = printable_json(json.dumps(value, indent=2, ensure_ascii=False))
    assert json.loads(text) == value
    assert not {unicodedata.category(letter) for letter in text.replace("\n", "")} & OBEYED
