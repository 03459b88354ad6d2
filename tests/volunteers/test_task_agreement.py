"""Agreement of tasks, and of their versions."""

import numpy as np
import polars as pl
import pytest

from tests.volunteers.strategies import of_rows
from tests.volunteers.vote_rows import vote_rows, yes_and_no
from zoo_dag.volunteers.agreement import krippendorff_alpha
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.task_agreement import task_agreement


def table(votes: pl.LazyFrame) -> list[dict[str, object]]:
    return task_agreement(by_task(votes)).collect().to_dicts()


def test_a_question_has_the_alpha_of_its_votes() -> None:
    said = {"1": "aab", "2": "bbb", "3": "abc", "4": "cc", "5": "a"}
    votes = [(subject, str(who), label) for subject, labels in said.items() for who, label in enumerate(labels)]
    (row,) = table(vote_rows(votes))
    numbers = [(int(subject), int(who), "abc".index(label)) for subject, who, label in votes]
    alpha = krippendorff_alpha(of_rows(numbers, 3))
    assert (row["n_subjects"], row["n_votes"], row["n_volunteers"]) == (4, 12, 3)
    assert row["alpha"] == pytest.approx(alpha.value)
    assert row["alpha_low"] == pytest.approx(alpha.low)
    assert (row["newest_version"], row["drift"], row["drift_q"]) == (None, None, None)


def test_of_several_answers_each_has_its_own_and_silence_is_a_no() -> None:
    said = [
        *(("1", who, {"owl"}) for who in "abc"),
        *(("2", who, {"fox"} if who == "a" else set()) for who in "abc"),
        *(("3", who, {"owl", "fox"}) for who in "ab"),
    ]
    whole, fox, owl = table(yes_and_no(said))
    assert [each["option_label"] for each in (whole, fox, owl)] == [None, "Fox", "Owl"]
    # Nobody named an owl on the second subject: three times no.
    owls = of_rows(
        [(0, w, 1) for w in range(3)] + [(1, w, 0) for w in range(3)] + [(2, w, 1) for w in range(2)], 2
    )
    assert (owl["alpha"], owl["n_subjects"], owl["n_votes"]) == (1.0, 3, 8)
    assert krippendorff_alpha(owls).value == 1
    foxes = [(0, w, 0) for w in range(3)] + [(1, 0, 1), (1, 1, 0), (1, 2, 0)] + [(2, w, 1) for w in range(2)]
    assert fox["alpha"] == pytest.approx(krippendorff_alpha(of_rows(foxes, 2)).value)
    together = [(0, w, 0) for w in range(3)] + [(1, 0, 1), (1, 1, 2), (1, 2, 2)] + [(2, w, 3) for w in range(2)]
    assert whole["alpha"] == pytest.approx(krippendorff_alpha(of_rows(together, 4)).value)


def test_the_newest_version_against_the_earlier_ones_on_the_same_subjects() -> None:
    def cast(version: str, subjects: range, share: float, seed: int) -> pl.LazyFrame:
        random = np.random.default_rng(seed)
        votes = [
            (str(subject), f"{version}-{who}", "a" if random.random() < share else "b")
            for subject in subjects
            for who in range(4)
        ]
        return vote_rows(votes, version=version)

    first, same, other = (
        cast("1.9", range(40), 0.8, 1),
        cast("1.10", range(20, 60), 0.8, 2),
        cast("1.10", range(20, 60), 0.3, 3),
    )
    (row,) = table(pl.concat([first, same]))
    assert (row["newest_version"], row["earlier_versions"], row["n_subjects_of_both"]) == ("1.10", ["1.9"], 20)
    assert (row["n_votes_newest"], row["n_votes_earlier"]) == (80, 80)
    assert isinstance(row["drift_p"], float)
    assert row["drift_p"] > 0.05
    assert row["drift_q"] == row["drift_p"]
    (row,) = table(pl.concat([first, other]))
    assert row["drift"] == pytest.approx(0.5, abs=0.15)
    assert isinstance(row["drift_q"], float)
    assert row["drift_q"] < 1e-6
