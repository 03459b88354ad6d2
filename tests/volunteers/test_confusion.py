"""Dawid and Skene's model, and its Bayesian form."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.volunteers.strategies import of_rows, votes
from zoo_dag.volunteers.confusion import DawidSkene, VariationalBayes
from zoo_dag.volunteers.fitting import fit
from zoo_dag.volunteers.votes import Floats, Votes

# Dawid and Skene 1979, table 1: by patient three ratings of the first anaesthetist, and one each of four others.
RATINGS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212
1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111
1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111
2322222 1211111 2222222
"""
OBSERVERS = (0, 0, 0, 1, 2, 3, 4)


def anaesthesia() -> Votes:
    patients = RATINGS.split()
    return of_rows(
        [
            (patient, observer, int(rating) - 1)
            for patient, ratings in enumerate(patients)
            for observer, rating in zip(OBSERVERS, ratings, strict=True)
        ],
        n_labels=4,
    )


def test_anaesthetists_as_in_the_paper() -> None:
    votes = anaesthesia()
    model = DawidSkene(votes, right=0, wrong=0, prevalence=0)
    fitted = fit(votes, model, iterations=2000, tolerance=1e-13)
    assert model.prevalence[0] == pytest.approx([0.3996, 0.4220, 0.1118, 0.0667], abs=2e-4)
    assert fitted.objectives[-1] == pytest.approx(-192.8909, abs=1e-4)
    pairs = votes.pairs
    diagonal = [model.confusion[(pairs.volunteer == 0) & (pairs.label == each), each][0] for each in range(4)]
    assert diagonal == pytest.approx([0.89, 0.88, 0.66, 0.44], abs=0.005)
    uncertain = np.flatnonzero(fitted.posterior.max(axis=1) < 0.99) + 1
    assert uncertain.tolist() == [7, 35, 38]


def _dense(votes: Votes, iterations: int, right: float, wrong: float, prevalence: float) -> Floats:
    """The same model, written down from its formulas with whole matrices."""
    n, w, k = votes.n_units, votes.n_volunteers, votes.n_labels
    said = np.zeros((n, w, k))
    np.add.at(said, (votes.unit, votes.volunteer, votes.label), 1)
    posterior = said.sum(axis=1) / said.sum(axis=(1, 2))[:, None]
    gold = votes.gold if votes.gold is not None else np.full(n, -1)
    prior = np.full((k, k), wrong) + np.eye(k) * (right - wrong)

    def clamp() -> None:
        for unit in np.flatnonzero(gold >= 0):
            posterior[unit] = np.eye(k)[gold[unit]]

    clamp()
    for _ in range(iterations):
        confusion = np.einsum("nt,nwl->wtl", posterior, said) + prior
        confusion /= confusion.sum(axis=2, keepdims=True)
        common = np.stack([posterior[votes.groups == group].sum(axis=0) + prevalence for group in (0, 1)])
        common /= common.sum(axis=1, keepdims=True)
        joint = common[votes.groups] * np.prod(np.prod(confusion[None] ** said[:, :, None, :], axis=3), axis=1)
        posterior = joint / joint.sum(axis=1, keepdims=True)
        clamp()
    return posterior


@settings(max_examples=50, deadline=None)
@given(votes(), st.integers(1, 5))
def test_equal_to_the_formulas(cast: Votes, iterations: int) -> None:
    fitted = fit(cast, DawidSkene(cast), iterations=iterations, tolerance=0)
    assert fitted.posterior == pytest.approx(_dense(cast, iterations, 2, 1, 1), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(votes())
@pytest.mark.parametrize("kind", [DawidSkene, VariationalBayes])
def test_the_objective_never_falls(kind: type[DawidSkene | VariationalBayes], cast: Votes) -> None:
    fitted = fit(cast, kind(cast), iterations=30, tolerance=0)
    assert np.diff(fitted.objectives).min(initial=0) > -1e-9


@settings(max_examples=60, deadline=None)
@given(votes(), st.integers(0, 5))
def test_a_copy_of_a_volunteer_says_no_more_than_they_do(cast: Votes, who: int) -> None:
    """Who copies a volunteer has their confusion, and adds their evidence once more: not less, and not more."""
    copied = cast.volunteer == who % cast.n_volunteers
    both = replace(
        cast,
        unit=np.concatenate([cast.unit, cast.unit[copied]]),
        volunteer=np.concatenate([cast.volunteer, np.full(copied.sum(), cast.n_volunteers)]),
        label=np.concatenate([cast.label, cast.label[copied]]),
        n_volunteers=cast.n_volunteers + 1,
    )
    posterior = cast.clamped(cast.fractions())
    alone, together = DawidSkene(cast), DawidSkene(both)
    alone.maximise(posterior)
    together.maximise(posterior)
    evidence = np.zeros((cast.n_units, cast.n_labels))
    np.add.at(evidence, cast.unit[copied], np.log(alone.confusion[cast.pairs.of_vote[copied]]))
    assert together.log_joint() == pytest.approx(alone.log_joint() + evidence, abs=1e-9)


def test_gold_stops_labels_from_being_swapped() -> None:
    """Two volunteers always say the other label; of the gold it is known who does."""
    truth = [unit % 2 for unit in range(20)]
    rows = [(unit, who, right if who == 0 else 1 - right) for unit, right in enumerate(truth) for who in range(3)]
    gold = {unit: truth[unit] for unit in range(6)}
    votes = of_rows(rows, 2, gold)
    assert fit(votes, DawidSkene(votes)).posterior.argmax(axis=1).tolist() == truth
    without = of_rows(rows, 2)
    assert fit(without, DawidSkene(without)).posterior.argmax(axis=1).tolist() == [1 - each for each in truth]


def test_groups_have_their_own_prevalence() -> None:
    """The same votes, yes and no, on a common species and on a rare one."""
    rows = [(unit, who, int(unit < 10)) for unit in range(20) for who in range(3)]
    rows += [(unit, who, int(who == 0)) for unit in (20, 21) for who in range(2)]
    votes = of_rows(rows, 2)
    grouped = Votes(
        votes.unit, votes.volunteer, votes.label, 22, 3, 2, group=np.array([0] * 10 + [1] * 10 + [0, 1])
    )
    common, rare = fit(grouped, DawidSkene(grouped)).posterior[20:, 1]
    assert common > 0.9
    assert rare < 0.1


def test_a_weight_of_two_is_the_vote_twice() -> None:
    rows = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1), (2, 0, 0), (2, 1, 0)]
    once, twice = of_rows(rows, 2), of_rows([*rows, rows[0]], 2)
    weighed = Votes(
        once.unit, once.volunteer, once.label, 3, 2, 2, gold=once.gold, weight=np.array([2.0, 1, 1, 1, 1, 1])
    )
    for kind in (DawidSkene, VariationalBayes):
        assert fit(weighed, kind(weighed)).posterior == pytest.approx(fit(twice, kind(twice)).posterior, abs=1e-12)
