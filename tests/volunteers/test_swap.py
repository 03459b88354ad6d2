"""SWAP, against Marshall's update written down vote by vote."""

import numpy as np
import pytest

from zoo_dag.volunteers.swap import swap, trajectories
from zoo_dag.volunteers.votes import UNKNOWN, Votes


def simulated(n_labels: int, seed: int) -> Votes:
    random = np.random.default_rng(seed)
    n_units, n_volunteers, n_votes = 60, 9, 700
    truth = random.integers(0, n_labels, n_units)
    unit, volunteer = random.integers(0, n_units, n_votes), random.integers(0, n_volunteers, n_votes)
    skill = random.uniform(0.3, 0.95, n_volunteers)
    label = np.where(random.random(n_votes) < skill[volunteer], truth[unit], random.integers(0, n_labels, n_votes))
    gold = np.where(random.random(n_units) < 0.4, truth, UNKNOWN)
    return Votes(unit, volunteer, label, n_units, n_volunteers, n_labels, gold=gold)


def in_two_classes(votes: Votes, prior: float) -> tuple[list[float], list[float]]:
    """Probability of a lens after each vote, and of each subject at the end, as in section 3 of the paper.

    PL and PD are the probabilities that an agent is right about a lens (1) and about a dud (0): right + 1 of
    seen + 2.
    """
    n = votes.n_volunteers
    right = {1: [1.0] * n, 0: [1.0] * n}
    seen = {1: [2.0] * n, 0: [2.0] * n}
    probability = [prior] * votes.n_units
    after = []
    assert votes.gold is not None
    for unit, who, said in zip(votes.unit, votes.volunteer, votes.label, strict=True):
        lens, dud = right[1][who] / seen[1][who], right[0][who] / seen[0][who]
        p = probability[unit]
        if said == 1:
            p = p * lens / (p * lens + (1 - p) * (1 - dud))
        else:
            p = p * (1 - lens) / (p * (1 - lens) + (1 - p) * dud)
        probability[unit] = p
        after.append(p)
        kind = int(votes.gold[unit])
        if kind != UNKNOWN:
            seen[kind][who] += 1
            right[kind][who] += float(said == kind)
    return after, probability


@pytest.mark.parametrize("prior", [0.5, 0.02])
def test_two_classes_are_marshalls_update(prior: float) -> None:
    votes = simulated(2, seed=3)
    after, final = in_two_classes(votes, prior)
    prior_of_both = np.array([1 - prior, prior])
    assert np.abs(trajectories(votes, prior_of_both)[:, 1] - after).max() < 1e-12
    unknown = ~votes.is_gold
    assert np.abs(swap(votes, prior_of_both).posterior[:, 1] - final)[unknown].max() < 1e-12


def test_several_classes_by_counting() -> None:
    votes = simulated(3, seed=4)
    counts = np.full((votes.n_volunteers, 3, 3), 2 / 3)
    probability = np.full((votes.n_units, 3), 1 / 3)
    assert votes.gold is not None
    after = []
    for unit, who, said in zip(votes.unit, votes.volunteer, votes.label, strict=True):
        probability[unit] *= counts[who, :, said] / counts[who].sum(axis=1)
        probability[unit] /= probability[unit].sum()
        after.append(probability[unit].copy())
        if votes.gold[unit] != UNKNOWN:
            counts[who, votes.gold[unit], said] += 1
    assert np.abs(trajectories(votes) - after).max() < 1e-12


def test_a_subject_without_votes_has_the_prior() -> None:
    votes = Votes(np.array([1]), np.array([0]), np.array([0]), 3, 1, 2)
    prior = np.array([0.9, 0.1])
    assert swap(votes, prior).posterior[[0, 2]].tolist() == [pytest.approx([0.9, 0.1])] * 2
