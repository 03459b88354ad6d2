"""Corrections of a given text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulated_corrections import METHODS, simulate, word_error
from zoo_dag.task_types.texts.corrections import corrected

GIVEN = "Tho cat sat\non teh mat"


def changes(original: str, *texts: str) -> list[tuple[str, str, int, bool]]:
    """Of each change what was there, what is, its votes, and whether it is accepted."""
    found = corrected(original, texts).changes
    assert all(original[change.start : change.end] == change.before for change in found)
    return [(change.before, change.after, change.votes, change.accepted) for change in found]


def test_a_change_of_two_people_and_a_quarter_of_those_who_changed_anything_holds() -> None:
    mended = "The cat sat\non the mat"
    found = corrected(GIVEN, [mended, mended, GIVEN, GIVEN, GIVEN, "The cat sat on the mat."])
    assert found.text == mended
    assert found.n_changed == 3
    assert [(token.word, token.votes) for token in found.tokens] == [
        *(("The", 3), ("cat", 6), ("sat", 6)),
        *(("on", 6), ("the", 3), ("mat", 5)),
    ]
    assert changes(GIVEN, mended, GIVEN) == [("Tho", "The", 1, False), ("teh", "the", 1, False)]
    # Of nine who changed anything two are too few.
    many = [f"Tho cat sat\non teh mat{number}" for number in range(7)]
    assert ("Tho", "The", 2, False) in changes(GIVEN, mended, mended, *many)


def test_letters_and_punctuation_count_and_white_space_does_not() -> None:
    assert changes("the cat", "The cat", "The  cat\n") == [("the", "The", 2, True)]
    assert changes("the cat", "the cat.", "the\ncat.") == [("cat", "cat.", 2, True)]
    assert changes("a\u0301b", "\u00e1b") == []


def test_words_are_inserted_and_taken_out_where_they_stand() -> None:
    assert corrected("one three\nfour", ["one two three\nfour"] * 2).text == "one two three\nfour"
    assert changes("one three", "zero one three", "zero one three") == [("", "zero", 2, True)]
    assert corrected("one three", ["zero one three end"] * 2).text == "zero one three end"
    assert changes("one one two", "one two", "one two") == [("one", "", 2, True)]
    assert corrected("one one two", ["one two"] * 2).text == "one two"
    assert corrected("wood land it is", ["woodland it is"] * 3).text == "woodland it is"


def test_forms_with_as_many_votes_tie_and_none_holds() -> None:
    found = corrected("teh mat", ["the mat", "the mat", "ten mat", "ten mat", "tea mat"]).changes
    assert [(change.after, change.rank, change.tied, change.accepted) for change in found] == [
        ("ten", 1, True, False),
        ("the", 2, True, False),
        ("tea", 3, False, False),
    ]


def test_of_changes_that_overlap_the_one_with_more_votes_holds() -> None:
    texts = ["woodland it is"] * 2 + ["would land it is"] * 3
    assert corrected("wood land it is", texts).text == "would land it is"
    # A word inserted into a run that others replace by another one.
    texts = ["wood of land it is"] * 2 + ["woodland it is"] * 3
    assert corrected("wood land it is", texts).text == "woodland it is"
    assert corrected("wood land it is", texts[:2] * 2 + texts[2:]).text == "wood of land it is"
    # Beside it both hold.
    texts = ["woodland it is"] * 2 + ["the wood land it is"] * 2
    assert corrected("wood land it is", texts).text == "the woodland it is"


def test_nothing_given_and_nothing_changed() -> None:
    assert corrected("", ["a b", "a b"]).text == "a b"
    assert corrected("a b", ["a b"])[1:] == (corrected("a b", ["a b"]).tokens, (), 0)


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6).map(" ".join)


@settings(deadline=None)
@given(WORDS, st.lists(WORDS.filter(bool), min_size=2, max_size=6))
def test_order_does_not_matter_and_changes_that_all_made_are_the_text(original: str, texts: list[str]) -> None:
    found = corrected(original, texts)
    assert corrected(original, sorted(texts)) == found
    assert corrected(original, [texts[0]] * 2).text == texts[0]
    assert all(1 <= change.votes <= found.n_changed <= len(texts) for change in found.changes)
    # Who holds with his own votes holds with twice as many.
    twice = corrected(original, texts * 2)
    assert [(each.words, each.after, each.votes) for each in twice.changes] == [
        (each.words, each.after, 2 * each.votes) for each in found.changes
    ]


@pytest.mark.parametrize(("volunteers", "most"), [(5, 0.03), (10, 0.008), (20, 0.006)])
def test_simulated_corrections_reach_their_figures(volunteers: int, most: float) -> None:
    tasks = simulate(volunteers, seed=3, texts=120)
    ours = word_error(tasks, METHODS["zoo_dag"])
    assert ours <= most
    assert all(ours < word_error(tasks, method) for name, method in METHODS.items() if name != "zoo_dag")
