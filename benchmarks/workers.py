"""How long a number of workers take, from measured parts: `python benchmarks/workers.py --workers 1 2 16 64`.

What is simulated: an import, which runs alone; runs of some workflow versions each, which Dagster's daemon
launches one by one and workers execute; at the end the pool of the workflow and the row accounting, each one run.
Workers share two servers. PostgreSQL works on the events of as many runs at once as it has cores. The pointer of
the object store is replaced by one worker at a time, and read once more by whoever waited.

The defaults are what was measured, as docs/workers.md says.
"""

import argparse
import heapq
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Parts:
    """What was measured, in seconds unless its name says otherwise. A partition is a version of a workflow."""

    n_partitions: int = 960
    partitions_per_run: int = 15
    steps_per_run: int = 5
    # Of one partition, by the three runs that nothing else can run beside.
    importing: float = 0.12
    pooling: float = 0.015
    accounting: float = 0.002
    # From one launch of Dagster's daemon to the next, and from a launch to the worker, if one is free.
    launch: float = 0.5
    to_worker: float = 2.0
    # Of each run, before its first step and after its last one.
    start: float = 1.4
    # Of one partition: of a worker, and of PostgreSQL, which has so many cores.
    building: float = 0.35
    history: float = 0.16
    history_cores: int = 4
    # To replace the pointer, or to read it: what one worker does at a time.
    save: float = 0.05


class Server:
    """A server that does so many things at once; the others wait."""

    def __init__(self, at_once: int) -> None:
        """All of it is free."""
        self._free = [0.0] * at_once
        self.busy = 0.0

    def served(self, since: float, seconds: float) -> float:
        """When a request that arrives at `since` is answered, `seconds` after its turn came."""
        begin = max(since, heapq.heappop(self._free))
        heapq.heappush(self._free, begin + seconds)
        self.busy += seconds
        return begin + seconds


@dataclass(frozen=True)
class Simulated:
    """How long all of it takes, and how much of that PostgreSQL and the pointer are at work."""

    total: float
    history_share: float
    pointer_share: float


def simulate(parts: Parts, n_workers: int) -> Simulated:
    """Let a number of workers do all runs."""
    history, pointer = Server(parts.history_cores), Server(1)
    alone = parts.launch + parts.to_worker + parts.start
    begin = alone + parts.importing * parts.n_partitions
    n_runs = -(-parts.n_partitions // parts.partitions_per_run)
    launched = [begin + number * parts.launch + parts.to_worker for number in range(n_runs)]
    of_step = parts.partitions_per_run / parts.steps_per_run
    # What comes next, in order of time: when, which worker, and how many stages of its run are left. A step has
    # two: PostgreSQL gets its events, and then the pointer is replaced.
    events = [(begin, worker, 0) for worker in range(n_workers)]
    taken, end = 0, begin
    while events:
        now, worker, left = heapq.heappop(events)
        if left == 0:
            end = max(end, now)
            if taken < n_runs:
                started = max(now, launched[taken]) + parts.start
                heapq.heappush(events, (started + parts.building * of_step, worker, 2 * parts.steps_per_run))
                taken += 1
        elif left % 2 == 0:
            heapq.heappush(events, (history.served(now, parts.history * of_step), worker, left - 1))
        else:
            saved = pointer.served(now, parts.save)
            # Where another worker was faster, the pointer is read once more.
            read_again = parts.save if saved > now + parts.save else 0
            next_step = parts.building * of_step if left > 1 else 0
            heapq.heappush(events, (saved + read_again + next_step, worker, left - 1))
    last = 2 * alone + (parts.pooling + parts.accounting) * parts.n_partitions
    return Simulated(end + last, history.busy / parts.history_cores / (end - begin), pointer.busy / (end - begin))


def main() -> None:
    """Print a row for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 16, 64])
    for each in fields(Parts):
        kind = int if isinstance(each.default, int) else float
        parser.add_argument(
            f"--{each.name.replace('_', '-')}", type=kind, default=each.default, help="%(default)s"
        )
    given = vars(parser.parse_args())
    workers = given.pop("workers")
    parts = Parts(**given)
    alone = simulate(parts, 1).total
    print("| workers | seconds | times as fast | PostgreSQL at work | pointer at work |\n|---|---|---|---|---|")
    for number in workers:
        found = simulate(parts, number)
        print(
            f"| {number} | {found.total:,.0f} | {alone / found.total:.1f} "
            f"| {found.history_share:.0%} | {found.pointer_share:.0%} |"
        )


if __name__ == "__main__":
    main()
