"""Verdicts on texts, and what to review."""

import polars as pl
import pytest

from tests.plots.samples import rows
from zoo_dag.report.sections.texts import texts, verdict

TASK = {"task": "T2", "task_revision": "T2@1.1", "task_label": "Transcribe"}
SUMMARY = rows(
    "subject_summary",
    [{"subject_ids": "5", "urls": ["https://example.org/5-0.jpg", "https://example.org/5-1.jpg"]}],
)


def text(words: str, *votes: int, n: int = 4, agreement: float = 0.9, **columns: object) -> dict:
    tokens = [{"token": word, "votes": of, "n": n} for word, of in zip(words.split(), votes, strict=True)]
    return (
        TASK
        | {"subject_ids": "5", "text": words, "tokens": tokens, "n_answered": n, "agreement": agreement}
        | columns
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (text("snow fell", 4, 4, agreement=1.0), "unanimous"),
        (text("snow fell", 4, 3), "majority"),
        (text("snow fell", 4, 2, agreement=0.75), "close"),
        (text("snow fell", 1, 1, agreement=0.25), "no match"),
        (text("snow fell", 1, 1, n=1, agreement=1.0), "one transcript"),
        (text("snow fell", 1, 1, n=2, agreement=0.5), "no match"),
        (text("", agreement=1.0), "unanimous"),
        (text("", agreement=0.7), "close"),
        (text("", agreement=0.7) | {"tokens": None}, "close"),
    ],
)
def test_the_verdict_on_a_text(row, expected):
    assert rows("pooled_text_consensus", [row]).select(verdict(0.6)).collect().item() == expected


def test_texts_by_field_and_a_list_to_review_with_the_worst_first():
    found = [
        text("all agree", 4, 4, agreement=1.0),
        text("most agree", 4, 3, line_index=0),
        text("hardly near", 4, 2, agreement=0.75, line_index=1, frame=1),
        text("nobody agrees", 1, 1, agreement=0.25, line_index=2),
        text("alone", 1, n=1, agreement=1.0, subject_ids="6"),
        text("", agreement=0.3) | {"text": None},
    ]
    section = texts(rows("pooled_text_consensus", found), SUMMARY, 0.6)
    chart, review = section.parts
    assert chart.numbers.rows() == [("T2: Transcribe", 1, 1, 1, 1, 1)]
    assert section.sentences[0].startswith("5 texts: 1 unanimous (20 %), 1 majority (20 %), 1 close (20 %)")
    shown = review.rows.select("Line", "Verdict", "Agreement", "Texts").rows()
    assert shown == [(3, "no match", 0.25, 4), (2, "close", 0.75, 4), (None, "one transcript", 1.0, 1)]
    subjects = review.rows["Subject"].to_list()
    assert [each["url"] for each in subjects] == [
        "https://example.org/5-0.jpg",
        "https://example.org/5-1.jpg",
        None,
    ]
    assert review.rows[-1, "Text, with the votes for words in doubt"].to_list() == [
        {"token": "alone", "votes": 1, "n": 1}
    ]


def test_a_text_without_words_is_shown_whole():
    found = text("a corrected page", 4, 4, 4, agreement=0.4) | {"tokens": None}
    review = texts(rows("pooled_text_consensus", [found]), SUMMARY, 0.6).parts[1]
    assert review.rows.item(0, -1).to_list() == [{"token": "a corrected page", "votes": 4, "n": 4}]


def test_of_many_texts_to_review_the_first_are_shown():
    found = [text("x y", 4, 1, agreement=0.5 - number / 1000, subject_ids=str(number)) for number in range(60)]
    review = texts(rows("pooled_text_consensus", found), SUMMARY, 0.6).parts[1]
    assert review.caption == "Texts to review, the least agreement first: the first 40 of 60"
    assert review.rows["Subject"].struct.field("text")[0] == "59"


def test_without_texts_there_is_nothing():
    assert texts(rows("pooled_text_consensus", []), SUMMARY, 0.6).parts == ()
    assert isinstance(verdict(0.6), pl.Expr)
