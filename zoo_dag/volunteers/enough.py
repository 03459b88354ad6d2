"""How many classifications are enough: what fewer votes on each subject would have said."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from zoo_dag.settings.volunteers import Method
from zoo_dag.volunteers.calibration import calibration_error
from zoo_dag.volunteers.methods import weigh
from zoo_dag.volunteers.votes import Floats, Integers, Votes

_TINY = 1e-12
_NUMBERS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 75, 100)
_NEARLY_ALL, _NEARLY_AS_RIGHT = 0.95, 0.01


class WithVotes(NamedTuple):
    """What at most `n_votes` on each unit say, as means over several draws.

    `n_units` had at least one vote. `same` is the share of them with the winner of all votes, a tie for its part.
    `accuracy` and `calibration_error` are of gold, None without.
    """

    n_votes: int
    n_units: int
    same: float
    accuracy: float | None
    calibration_error: float | None


def numbers_to_try(votes: Votes) -> list[int]:
    """Numbers of votes that are worth trying: up to what nineteen of twenty units have."""
    each = np.bincount(votes.unit, minlength=votes.n_units)
    most = int(np.quantile(each[each > 0], 0.95)) if each.any() else 0
    return [number for number in _NUMBERS if number < most] + ([most] if most else [])


def enough(tried: Sequence[WithVotes]) -> int | None:
    """The smallest number of votes with which nearly all units have the winner of all votes; None if none is.

    Where gold is known, its accuracy is besides nearly that of the largest number.
    """
    accuracy = tried[-1].accuracy if tried else None
    for each in tried:
        as_right = accuracy is None or (each.accuracy or 0.0) >= accuracy - _NEARLY_AS_RIGHT
        if each.same >= _NEARLY_ALL and as_right:
            return each.n_votes
    return None


def with_fewer_votes(
    votes: Votes, method: Method, numbers: Iterable[int], draws: int = 5, seed: int = 0
) -> list[WithVotes]:
    """Weigh at most so many votes on each unit, drawn at random without replacement, for each number.

    The gold is not known to the method, or its accuracy would be 1. Equal votes give equal results.
    """
    hidden = replace(votes, gold=None)
    of_all = weigh(hidden, method).fit.posterior
    random = np.random.default_rng(seed)
    turns = [_turns(votes, random) for _ in range(draws)]
    results = []
    for number in numbers:
        drawn = [_one_draw(votes, method, turn <= number, of_all) for turn in turns]
        means = [None if None in column else float(np.mean(column)) for column in zip(*drawn, strict=True)]
        same, accuracy, error = means
        voted = int((votes.counts.sum(axis=1) > 0).sum())
        results.append(WithVotes(number, voted, same or 0.0, accuracy, error))
    return results


def _turns(votes: Votes, random: np.random.Generator) -> Integers:
    """For each vote its place among those of its unit, in a random order; the first is 1."""
    order = np.lexsort((random.random(len(votes.unit)), votes.unit))
    unit = votes.unit[order]
    first = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]]) if len(unit) else np.zeros(0, np.int64)
    turn = np.empty(len(unit), np.int64)
    turn[order] = np.arange(len(unit)) - np.repeat(first, np.diff([*first, len(unit)])) + 1
    return turn


def _one_draw(
    votes: Votes, method: Method, kept: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], of_all: Floats
) -> tuple[float, float | None, float | None]:
    part = replace(
        votes,
        unit=votes.unit[kept],
        volunteer=votes.volunteer[kept],
        label=votes.label[kept],
        weight=votes.weights[kept],
        gold=None,
    )
    posterior = weigh(part, method).fit.posterior
    voted = votes.counts.sum(axis=1) > 0
    same = float((_best(posterior) * _best(of_all)).sum(axis=1)[voted].mean()) if voted.any() else 0.0
    known = voted & votes.is_gold
    if votes.gold is None or not known.any():
        return same, None, None
    truth = votes.gold[known]
    accuracy = float(_best(posterior[known])[np.arange(len(truth)), truth].mean())
    return same, accuracy, calibration_error(posterior[known], truth)


def _best(posterior: Floats) -> Floats:
    """1 for the label with the largest posterior; several that have it share it."""
    best = posterior >= posterior.max(axis=1, keepdims=True) - _TINY
    return np.asarray(best / best.sum(axis=1, keepdims=True))
