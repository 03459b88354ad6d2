"""Rules replayed, against one vote after the other."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.volunteers.strategies import of_rows, votes
from zoo_dag.volunteers.replay import (
    NOT_RETIRED,
    AfterConsensus,
    AfterCount,
    AfterPosterior,
    AfterVotesFor,
    Rule,
    replay,
)
from zoo_dag.volunteers.swap import trajectories
from zoo_dag.volunteers.votes import Votes

RULES: tuple[Rule, ...] = (
    AfterVotesFor("blank", 2, label=0, at_once=True),
    AfterVotesFor("flagged", 2, label=1),
    AfterConsensus("agreed", 2, 0.75),
    AfterVotesFor("matching", 3, label=None),
    AfterConsensus("agreed on 1", 1, 0.5, label=1),
    AfterPosterior("certain", label=1, certain=0.7, ruled_out=0.05),
    AfterCount("complete", 4),
)


def says(rule: Rule, so_far: list[int], leader: int, posterior: np.ndarray) -> tuple[bool, int]:
    """Whether a rule holds after some votes, and the label that it says it is."""
    last, counts = so_far[-1], Counter(so_far)
    match rule:
        case AfterCount():
            return len(so_far) >= rule.count, leader
        case AfterConsensus():
            agreed = len(so_far) >= rule.count and counts[leader] >= rule.share * len(so_far)
            return agreed and rule.label in (None, leader), leader
        case AfterVotesFor():
            said = rule.label in (None, last) and counts[last] >= rule.count
            return said and (not rule.at_once or len(counts) == 1), last
    assert isinstance(rule, AfterPosterior)
    assert rule.certain is not None
    assert rule.ruled_out is not None
    if posterior[rule.label] >= rule.certain:
        return True, rule.label
    others = [-1 if label == rule.label else p for label, p in enumerate(posterior)]
    return bool(posterior[rule.label] <= rule.ruled_out), int(np.argmax(others))


def one_by_one(cast: Votes, rules: list[Rule]) -> list[tuple[int, int, int]]:
    """Rule, votes used and label of each unit, by running through its votes."""
    posteriors = trajectories(cast)
    result = []
    for unit in range(cast.n_units):
        places = np.flatnonzero(cast.unit == unit)
        said = [int(cast.label[place]) for place in places]
        outcome, leader = None, said[0]
        for number, place in enumerate(places, 1):
            so_far = said[:number]
            if Counter(so_far)[so_far[-1]] > Counter(so_far)[leader]:
                leader = so_far[-1]
            found = [says(rule, so_far, leader, posteriors[place]) for rule in rules]
            if any(holds for holds, _ in found):
                which = [holds for holds, _ in found].index(True)
                outcome = (which, number, found[which][1])
                break
        result.append(outcome or (NOT_RETIRED, len(said), leader))
    return result


@settings(max_examples=150, deadline=None)
@given(votes(), st.lists(st.sampled_from(RULES), max_size=4), st.randoms(use_true_random=False))
def test_equal_to_one_vote_after_the_other(cast: Votes, rules: list[Rule], random: np.random.Generator) -> None:
    order = list(range(len(cast.unit)))
    random.shuffle(order)
    mixed = Votes(
        cast.unit[order],
        cast.volunteer[order],
        cast.label[order],
        cast.n_units,
        cast.n_volunteers,
        cast.n_labels,
        gold=cast.gold,
    )
    found = replay(mixed, rules)
    assert list(zip(found.rule, found.n_used, found.label, strict=True)) == one_by_one(mixed, rules)
    # The last vote used is one of the unit, with as many before it as were used.
    for unit, (n_used, last) in enumerate(zip(found.n_used, found.last, strict=True)):
        assert mixed.unit[last] == unit
        assert (np.flatnonzero(mixed.unit == unit) <= last).sum() == n_used


def test_serengeti() -> None:
    """Blank after three times nothing at once, agreed after four that say the same, complete after six."""
    rules: list[Rule] = [
        AfterVotesFor("blank", 3, label=0, at_once=True),
        AfterConsensus("agreed", 4, 1.0),
        AfterCount("complete", 6),
    ]
    said = {0: [0, 0, 0, 1], 1: [1, 1, 1, 1, 2], 2: [0, 1, 0, 0, 1, 1, 1], 3: [2, 2]}
    cast = of_rows([(unit, who, label) for unit, labels in said.items() for who, label in enumerate(labels)], 3)
    found = replay(cast, rules)
    assert found.rule.tolist() == [0, 1, 2, NOT_RETIRED]
    assert found.n_used.tolist() == [3, 4, 6, 2]
    assert found.label.tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize("rules", [[], [AfterCount("complete", 1)]])
def test_a_unit_without_votes_does_not_retire(rules: list[Rule]) -> None:
    cast = Votes(np.array([1, 1]), np.array([0, 1]), np.array([1, 0]), 3, 2, 2)
    found = replay(cast, rules)
    assert (found.rule[0], found.n_used[0], found.last[0]) == (NOT_RETIRED, 0, -1)
    assert found.n_used.tolist() == [0, 1 if rules else 2, 0]
