"""Star alignment: votes for words, gaps, insertions, ties, tags, and the error of the consensus."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task_types.texts.transcriptions import sentences, transcriptions, word_error_rate
from zoo_dag.task_types.texts.alignment import Consensus, consensus_of
from zoo_dag.task_types.texts.words import fold, text_of, words_of

TEXTS = st.lists(
    st.lists(st.sampled_from(["a", "A", "b.", "bb", "c", "[x]d[/x]", "e\n"]), min_size=1, max_size=6).map(
        " ".join
    ),
    min_size=1,
    max_size=7,
)
PROPERTY = settings(deadline=None, max_examples=150)


def consensus(*texts: str) -> Consensus:
    found = consensus_of(texts)
    assert found is not None
    return found


def votes(*texts: str) -> list[tuple[str, int]]:
    return [(vote.word.text, vote.votes) for vote in consensus(*texts).votes]


def test_one_transcription_is_the_consensus_and_agrees_with_itself() -> None:
    assert consensus("  Dear  Sir,\nyours ")[:2] == ("Dear Sir,\nyours", 1.0)
    assert votes("Dear Sir") == [("Dear", 1), ("Sir", 1)]


def test_identical_texts_agree_fully() -> None:
    assert consensus(*["Dear Sir"] * 3)[:2] == ("Dear Sir", 1.0)
    assert votes(*["Dear Sir"] * 3) == [("Dear", 3), ("Sir", 3)]


@pytest.mark.parametrize("texts", [[], [""], [" ", "\n"]])
def test_no_words_give_no_consensus(texts: list[str]) -> None:
    assert consensus_of(texts) is None


def test_a_blank_text_has_no_vote() -> None:
    assert votes("Sir", "", " ") == [("Sir", 1)]


def test_the_majority_wins_word_by_word_although_nobody_wrote_all_of_it() -> None:
    texts = ("teh cat sat down", "the bat sat down", "the cat sit down", "the cat sat dawn")
    assert consensus(*texts).text == "the cat sat down"
    assert votes(*texts) == [("the", 3), ("cat", 3), ("sat", 3), ("down", 3)]
    assert consensus(*texts).agreement == pytest.approx(0.75)


def test_a_word_of_one_volunteer_does_not_enter_however_many_there_are() -> None:
    texts = ("the cat sat", "the cat sat", "the big cat sat", "the cat sat sat", "oh the cat sat")
    assert consensus(*texts).text == "the cat sat"
    # Three words of five, and three places where four of five wrote nothing.
    assert consensus(*texts).agreement == pytest.approx((3 * 1 + 3 * 0.8) / 6)


def test_a_gap_wins_where_most_wrote_nothing() -> None:
    # The centre has the word that most lack.
    texts = ("a very long shared beginning x", *["a very long shared beginning"] * 2)
    assert consensus(*texts).text == "a very long shared beginning"
    assert consensus("one two", "one", "two", "one two", "one two")[:2] == ("one two", pytest.approx(0.8))


@pytest.mark.parametrize(("with_it", "without", "text"), [(3, 2, "a b c"), (2, 3, "a c"), (2, 2, "a b c")])
def test_a_word_is_kept_where_at_least_half_have_it(with_it: int, without: int, text: str) -> None:
    assert consensus(*["a b c"] * with_it, *["a c"] * without).text == text


def test_what_more_than_half_have_is_inserted_where_the_centre_lacks_it() -> None:
    texts = (
        *["alpha beta gamma delta"] * 2,
        "alpha very beta gamma delxx",
        "alpha very beta gaxxa delta",
        # Fewest words differ also if alxxa was inserted, and alpha mistaken for very.
        "alxxa very beta gamma delta",
    )
    assert consensus(*texts).text == "alpha very beta gamma delta"
    assert consensus(*texts[:-1]).text == "alpha beta gamma delta"


def test_of_two_texts_the_longer_is_kept_completely() -> None:
    assert consensus("the cat", "the cat sat")[:2] == ("the cat sat", pytest.approx(2.5 / 3))


def test_a_tie_goes_to_the_word_that_is_nearest_to_the_others() -> None:
    assert consensus("xhe cat", "the cat", "thw cat").text == "the cat"


def test_texts_without_a_common_word_give_one_of_them() -> None:
    found = consensus("a b c d e f", *"abcdef")
    assert found.text == "a b c d e f"
    assert consensus("x", "y", "z").text == "x"
    assert consensus("x", "y", "z").agreement == pytest.approx(1 / 3)


def test_case_punctuation_and_tags_do_not_split_votes_and_the_commonest_form_is_kept() -> None:
    texts = ("Dear Sir,", "dear Sir,", "Dear sir", "Dear [unclear]Sir[/unclear],")
    assert consensus(*texts)[:2] == ("Dear Sir,", 1.0)
    assert votes(*texts) == [("Dear", 4), ("Sir,", 4)]


def test_line_breaks_are_kept_where_most_have_them() -> None:
    assert consensus("one\ntwo three", "one\ntwo\nthree", "one two three").text == "one\ntwo three"


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Sir,", "sir"),
        ("“Sir”", "sir"),
        ("(Sir)", "sir"),
        ("don’t", "don't"),  # noqa: RUF001
        ("-5.", "-5"),
        ("1.5", "1.5"),
        ("6'", "6'"),
        ('6".', '6"'),
        ("&", "&"),
        ("...", "..."),
        ("[sic]", "[sic]"),
        ("[unclear]Sir[/unclear],", "sir"),
        ("J[unclear]oh[/unclear]n", "john"),
        ("[unclear][/unclear]", "[unclear]"),
        ("Straße", "strasse"),
    ],
)
def test_what_is_compared_of_a_word(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_a_tag_goes_around_each_of_its_words_and_is_joined_again() -> None:
    text = "Dear [unclear]Sir [deletion]John[/deletion][/unclear], yes"
    assert [word.text for word in words_of(text)] == [
        "Dear",
        "[unclear]Sir[/unclear]",
        "[unclear][deletion]John[/deletion][/unclear],",
        "yes",
    ]
    assert text_of(words_of(text)) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[unclear][/unclear] [unclear][/unclear]", "[unclear][/unclear] [unclear][/unclear]"),
        ("[unclear] [/unclear]", "[unclear][/unclear]"),
        ("a [unclear] b [/unclear] c", "a [unclear]b[/unclear] c"),
        ("[sic] 5", "[sic] 5"),
        ("[unclear]Sir", "[unclear]Sir"),
        ("one [unclear]two\nthree[/unclear]", "one [unclear]two\nthree[/unclear]"),
    ],
)
def test_tags_stay_in_the_text(text: str, kept: str) -> None:
    assert consensus(text, text).text == kept


def test_a_word_that_most_could_not_read_stays_unclear() -> None:
    texts = ("Dear [unclear]Sir[/unclear] X", "Dear [unclear]Sir[/unclear] X", "Dear Sir X")
    assert consensus(*texts)[:2] == ("Dear [unclear]Sir[/unclear] X", 1.0)


@PROPERTY
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_changes_nothing(texts: list[str], random: Random) -> None:
    shuffled = random.sample(texts, len(texts))
    assert consensus_of(shuffled) == consensus_of(texts)


@PROPERTY
@given(TEXTS)
def test_everybody_twice_gives_the_same_text_and_agreement(texts: list[str]) -> None:
    once, twice = consensus(*texts), consensus(*texts, *texts)
    assert (twice.text, twice.agreement) == (once.text, pytest.approx(once.agreement))
    assert [vote.votes for vote in twice.votes] == [2 * vote.votes for vote in once.votes]


@PROPERTY
@given(TEXTS)
def test_votes_and_agreement_are_shares_and_there_is_always_a_text(texts: list[str]) -> None:
    found = consensus(*texts)
    assert found.text
    assert 0 < found.agreement <= 1
    assert all(1 <= vote.votes <= len(texts) for vote in found.votes)
    same = len({tuple(word.folded for word in words_of(text)) for text in texts}) == 1
    assert (found.agreement == 1) == same


@PROPERTY
@given(TEXTS)
def test_the_consensus_of_a_consensus_is_itself(texts: list[str]) -> None:
    found = consensus(*texts)
    assert consensus(found.text).text == found.text
    assert [word.text for word in words_of(found.text)] == [vote.word.text for vote in found.votes]


def test_more_volunteers_make_fewer_errors_and_ten_hardly_any() -> None:
    truths, random = sentences(100), Random(44)  # noqa: S311
    written = [transcriptions(truth, 10, random) for truth in truths]
    errors = [
        word_error_rate([consensus(*texts[:people]).text for texts in written], truths) for people in (1, 3, 5, 10)
    ]
    # One volunteer alone is far off; else the test would prove nothing.
    assert errors[0] > 0.1
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] <= 0.005


def test_composed_and_decomposed_letters_and_any_white_space_are_the_same() -> None:
    composed, decomposed = "M\xfcller caf\xe9", "Mu\u0308ller cafe\u0301"
    texts = (composed, decomposed, "M\xfcller\xa0caf\xe9")
    assert consensus(*texts, "M\xfcller\u202f\u2009cafe\u0301")[:2] == (composed, 1.0)
    assert consensus(*texts, "Muller cafe")[:2] == (composed, 0.75)


def test_capitals_of_decomposed_letters_are_the_same() -> None:
    assert consensus("I\u0302LE", "\xeele").agreement == 1.0


def test_characters_that_are_not_seen_do_not_count() -> None:
    found = consensus("\ufeffDear Sir", "Dear\u200b Sir\u200f", "Dear \u200b Sir", "De\xadar Sir")
    assert found[:2] == ("Dear Sir", 1.0)


def test_what_joins_letters_stays() -> None:
    scientist = "\U0001f469\u200d\U0001f52c"
    assert consensus(scientist, scientist).text == scientist


def test_more_words_than_are_kept_change_nothing() -> None:
    texts = ("Dear Sir", "dear Sir.", "Dear Madam")
    before = consensus(*texts)
    assert votes(" ".join(map(str, range(70_000))))[-1] == ("69999", 1)
    assert consensus(*texts) == before
