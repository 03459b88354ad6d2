"""Sets of answers as bits."""

import polars as pl

from zoo_dag.consensus.answer_sets import bits_of, texts_of


def test_sets_are_the_bits_of_their_answers_also_beyond_one_word() -> None:
    names = [f"answer {number}" for number in range(70)]
    words = bits_of([0, 63, 64, 69], len(names))
    assert [word.to_list() for word in words] == [[1, 1 << 63, 0, 0], [0, 0, 1, 1 << 5]]
    votes = pl.DataFrame({"vote": [1, 1, 2, 2]}).hstack(words)
    sets = votes.group_by("vote", maintain_order=True).agg(pl.exclude("vote").bitwise_or()).drop("vote")
    assert texts_of(sets, names, " + ", "nothing").to_list() == ["answer 0 + answer 63", "answer 64 + answer 69"]


def test_each_row_has_its_text_and_the_empty_set_its_own() -> None:
    sets = pl.DataFrame(bits_of([1, 0, 1], 2)).vstack(pl.DataFrame({"word 0": [0]}, {"word 0": pl.UInt64}))
    assert texts_of(sets, ["fox", "owl"], "; ", "nothing").to_list() == ["owl", "fox", "owl", "nothing"]
