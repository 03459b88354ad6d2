"""Intervals and entropy against values known from elsewhere."""

import math
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_dag.consensus.intervals import t_95, wilson_high, wilson_low, with_entropy


def wilson(successes: int, trials: int) -> tuple[float | None, float | None]:
    frame = pl.DataFrame({"k": [successes], "n": [trials]}, schema={"k": pl.Int64, "n": pl.Int64})
    low, high = frame.select(
        low=wilson_low(pl.col("k"), pl.col("n")), high=wilson_high(pl.col("k"), pl.col("n"))
    ).row(0)
    return low, high


def entropies(*units: tuple[list[int], int]) -> list[float | None]:
    """The entropy of each answer of units, which are their votes and the number of options."""
    rows = [(unit, votes, options) for unit, (of_unit, options) in enumerate(units) for votes in of_unit]
    schema = {"unit": pl.UInt32, "votes": pl.Int64, "options": pl.Int64}
    answers = pl.LazyFrame(rows, schema=schema, orient="row")
    found = with_entropy(answers, "entropy", pl.col("votes"), pl.col("options")).collect()
    assert found.columns == [*schema, "entropy"]
    return found["entropy"].to_list()


def entropy(votes: list[int], options: int) -> float | None:
    value, *others = entropies((votes, options))
    assert all(other == value for other in others)
    return value


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe 1998, Stat. Med. 17:857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # By hand: z² / (n + z²) is the free end where all or none agree, z² = 3.841459.
        (0, 10, 0.0, 3.841459 / 13.841459),
        (10, 10, 10 / 13.841459, 1.0),
        (1, 1, 1 / 4.841459, 1.0),
        # Half of ten: 0.5 ± 0.5 z / √(n + z²).
        (5, 10, 0.5 - 0.5 * 1.959964 / math.sqrt(13.841459), 0.5 + 0.5 * 1.959964 / math.sqrt(13.841459)),
    ],
)
def test_the_wilson_interval_equals_published_values(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_without_trials_there_is_no_interval() -> None:
    assert wilson(0, 0) == (None, None)


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_solve_the_equation_that_defines_the_interval(case: tuple[int, int]) -> None:
    successes, trials = case
    share = successes / trials
    for end in wilson(successes, trials):
        assert end is not None
        assert 0 <= end <= 1
        # The score test at the end of the interval gives exactly z.
        assert trials * (share - end) ** 2 == pytest.approx(
            3.8414588206941236 * end * (1 - end), rel=1e-5, abs=1e-6
        )


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors(case: tuple[int, int]) -> None:
    successes, trials = case
    if trials:
        low, high = wilson(successes, trials)
        assert low is not None
        assert high is not None
        assert low - 1e-12 <= successes / trials <= high + 1e-12
        mirrored = wilson(trials - successes, trials)
        assert mirrored == (pytest.approx(1 - high, abs=1e-12), pytest.approx(1 - low, abs=1e-12))


@pytest.mark.parametrize(
    ("votes", "options", "expected"),
    [
        ([5], 2, 0.0),
        ([5, 5], 2, 1.0),
        ([1, 1, 1, 1], 4, 1.0),
        ([1, 1], 4, 0.5),
        # 0.75 and 0.25: 0.811278 bit.
        ([3, 1], 2, 0.8112781244591328),
        ([3, 1, 0], 3, 0.8112781244591328 / math.log2(3)),
        ([7], 1, 0.0),
    ],
)
def test_the_entropy_is_that_of_shannon_over_its_maximum(votes: list[int], options: int, expected: float) -> None:
    assert entropy(votes, options) == pytest.approx(expected, abs=1e-12)


def test_without_votes_there_is_no_entropy() -> None:
    assert entropy([0], 2) is None


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_the_entropy_lies_between_0_and_1(votes: list[int]) -> None:
    value = entropy(votes, len(votes))
    assert value is None if sum(votes) == 0 else value is not None and 0 <= value <= 1


def test_the_entropy_of_many_units_is_that_of_each_alone() -> None:
    random = Random(7)  # noqa: S311 - invents data, keeps no secret
    votes = [[random.randrange(50) for _ in range(random.choice([1, 2, 7, 200]))] for _ in range(3000)]
    together = iter(entropies(*((of_unit, len(of_unit)) for of_unit in votes)))
    for of_unit in votes[:50]:
        alone = entropies((of_unit, len(of_unit)))
        assert [next(together) for _ in of_unit] == alone


def test_the_t_quantiles_equal_published_values() -> None:
    # Fisher and Yates 1963, Statistical Tables, table III; the last one is nearly the normal quantile.
    published = {
        1: 12.706,
        2: 4.303,
        5: 2.571,
        10: 2.228,
        30: 2.042,
        40: 2.021,
        60: 2.000,
        120: 1.980,
        10**9: 1.960,
    }
    freedom = pl.DataFrame({"n": [*published, *published]})
    found = freedom.select("n", t=t_95(pl.col("n"))).rows()
    assert found == [(n, pytest.approx(t, abs=5.1e-4)) for n, t in [*published.items()] * 2]


def test_the_t_quantile_of_two_degrees_is_its_closed_form() -> None:
    # The quantile p of two degrees is (2 p - 1) / sqrt(2 p (1 - p)).
    two = pl.DataFrame({"n": [2]}).select(t_95(pl.col("n"))).item()
    assert two == pytest.approx(0.95 / math.sqrt(2 * 0.975 * 0.025), rel=1e-12)


def test_below_one_degree_of_freedom_there_is_no_t_quantile() -> None:
    for degrees in ([-1, 0, None], []):
        frame = pl.DataFrame({"n": degrees}, schema={"n": pl.Int64})
        assert frame.select(t_95(pl.col("n")))["n"].to_list() == [None] * len(degrees)
