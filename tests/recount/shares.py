"""Shares of votes, their interval and their entropy."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from tests.recount.classifications import Record

SHARES = ("fraction", "fraction_of_all", "fraction_low", "fraction_high")


def interval(votes: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    z = statistics.NormalDist().inv_cdf(0.975)
    share = votes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def entropy(votes: Sequence[int], n_options: int) -> float:
    """Shannon entropy of votes, divided by its maximum."""
    shares = [number / sum(votes) for number in votes]
    return -sum(p * math.log(p) for p in shares) / math.log(n_options) if n_options > 1 and len(votes) > 1 else 0.0


def shares(votes: int, n_answered: int, n_classifications: int) -> dict[str, float | None]:
    """The shares of an option; of nobody who answered there is none."""
    if not n_answered:
        return dict.fromkeys(SHARES) | {"fraction_of_all": 0.0}
    low, high = interval(votes, n_answered)
    return dict(zip(SHARES, (votes / n_answered, votes / n_classifications, low, high), strict=True))


def ranked(
    votes: Counter[Any],
    order: Callable[[Any], Any],
    n_answered: int,
    last: Callable[[Any], bool] = lambda _option: False,
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Options with votes, most votes first, with their rank and whether others have as many.

    What all said is not tied. Options that are `last` come after all others, and tie among themselves.
    """
    equal = Counter((last(option), number) for option, number in votes.items())
    by_votes = sorted(votes, key=lambda option: (last(option), -votes[option], order(option)))
    for place, option in enumerate(by_votes):
        number = votes[option]
        tied = number < n_answered and equal[last(option), number] > 1
        yield option, {"votes": number, "rank": place + 1, "tied": tied}


def yes_or_no(votes: Counter[Any], n_answered: int, n_options: int) -> dict[str, float]:
    """Agreement and entropy where each option is a yes or no of its own: means over the options."""
    counts = [(number, n_answered - number) for number in votes.values()]
    counts += [(0, n_answered)] * (n_options - len(counts))
    return {
        "agreement": statistics.fmean(max(pair) / n_answered for pair in counts) if counts else 1.0,
        "entropy": statistics.fmean(entropy([n for n in pair if n], 2) for pair in counts) if counts else 0.0,
    }


def no_ranks() -> dict[str, int | None]:
    return {"votes": 0, "rank": None, "tied": None}


def in_order(option: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    """Options by position and label; what is not known stands last."""
    return tuple((part is None, part) for part in option)


def voted(said: Sequence[Sequence[Record]], option: Callable[[Record], Hashable]) -> list[set[Any]]:
    """The options that each classification chose, of those that said anything readable."""
    readable = [[row for row in rows if row["status"] == "answered"] for rows in said]
    return [{option(row) for row in rows} for rows in readable if rows]


def n_blank(said: Sequence[Sequence[Record]]) -> int:
    """The number of classifications that left everything blank."""
    return sum(all(row["status"] == "blank" for row in rows) for rows in said)
