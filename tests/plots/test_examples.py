"""Sample subjects: the least and the most agreement, with links to their images."""

import polars as pl

from tests.plots.samples import others, rows, tokens
from zoo_dag.plots.examples import examples, image_urls, with_examples
from zoo_dag.wording.markdown import shown_at_once


def units(*agreement: tuple[int, float, int]) -> pl.DataFrame:
    """Units by subject, agreement and number of answers."""
    return pl.DataFrame(
        [
            {"subject_id": subject, "name": "T0", "winner": "Fox", "agreement": value, "n_answered": n}
            for subject, value, n in agreement
        ]
    )


def lines(markdown: str) -> list[str]:
    return [line for line in markdown.splitlines() if line.startswith("- ")]


def test_the_least_and_the_most_agreement_are_listed_with_what_won():
    found = examples(
        units(*((number, number / 10, 5) for number in range(1, 11))), {1: "https://example.org/1.jpg"}
    )
    assert found.startswith("Least agreement:\n\n- [1](https://example.org/1.jpg): `T0`, `Fox`, 10 % of 5\n")
    assert [line.split(":")[0] for line in lines(found)[1:]] == [f"- {n}" for n in (2, 3, 4, 10, 9, 8, 7)]
    assert lines(found)[4] == "- 10: `T0`, `Fox`, 100 % of 5"


def test_few_answers_say_little_so_subjects_with_more_go_before():
    found = examples(units((1, 0.5, 2), (2, 0.6, 3), (3, 1.0, 1)), {})
    assert found == "Most agreement:\n\n- 2: `T0`, `Fox`, 60 % of 3"
    only_few = examples(units((1, 0.5, 2), (3, 1.0, 1)), {})
    assert [line[:4] for line in lines(only_few)] == ["- 1:", "- 3:"]


def test_no_subject_stands_in_both_lists():
    found = examples(units((1, 0.5, 9), (2, 0.7, 9), (3, 0.9, 9)), {})
    assert [line[:4] for line in lines(found)] == ["- 1:", "- 2:", "- 3:"]


def test_where_all_agree_alike_none_is_the_least():
    found = examples(units((1, 1.0, 9), (2, 1.0, 12)), {})
    assert found == "Most agreement:\n\n- 2: `T0`, `Fox`, 100 % of 12\n- 1: `T0`, `Fox`, 100 % of 9"


def test_subjects_shown_together_have_no_image_and_are_not_listed():
    assert examples(units((1, 0.5, 9)).with_columns(subject_id=pl.lit(None, pl.Int64)), {}) is None


def test_long_addresses_leave_fewer_examples():
    urls = {number: f"https://example.org/{'a' * 200}/{number}.jpg" for number in range(20)}
    found = examples(units(*((number, number / 20, 5) for number in range(20))), urls)
    assert shown_at_once(found)
    assert len(lines(found)) == 2


def test_the_image_is_that_of_the_frame_or_else_the_first():
    subjects = rows(
        "subjects",
        [
            {"subject_id": 1, "workflow_id": 5, "locations": ["https://example.org/a", "https://example.org/b"]},
            {"subject_id": 1, "workflow_id": 6, "locations": ["https://example.org/a", "https://example.org/b"]},
            {"subject_id": 2, "locations": ["https://example.org/c"]},
            {"subject_id": 3, "locations": []},
            {"subject_id": 4, "locations": ["https://example.org/d"]},
        ],
    )
    assert image_urls(subjects, [1, 2, 3], frame=1) == {1: "https://example.org/b", 2: "https://example.org/c"}
    assert image_urls(subjects, []) == {}
    assert image_urls(None, [1]) == {}


def test_only_web_addresses_become_links():
    subjects = rows("subjects", [{"subject_id": 1, "locations": ["javascript:alert(1)"]}])
    found = with_examples(units((1, 0.5, 9)), others(subjects=subjects))["example subjects"]
    assert not [token for token in tokens(found) if token.type == "link_open"]
    assert lines(found) == ["- 1: `T0`, `Fox`, 50 % of 9"]
