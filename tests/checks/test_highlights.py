"""The checks that highlights fit their texts, and that these stayed the same."""

from typing import Any

from tests.checks.inputs import check_input, table
from zoo_dag.checks.finding import CheckInput
from zoo_dag.checks.highlights import TABLE, offsets_fit_the_texts, texts_stay_the_same


def highlights(*rows: tuple[str, int, int, str]) -> CheckInput:
    """Highlights: the subject, the offsets and the text of each."""
    names = ("subject_ids", "start", "end", "text")
    shared: dict[str, Any] = {"task": "T0", "status": "answered"}
    cells = [
        {"classification_id": number, **shared, **dict(zip(names, row, strict=True))}
        for number, row in enumerate(rows)
    ]
    return check_input("11-v3.10", {}, **{TABLE: table(TABLE, *cells)})


def test_an_end_on_or_behind_the_last_letter_is_right() -> None:
    finding = offsets_fit_the_texts(highlights(("1", 4, 6, "cat"), ("1", 4, 7, "cat"), ("1", 9, 10, "🦊")))
    assert finding.passed
    assert finding.message == "All of 3 highlights end where their text does."


def test_offsets_beyond_the_text_are_one_sentence_with_an_example() -> None:
    finding = offsets_fit_the_texts(highlights(("1", 4, 6, "cat"), ("1", 4, 99, "cat"), ("2", 4, 4, "cat")))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "2 of 3 highlights (67 %) have offsets beyond or short of their texts, such as 4 to 99 for `cat`, which "
        "has 3 letters."
    )
    assert finding.examples is not None
    assert finding.examples["end"].to_list() == [99, 4]


def test_an_edited_subject_is_named_with_both_texts() -> None:
    same = highlights(("1", 4, 6, "cat"), ("1", 4, 7, "cat"), ("2", 4, 6, "dog"), ("1", 4, 8, "cats"))
    assert texts_stay_the_same(same).passed
    finding = texts_stay_the_same(highlights(("1", 4, 6, "cat"), ("1", 4, 6, "dog"), ("2", 4, 6, "dog")))
    assert finding.message == (
        "On 1 subject highlights at the same place have different texts, such as `cat` and `dog` on subject 1."
    )
    assert finding.numbers == {"subjects with several texts": 1}
