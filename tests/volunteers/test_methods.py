"""All methods: what none of them may depend on, and when none of them is used."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.volunteers.strategies import of_rows, votes
from zoo_dag.volunteers.methods import METHODS, Method, weigh
from zoo_dag.volunteers.votes import UNKNOWN, Votes

# In the order of time, so that order matters.
_IN_ORDER = {"swap"}


@settings(max_examples=15, deadline=None)
@given(votes(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("method", METHODS)
def test_names_and_order_change_nothing(method: Method, cast: Votes, random: np.random.Generator) -> None:
    people, labels = list(range(cast.n_volunteers)), list(range(cast.n_labels))
    order = list(range(len(cast.unit)))
    for each in (people, labels, *([order] if method not in _IN_ORDER else [])):
        random.shuffle(each)
    people, labels, order = np.array(people), np.array(labels), np.array(order)
    assert cast.gold is not None
    renamed = replace(
        cast,
        unit=cast.unit[order],
        volunteer=people[cast.volunteer][order],
        label=labels[cast.label][order],
        gold=np.where(cast.gold == UNKNOWN, UNKNOWN, labels[cast.gold]),
    )
    before, after = (METHODS[method](each).posterior for each in (cast, renamed))
    # Glad climbs by steps, and rounding decides where it stops.
    assert after[:, labels] == pytest.approx(before, abs=1e-3 if method == "glad" else 1e-8)


@settings(max_examples=15, deadline=None)
@given(votes())
@pytest.mark.parametrize("method", METHODS)
def test_posteriors_add_up_and_know_the_gold(method: Method, cast: Votes) -> None:
    assert cast.gold is not None
    weighed = weigh(cast, method)
    posterior = weighed.fit.posterior
    assert posterior.sum(axis=1) == pytest.approx(np.ones(cast.n_units))
    known = cast.gold != UNKNOWN
    assert (posterior[known, cast.gold[known]] == 1).all()
    disagree = ((cast.counts > 0).sum(axis=1) > 1) & ~known
    assert (posterior[disagree] < 1).all()


@pytest.mark.parametrize("method", [each for each in METHODS if each != "plurality"])
def test_with_few_votes_the_plurality_stands(method: Method) -> None:
    few = of_rows([(unit, unit % 3, unit % 2) for unit in range(12)], 2)
    weighed = weigh(few, method)
    assert weighed.method == "plurality"
    assert weighed.reason
    assert weighed.fit.posterior.tolist() == few.fractions().tolist()


@pytest.mark.parametrize(
    ("rows", "gold", "method", "reason"),
    [
        (
            [(unit, who, 0) for unit in range(9) for who in (2 * unit % 9, 2 * unit % 9 + 1)],
            {},
            "dawid_skene",
            "Half of the subjects have 2 votes or fewer; dawid_skene needs 3.",
        ),
        (
            [(unit, 4 * unit + who, who % 2) for unit in range(5) for who in range(4)],
            {},
            "one_coin",
            "Half of the volunteers have 1 votes or fewer; one_coin needs 3.",
        ),
        (
            [(unit, who, 0) for unit in range(9) for who in range(4)],
            {},
            "swap",
            "Nobody voted on gold, by which swap weighs volunteers.",
        ),
    ],
)
def test_the_reason(rows: list[tuple[int, int, int]], gold: dict[int, int], method: Method, reason: str) -> None:
    assert weigh(of_rows(rows, 2, gold), method).reason == reason


def _simulated(skills: list[float], n_units: int = 400, seed: int = 5) -> tuple[Votes, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, n_units)
    rows = []
    for unit, right in enumerate(truth):
        for who, skill in enumerate(skills):
            label = right if random.random() < skill else random.integers(0, 3)
            rows.append((unit, who, int(label)))
    return of_rows(rows, 3, {unit: int(truth[unit]) for unit in range(40)}), truth


@pytest.mark.parametrize("method", [each for each in METHODS if each != "plurality"])
def test_two_who_know_outweigh_four_who_guess(method: Method) -> None:
    votes, truth = _simulated([0.95, 0.95, 0.05, 0.05, 0.05, 0.05])
    right = {
        name: (weigh(votes, name).fit.posterior.argmax(axis=1) == truth)[40:].mean()
        for name in (method, "plurality")
    }
    assert right[method] > right["plurality"] + 0.02


def test_figures_of_the_weights() -> None:
    """By hand: volunteer 2 disagrees with both others on two of four units."""
    votes = of_rows(
        [
            *((unit, who, 0) for unit in range(4) for who in (0, 1)),
            *((unit, 2, label) for unit, label in enumerate((0, 0, 1, 1))),
        ],
        2,
    )
    agreement = METHODS["agreement_weights"](votes).posterior
    # Volunteers 0 and 1 always vote for the plurality, volunteer 2 on half of the units.
    assert agreement[2].tolist() == pytest.approx([2 / 2.5, 0.5 / 2.5])
    # The mean share of the labels of volunteer 2 is 2/3, above 0.6: all count alike.
    assert METHODS["consistency_weights"](votes).posterior[2, 1] == pytest.approx(1 / 3)
    apart = of_rows([(unit, who, int(who == 2)) for unit in range(4) for who in range(3)], 2)
    weight = shares = 1.0
    for _ in range(3):
        shares = weight / (2 + weight)
        weight = (shares / 0.6) ** 8.5
    assert METHODS["consistency_weights"](apart).posterior[0, 1] == pytest.approx(weight / (2 + weight))
    known = replace(votes, gold=np.array([0, UNKNOWN, 0, UNKNOWN]))
    weighed = METHODS["gold_weights"](known).posterior
    # Two of two right: (1 + log10 2)^1; one right, one wrong: (1 + log10 2)^(-1/2). Scaled alike, on unit 3.
    right, half = (1 + np.log10(2)) ** 1, (1 + np.log10(2)) ** -0.5
    assert weighed[3].tolist() == pytest.approx([2 * right / (2 * right + half), half / (2 * right + half)])
