"""What many workers would take: the parts add up, and what they share limits them."""

import pytest

from benchmarks.workers import Parts, simulate

PARTS = Parts(
    n_partitions=40,
    partitions_per_run=10,
    steps_per_run=5,
    importing=0.25,
    pooling=0.1,
    accounting=0.05,
    launch=0,
    to_worker=0,
    start=1,
    building=1,
    history=0.5,
    history_cores=1,
    save=0.1,
)
# The import, the pool and the accounting.
ALONE = 3 * 1 + 40 * (0.25 + 0.1 + 0.05)


def test_one_worker_takes_the_sum_of_all_parts() -> None:
    # Four runs: a start, ten versions with their events, and five saves.
    assert simulate(PARTS, 1).total == pytest.approx(ALONE + 4 * (1 + 15 + 0.5))


def test_what_all_share_limits_many_workers() -> None:
    many = simulate(PARTS, 64)
    # Each of four workers has one run; PostgreSQL has all of their events one after the other.
    assert many.total > ALONE + 40 * 0.5
    assert many.history_share > 0.7
    assert simulate(PARTS, 2).total > many.total
    alike = simulate(PARTS, 4)
    assert (alike.total, alike.pointer_share) == (many.total, many.pointer_share)
