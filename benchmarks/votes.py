"""Votes weighed and rules replayed: Dawid and Skene's model, SWAP, and a rule, on drawn votes.

Twenty votes on each subject, by volunteers of whom few do most. CPU seconds are those of the process; memory
is the most that it has while it works, less that before, when it has the votes. Each has a process of its own.
With crowd-kit in the Python of `--peer`, its model runs on the same votes, as many times.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

VOTES_PER_UNIT, ITERATIONS = 20, 10
SIZES, LABELS = (1_000_000, 10_000_000), (2, 5, 10)
Drawn = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def draw(n: int, n_labels: int) -> Drawn:
    """Units, volunteers, labels and the truth of n votes."""
    random = np.random.default_rng(1)
    n_units, n_volunteers = n // VOTES_PER_UNIT, n // 100
    truth = random.integers(0, n_labels, n_units, dtype=np.int32)
    unit = np.tile(np.arange(n_units, dtype=np.int32), VOTES_PER_UNIT)
    volunteer = (n_volunteers * random.random(n) ** 2).astype(np.int32)
    skill = 0.5 + 0.45 * random.random(n_volunteers)
    other = random.integers(0, n_labels, n, dtype=np.int32)
    label = np.where(random.random(n) < skill[volunteer], truth[unit], other)
    return unit, volunteer, label, truth


def memory(of: str) -> float:
    """Memory of this process in MiB: what it has (VmRSS), or the most since the last `forget_peak` (VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(of)) / 1024


def forget_peak() -> None:
    """Start over with the largest memory: drawing votes takes more than they have."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def ours(what: str, n: int, n_labels: int) -> Callable[[], object]:
    """What is measured, on votes that are drawn already."""
    from zoo_dag.volunteers.confusion import DawidSkene
    from zoo_dag.volunteers.fitting import fit
    from zoo_dag.volunteers.replay import AfterConsensus, AfterCount, replay
    from zoo_dag.volunteers.swap import swap
    from zoo_dag.volunteers.votes import UNKNOWN, Votes

    unit, volunteer, label, truth = draw(n, n_labels)
    gold = np.where(np.arange(len(truth)) % 5 == 0, truth, UNKNOWN) if what == "swap" else None
    votes = Votes(unit, volunteer, label, len(truth), int(volunteer.max()) + 1, n_labels, gold=gold)
    work: dict[str, Callable[[], object]] = {
        "dawid_skene": lambda: fit(votes, DawidSkene(votes), iterations=ITERATIONS, tolerance=0),
        "swap": lambda: swap(votes),
        "rule": lambda: replay(votes, [AfterConsensus("agreed", 5, 0.8)]),
        "scheme": lambda: replay(votes, [AfterConsensus("agreed", 5, 0.8), AfterCount("complete", 15)]),
    }
    return work[what]


def peer(n: int, n_labels: int) -> Callable[[], object]:
    """Crowd-kit's model with as many iterations."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    unit, volunteer, label, _ = draw(n, n_labels)
    votes = pd.DataFrame({"task": unit, "worker": volunteer, "label": label})
    return lambda: DawidSkene(n_iter=ITERATIONS, tol=-1e18).fit_predict_proba(votes)


def one(what: str, n: int, n_labels: int) -> dict[str, float]:
    """The figures of one work, in this process."""
    work = peer(n, n_labels) if what == "crowd-kit" else ours(what, n, n_labels)
    forget_peak()
    votes, before = memory("VmRSS"), time.process_time()
    work()
    return {"cpu_seconds": time.process_time() - before, "mib_beyond_the_votes": memory("VmHWM") - votes}


def measured(python: str, what: str, n: int, n_labels: int) -> dict[str, float]:
    """The figures of one work, in a new process."""
    arguments = [python, __file__, "--one", what, "--sizes", str(n), "--labels", str(n_labels)]
    ended = subprocess.run(arguments, capture_output=True, check=True, text=True)
    return dict(json.loads(ended.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of votes")
    parser.add_argument("--labels", type=int, nargs="+", default=LABELS, help="numbers of labels")
    parser.add_argument("--peer", type=Path, help="a Python that has crowd-kit")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one, options.sizes[0], options.labels[0])))
        return
    for n in options.sizes:
        wanted = [("dawid_skene", labels) for labels in options.labels]
        wanted += [(what, 2) for what in ("rule", "scheme", "swap")]
        for what, labels in wanted:
            found = measured(sys.executable, what, n, labels)
            line = f"{what}, {n:,} votes, {labels} labels: {found['cpu_seconds']:.2f} CPU s, "
            line += f"{found['mib_beyond_the_votes']:.0f} MiB"
            if options.peer and what == "dawid_skene":
                beside = measured(str(options.peer), "crowd-kit", n, labels)
                times = beside["cpu_seconds"] / found["cpu_seconds"]
                line += f"; crowd-kit {beside['cpu_seconds']:.2f} CPU s, {beside['mib_beyond_the_votes']:.0f} MiB"
                line += f" ({times:.0f} times as long)"
            print(line, flush=True)


if __name__ == "__main__":
    main()
