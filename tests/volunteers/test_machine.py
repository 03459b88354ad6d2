"""A machine as one more voter: its skill is estimated, and it is nobody."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from zoo_dag.volunteers.methods import METHODS, weigh
from zoo_dag.volunteers.skill import skills
from zoo_dag.volunteers.swap import swap
from zoo_dag.volunteers.votes import UNKNOWN, Votes

N_UNITS, N_PEOPLE = 200, 5


def with_machine(accuracy: float, probability: float = 1.0) -> tuple[Votes, np.ndarray]:
    """Five people who are right in 6 of 10 cases, and a machine with its answers and its certainty."""
    random = np.random.default_rng(7)
    truth = random.integers(0, 2, N_UNITS)

    def said(share: float) -> np.ndarray:
        return np.where(random.random(N_UNITS) < share, truth, 1 - truth)

    units = np.arange(N_UNITS)
    labels = [said(0.6) for _ in range(N_PEOPLE)]
    machine = said(accuracy)
    unit = np.concatenate([units] * (N_PEOPLE + 2))
    volunteer = np.repeat([*range(N_PEOPLE), N_PEOPLE, N_PEOPLE], N_UNITS)
    label = np.concatenate([*labels, machine, 1 - machine])
    weight = np.repeat([*[1.0] * N_PEOPLE, probability, 1 - probability], N_UNITS)
    kept = weight > 0
    votes = Votes(
        unit[kept], volunteer[kept], label[kept], N_UNITS, N_PEOPLE + 1, 2, weight=weight[kept], n_people=N_PEOPLE
    )
    return votes, truth


def accuracy(posterior: np.ndarray, truth: np.ndarray) -> float:
    return float((posterior.argmax(axis=1) == truth).mean())


@pytest.mark.parametrize("method", ["dawid_skene", "one_coin", "variational_bayes", "mace", "agreement_weights"])
def test_a_good_machine_helps_and_a_bad_one_does_not_harm(method: str) -> None:
    good, truth = with_machine(0.95)
    people = accuracy(METHODS[method](good.of_people).posterior, truth)  # type: ignore[index]
    assert accuracy(METHODS[method](good).posterior, truth) > people + 0.02  # type: ignore[index]
    # It tosses a coin.
    bad, truth = with_machine(0.5)
    people = accuracy(METHODS[method](bad.of_people).posterior, truth)  # type: ignore[index]
    assert accuracy(METHODS[method](bad).posterior, truth) > people - 0.1  # type: ignore[index]


def test_plurality_is_of_people() -> None:
    votes, _ = with_machine(0.95)
    assert (weigh(votes, "plurality").fit.posterior == weigh(votes.of_people, "plurality").fit.posterior).all()
    assert votes.of_people.volunteer.max() == N_PEOPLE - 1


def test_a_machine_does_not_make_few_votes_enough() -> None:
    votes, _ = with_machine(0.95)
    two = votes.is_person[votes.volunteer] & (votes.volunteer > 1)
    few = replace(
        votes,
        unit=votes.unit[~two],
        volunteer=votes.volunteer[~two],
        label=votes.label[~two],
        weight=votes.weights[~two],
    )
    weighed = weigh(few, "dawid_skene")
    assert weighed.method == "plurality"
    assert weighed.reason == "Half of the subjects have 2 votes or fewer; dawid_skene needs 3."


def test_its_skill_stands_beside_those_of_people() -> None:
    votes, truth = with_machine(0.95, probability=0.9)
    gold = np.where(np.arange(N_UNITS) < 20, truth, UNKNOWN)
    votes = replace(votes, gold=gold)
    people = pl.Series([*(f"user:{number}" for number in range(N_PEOPLE)), "machine"])
    posterior = weigh(votes, "dawid_skene").fit.posterior
    table = skills(votes, posterior, people, pl.Series(["no", "yes"]), is_known=True)
    alone = skills(votes.of_people, posterior, people, pl.Series(["no", "yes"]), is_known=True)
    machine = table.row(-1, named=True)
    # Its probabilities add up to one on each subject.
    assert (machine["n_votes"], machine["n_gold"]) == (N_UNITS, 20)
    assert machine["gold_accuracy"] == pytest.approx(0.9 * 0.95 + 0.1 * 0.05, abs=0.1)
    of_machine = votes.volunteer == N_PEOPLE
    right = (votes.weights * posterior[votes.unit, votes.label])[of_machine].sum()
    assert machine["skill"] == pytest.approx((right + 0.5) / (N_UNITS + 1))
    # People are compared with people.
    assert table["agreement"][:-1].to_list() == pytest.approx(alone["agreement"][:N_PEOPLE].to_list())
    assert table["n_votes"][:-1].to_list() == [N_UNITS] * N_PEOPLE


def test_swap_trains_a_machine_by_its_probabilities() -> None:
    """By hand: on a gold unit of label 0, 0.8 for it; then the next unit, of which it says 0."""
    votes = Votes(
        np.array([0, 0, 1]),
        np.zeros(3, int),
        np.array([0, 1, 0]),
        2,
        1,
        2,
        gold=np.array([0, UNKNOWN]),
        weight=np.array([0.8, 0.2, 1.0]),
        n_people=0,
    )
    right, wrong = (0.8 + 1) / (0.8 + 0.2 + 2), 1 / 2
    assert swap(votes).posterior[1, 0] == pytest.approx(right / (right + wrong))
